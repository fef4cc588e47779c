/** The export of traces by OpenTelemetry's protocol. No class of it is loaded unless it is configured. */
@NullMarked
package parlour.telemetry;

import org.jspecify.annotations.NullMarked;

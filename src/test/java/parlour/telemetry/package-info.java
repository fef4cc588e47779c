@NullMarked
package parlour.telemetry;

import org.jspecify.annotations.NullMarked;

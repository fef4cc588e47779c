/** The history of the metrics, which the console plots (docs/adr/0097). */
@NullMarked
package parlour.samples;

import org.jspecify.annotations.NullMarked;

/** Tests of the history of the metrics. */
@NullMarked
package parlour.samples;

import org.jspecify.annotations.NullMarked;

/** Numbers about this process for a Prometheus server. */
@NullMarked
package parlour.metrics;

import org.jspecify.annotations.NullMarked;

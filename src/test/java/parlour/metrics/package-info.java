@NullMarked
package parlour.metrics;

import org.jspecify.annotations.NullMarked;

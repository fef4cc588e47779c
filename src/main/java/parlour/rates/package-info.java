/** All rates, and the buckets that count calls in memory. */
@NullMarked
package parlour.rates;

import org.jspecify.annotations.NullMarked;

/** How often somebody may do something: all rates in one place, and where calls are counted. */
@NullMarked
package parlour.rates;

import org.jspecify.annotations.NullMarked;

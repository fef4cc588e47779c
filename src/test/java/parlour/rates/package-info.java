@NullMarked
package parlour.rates;

import org.jspecify.annotations.NullMarked;

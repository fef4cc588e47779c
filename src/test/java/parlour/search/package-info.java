/** The words of a search alone. */
@NullMarked
package parlour.search;

import org.jspecify.annotations.NullMarked;

/** The words of a search and of the texts that it searches, in every language. Knows no store. */
@NullMarked
package parlour.search;

import org.jspecify.annotations.NullMarked;

/** Starship (S): the edge, which receives every public call. */
@NullMarked
package parlour.starship;

import org.jspecify.annotations.NullMarked;

/** Starship (S): the edge, the only public door. */
@NullMarked
package parlour.starship;

import org.jspecify.annotations.NullMarked;

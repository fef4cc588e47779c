@NullMarked
package parlour.starship;

import org.jspecify.annotations.NullMarked;

/** The code that the APIs share, alone. */
@NullMarked
package parlour.api;

import org.jspecify.annotations.NullMarked;

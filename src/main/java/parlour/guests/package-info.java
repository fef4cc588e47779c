/** The guest's API and stream. */
@NullMarked
package parlour.guests;

import org.jspecify.annotations.NullMarked;

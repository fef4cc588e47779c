/** What one process tells the others at once; no more than a hint. */
@NullMarked
package parlour.notices;

import org.jspecify.annotations.NullMarked;

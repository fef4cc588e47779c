/** Breaks the rules on purpose; see ArchitectureTest. */
@NullMarked
package parlour.spec.wrong.guests;

import org.jspecify.annotations.NullMarked;

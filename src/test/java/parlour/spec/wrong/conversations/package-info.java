/** Breaks the rules on purpose; see ArchitectureTest. */
@NullMarked
package parlour.spec.wrong.conversations;

import org.jspecify.annotations.NullMarked;

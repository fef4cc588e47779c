/** Breaks the rules on purpose; see ArchitectureTest. */
@NullMarked
package parlour.spec.wrong.starship;

import org.jspecify.annotations.NullMarked;

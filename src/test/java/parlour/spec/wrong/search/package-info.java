/** Breaks the rules on purpose; see ArchitectureTest. */
@NullMarked
package parlour.spec.wrong.search;

import org.jspecify.annotations.NullMarked;

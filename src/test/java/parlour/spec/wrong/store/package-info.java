/** Breaks the rules on purpose; see ArchitectureTest. */
@NullMarked
package parlour.spec.wrong.store;

import org.jspecify.annotations.NullMarked;

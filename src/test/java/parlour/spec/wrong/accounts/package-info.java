/** Breaks the rules on purpose; see ArchitectureTest. */
@NullMarked
package parlour.spec.wrong.accounts;

import org.jspecify.annotations.NullMarked;

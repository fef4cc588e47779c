/** Breaks the rules on purpose; see ArchitectureTest. */
@NullMarked
package parlour.spec.wrong.federatedauth;

import org.jspecify.annotations.NullMarked;

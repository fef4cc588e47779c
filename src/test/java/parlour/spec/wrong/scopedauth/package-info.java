/** Breaks the rules on purpose; see ArchitectureTest. */
@NullMarked
package parlour.spec.wrong.scopedauth;

import org.jspecify.annotations.NullMarked;

/** Breaks the rules on purpose; see ArchitectureTest. */
@NullMarked
package parlour.spec.wrong.http;

import org.jspecify.annotations.NullMarked;

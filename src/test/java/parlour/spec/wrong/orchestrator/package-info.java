/** Breaks the rules on purpose; see ArchitectureTest. */
@NullMarked
package parlour.spec.wrong.orchestrator;

import org.jspecify.annotations.NullMarked;

/** What ArchitectureTest must find: broken on purpose. */
@NullMarked
package parlour.spec.wrong.orchestrator;

import org.jspecify.annotations.NullMarked;

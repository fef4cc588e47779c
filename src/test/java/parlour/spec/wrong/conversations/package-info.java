/** What ArchitectureTest must find: broken on purpose. */
@NullMarked
package parlour.spec.wrong.conversations;

import org.jspecify.annotations.NullMarked;

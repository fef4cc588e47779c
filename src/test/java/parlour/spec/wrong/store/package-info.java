/** What ArchitectureTest must find: broken on purpose. */
@NullMarked
package parlour.spec.wrong.store;

import org.jspecify.annotations.NullMarked;

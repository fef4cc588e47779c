/** What ArchitectureTest must find: broken on purpose. */
@NullMarked
package parlour.spec.wrong.scopedauth;

import org.jspecify.annotations.NullMarked;

/** What ArchitectureTest must find: broken on purpose. */
@NullMarked
package parlour.spec.wrong.federatedauth;

import org.jspecify.annotations.NullMarked;

/** What ArchitectureTest must find: broken on purpose. */
@NullMarked
package parlour.spec.wrong.starship;

import org.jspecify.annotations.NullMarked;

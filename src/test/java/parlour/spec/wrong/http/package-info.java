/** What ArchitectureTest must find: broken on purpose. */
@NullMarked
package parlour.spec.wrong.http;

import org.jspecify.annotations.NullMarked;

/** HTTP as Parlour speaks it; what its parts share. */
@NullMarked
package parlour.http;

import org.jspecify.annotations.NullMarked;

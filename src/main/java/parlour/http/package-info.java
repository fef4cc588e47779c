/** HTTP as Parlour speaks it: routes, bodies, errors, the listeners, and the internal client. */
@NullMarked
package parlour.http;

import org.jspecify.annotations.NullMarked;

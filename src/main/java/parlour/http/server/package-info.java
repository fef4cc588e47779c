/** The listeners: connections, routes, requests and answers. */
@NullMarked
package parlour.http.server;

import org.jspecify.annotations.NullMarked;

/** WebSockets of a listener, and their limits. */
@NullMarked
package parlour.http.websocket;

import org.jspecify.annotations.NullMarked;

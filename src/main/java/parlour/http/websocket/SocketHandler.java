package parlour.http.websocket;

import parlour.http.HttpFailure;

/**
 * Serves one WebSocket from its opening to its end, on a virtual thread of its own.
 *
 * <p>Its return closes the socket by {@link Socket#NORMAL}. It need not catch {@link Socket.Closed}
 * and {@link Socket.Silent}. An outage and a temporary {@link HttpFailure} close the socket by
 * {@link Socket#TRY_LATER}, any other {@link HttpFailure} by {@link Socket#REFUSED}.
 */
@FunctionalInterface
public interface SocketHandler {
  void run(Socket socket);
}

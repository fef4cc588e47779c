package parlour.http.websocket;

import parlour.http.HttpFailure;

/**
 * The life of one WebSocket, from its first line to its last, on a virtual thread of its own.
 *
 * <p>When it returns, the socket is closed by {@link Socket#NORMAL}. It may let {@link
 * Socket.Closed} and {@link Socket.Silent} pass. An outage closes by {@link Socket#TRY_LATER}, a
 * {@link HttpFailure} by that or by {@link Socket#REFUSED}, whatever its action says.
 */
@FunctionalInterface
public interface SocketHandler {
  void run(Socket socket);
}

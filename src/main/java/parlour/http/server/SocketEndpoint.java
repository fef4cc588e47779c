package parlour.http.server;

import parlour.http.HttpFailure;
import parlour.http.websocket.SocketHandler;

/** Accepts or refuses the handshake of a WebSocket. Runs on a virtual thread, so it may block. */
@FunctionalInterface
public interface SocketEndpoint {
  /**
   * Accepts a handshake by its path and headers. The handler must copy what it needs of the
   * request: a reference would keep the whole request in memory while the socket is open.
   *
   * @throws HttpFailure to refuse; the caller gets an ordinary answer
   */
  SocketHandler accept(ApiRequest call);
}

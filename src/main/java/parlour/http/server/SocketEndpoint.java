package parlour.http.server;

import parlour.http.HttpFailure;
import parlour.http.websocket.SocketHandler;

/** Decides on a WebSocket's handshake, on a virtual thread: it may block. */
@FunctionalInterface
public interface SocketEndpoint {
  /**
   * Looks at the handshake: its headers, its path. The handler keeps of them what it needs, and not
   * the call, which would hold a whole request in memory for as long as the socket lives.
   *
   * @throws HttpFailure to refuse: the caller gets an ordinary answer, and no socket
   */
  SocketHandler accept(ApiRequest call);
}

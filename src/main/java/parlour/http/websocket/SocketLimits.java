package parlour.http.websocket;

import java.time.Duration;
import parlour.Limits;

/**
 * The bounds of every WebSocket of a listener.
 *
 * @param frameBytes of the longest text that is received
 * @param idle the longest time without a byte either way
 * @param send how long one text may take to be sent
 * @param goodbye from our close to the end of the connection
 * @param hello time from the handshake to the first text, on an edge that forwards a socket
 * @param silence time from one text to the next, on such an edge
 * @param overdue how much later another thread ends a socket that should have ended itself
 */
public record SocketLimits(
    int frameBytes,
    Duration idle,
    Duration send,
    Duration goodbye,
    Duration hello,
    Duration silence,
    Duration overdue) {
  public static final SocketLimits DEFAULT = new SocketLimits(
      Limits.SOCKET_FRAME,
      Limits.SOCKET_IDLE,
      Limits.SOCKET_SEND,
      Limits.SOCKET_CLOSE,
      Limits.SOCKET_HELLO,
      Limits.SOCKET_SILENCE,
      Limits.SOCKET_OVERDUE);
}

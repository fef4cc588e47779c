package parlour.http.websocket;

import java.time.Duration;
import parlour.Limits;

/**
 * The bounds of every WebSocket of a listener.
 *
 * @param textBytes the longest text that is received
 * @param binaryBytes the longest binary message that is received
 * @param step the time in which a long message must bring {@link Limits#BODY_STEP} bytes
 * @param idle the longest time without a byte in either direction
 * @param send the longest time in which a peer must read a message
 * @param goodbye the time from our close frame to the end of the connection
 * @param hello the longest time from the handshake to the first message, at the edge
 * @param silence the longest time from one message to the next, at the edge
 * @param overdue how much later a platform thread ends a socket whose own thread did not
 */
public record SocketLimits(
    int textBytes,
    int binaryBytes,
    Duration step,
    Duration idle,
    Duration send,
    Duration goodbye,
    Duration hello,
    Duration silence,
    Duration overdue) {
  public static final SocketLimits DEFAULT = new SocketLimits(
      Limits.SOCKET_FRAME,
      Limits.REALTIME_FRAME,
      Limits.BODY_STEP_DEADLINE,
      Limits.SOCKET_IDLE,
      Limits.SOCKET_SEND,
      Limits.SOCKET_CLOSE,
      Limits.SOCKET_HELLO,
      Limits.SOCKET_SILENCE,
      Limits.SOCKET_OVERDUE);

  /** The longest message of a kind that is received. */
  int bytes(SocketKind kind) {
    return switch (kind) {
      case TEXT -> textBytes;
      case BINARY -> binaryBytes;
    };
  }
}

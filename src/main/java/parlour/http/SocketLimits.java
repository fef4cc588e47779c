package parlour.http;

import java.time.Duration;
import parlour.Limits;

/**
 * The bounds of every WebSocket of a listener.
 *
 * @param frameBytes of the longest text that is received
 * @param idle the longest time without a byte either way
 * @param send how long one text may take to be sent
 * @param goodbye from our close to the end of the connection
 */
public record SocketLimits(int frameBytes, Duration idle, Duration send, Duration goodbye) {
  public static final SocketLimits DEFAULT = new SocketLimits(
      Limits.SOCKET_FRAME, Limits.SOCKET_IDLE, Limits.SOCKET_SEND, Limits.SOCKET_GOODBYE);
}

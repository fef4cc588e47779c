package parlour.http.websocket;

import java.util.concurrent.ConcurrentHashMap;
import parlour.Limits;
import parlour.TooManyRequests;

/**
 * Bounds the sockets that each caller has open in this process: with one token, a caller could open
 * thousands.
 *
 * @param <K> the key of a caller
 */
public final class OpenSockets<K> {
  private final ConcurrentHashMap<K, Integer> open = new ConcurrentHashMap<>();

  /**
   * Runs the work of a caller's socket, and counts the socket meanwhile.
   *
   * @throws TooManyRequests if the caller has the maximum already
   */
  public void within(K caller, Runnable socket) {
    open.compute(caller, (_, count) -> {
      if (count != null && count >= Limits.SOCKETS_PER_SESSION) {
        throw new TooManyRequests("sockets of one session", Limits.RETRY_AFTER);
      }
      return count == null ? 1 : count + 1;
    });
    try {
      socket.run();
    } finally {
      open.computeIfPresent(caller, (_, count) -> count == 1 ? null : count - 1);
    }
  }
}

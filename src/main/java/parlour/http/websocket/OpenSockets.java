package parlour.http.websocket;

import java.util.concurrent.ConcurrentHashMap;
import parlour.Limits;
import parlour.TooManyRequests;

/**
 * How many sockets each caller has open here: whoever has one token can open thousands.
 *
 * @param <K> what callers are told apart by
 */
public final class OpenSockets<K> {
  private final ConcurrentHashMap<K, Integer> open = new ConcurrentHashMap<>();

  /**
   * Runs what a caller's socket does, and counts it meanwhile.
   *
   * @throws TooManyRequests when the caller has as many as are allowed
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

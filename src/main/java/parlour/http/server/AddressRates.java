package parlour.http.server;

import java.time.Duration;
import java.util.Optional;
import parlour.rates.LocalRateLimiter;
import parlour.rates.Rate;
import parlour.rates.RateLimiter;

/**
 * Counts the calls of a client, and of the {@link AddressBlock}s around it. The blocks are counted
 * only in this process: if nodes share a Redis, each further bucket would cost a round trip.
 */
public final class AddressRates {
  private final RateLimiter clients;
  private final RateLimiter blocks;

  public AddressRates(RateLimiter clients) {
    this.clients = clients;
    this.blocks = clients.isCounting() ? new LocalRateLimiter() : RateLimiter.UNLIMITED;
  }

  /** Whether rate limits are on. */
  public boolean isCounting() {
    return clients.isCounting();
  }

  /** Counts a call; returns the time to wait if it is one too many. */
  public Optional<Duration> tryAcquire(Rate rate, String client, int drops) {
    Optional<Duration> wait = clients.tryAcquire(rate, client, drops);
    for (AddressBlock block : AddressBlock.around(client)) {
      if (wait.isEmpty() && block.times() > 1) {
        wait = tryAcquire(rate, block, drops);
      }
    }
    return wait;
  }

  /**
   * A block has as many buckets as clients whose limits it may use; a call is allowed if one of
   * them holds enough.
   */
  private Optional<Duration> tryAcquire(Rate rate, AddressBlock block, int drops) {
    Optional<Duration> wait = Optional.empty();
    for (int i = 0; i < block.times(); i++) {
      wait = blocks.tryAcquire(rate, block.name() + "/" + i, drops);
      if (wait.isEmpty()) {
        return wait;
      }
    }
    return wait;
  }
}

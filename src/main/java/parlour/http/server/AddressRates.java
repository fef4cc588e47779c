package parlour.http.server;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
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

  /** The answer to {@link #reserve}. */
  public sealed interface Reserved {
    /** The call is one too many: the time to wait. */
    record Refused(Duration retryAfter) implements Reserved {}

    /** The drops are taken, until some of them are given back. */
    non-sealed interface Taken extends Reserved {
      /** Gives back those that the call did not use. */
      void giveBack(int drops);
    }
  }

  /** Counts a call; returns the time to wait if it is one too many. */
  public Optional<Duration> tryAcquire(Rate rate, String client, int drops) {
    return switch (reserve(rate, client, drops)) {
      case Reserved.Refused(Duration wait) -> Optional.of(wait);
      case Reserved.Taken _ -> Optional.empty();
    };
  }

  /** Counts a call whose use is known only later. A refused call takes nothing. */
  public Reserved reserve(Rate rate, String client, int drops) {
    Optional<Duration> wait = clients.tryAcquire(rate, client, drops);
    if (wait.isPresent()) {
      return new Reserved.Refused(wait.get());
    }
    List<String> taken = new ArrayList<>();
    Reserved.Taken all = unused -> {
      clients.giveBack(rate, client, unused);
      taken.forEach(bucket -> blocks.giveBack(rate, bucket, unused));
    };
    for (AddressBlock block : AddressBlock.around(client)) {
      if (block.times() > 1) {
        wait = tryAcquire(rate, block, drops, taken);
        if (wait.isPresent()) {
          all.giveBack(drops);
          return new Reserved.Refused(wait.get());
        }
      }
    }
    return all;
  }

  /**
   * A block has as many buckets as clients whose limits it may use; a call is allowed if one of
   * them holds enough.
   *
   * @param taken gets the bucket that held enough
   */
  private Optional<Duration> tryAcquire(
      Rate rate, AddressBlock block, int drops, List<String> taken) {
    Optional<Duration> wait = Optional.empty();
    for (int i = 0; i < block.times(); i++) {
      String bucket = block.name() + "/" + i;
      wait = blocks.tryAcquire(rate, bucket, drops);
      if (wait.isEmpty()) {
        taken.add(bucket);
        return wait;
      }
    }
    return wait;
  }
}

package parlour.http.server;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import parlour.rates.LocalRateLimiter;
import parlour.rates.Rate;
import parlour.rates.RateLimiter;
import parlour.rates.RateLimiter.Reserved;

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
    return switch (reserve(rate, client, drops)) {
      case Reserved.Refused(Duration wait) -> Optional.of(wait);
      case Reserved.Taken _ -> Optional.empty();
    };
  }

  /** Counts a call whose use is known only later. A refused call takes nothing. */
  public Reserved reserve(Rate rate, String client, int drops) {
    List<Reserved.Taken> taken = new ArrayList<>();
    Reserved answer = clients.reserve(rate, client, drops);
    for (AddressBlock block : AddressBlock.around(client)) {
      if (block.times() > 1 && answer instanceof Reserved.Taken one) {
        taken.add(one);
        answer = reserve(rate, block, drops);
      }
    }
    return switch (answer) {
      case Reserved.Refused refused -> {
        taken.forEach(one -> one.giveBack(drops));
        yield refused;
      }
      case Reserved.Taken last -> {
        taken.add(last);
        yield (Reserved.Taken) unused -> taken.forEach(one -> one.giveBack(unused));
      }
    };
  }

  /**
   * A block has as many buckets as clients whose limits it may use; a call is allowed if one of
   * them holds enough.
   */
  private Reserved reserve(Rate rate, AddressBlock block, int drops) {
    Reserved answer = blocks.reserve(rate, block.name() + "/0", drops);
    for (int i = 1; i < block.times() && answer instanceof Reserved.Refused; i++) {
      answer = blocks.reserve(rate, block.name() + "/" + i, drops);
    }
    return answer;
  }
}

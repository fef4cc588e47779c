package parlour.rates;

import java.time.Duration;
import java.util.Optional;

/**
 * Counts each call in two limiters, and admits it if both do. While the internal secret is changed, nodes
 * count under different names, and each two of them share one of the names.
 */
public record StrictestRateLimiter(RateLimiter first, RateLimiter second) implements RateLimiter {
  @Override
  public Optional<Duration> tryAcquire(Rate rate, String whose, int drops) {
    return switch (reserve(rate, whose, drops)) {
      case Reserved.Refused(Duration wait) -> Optional.of(wait);
      case Reserved.Taken _ -> Optional.empty();
    };
  }

  @Override
  public Reserved reserve(Rate rate, String whose, int drops) {
    return switch (first.reserve(rate, whose, drops)) {
      case Reserved.Refused refused -> refused;
      case Reserved.Taken taken -> {
        Reserved other = second.reserve(rate, whose, drops);
        if (other instanceof Reserved.Taken also) {
          yield (Reserved.Taken) unused -> {
            taken.giveBack(unused);
            also.giveBack(unused);
          };
        }
        taken.giveBack(drops); // a refused call takes nothing
        yield other;
      }
    };
  }
}

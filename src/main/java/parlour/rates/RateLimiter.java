package parlour.rates;

import java.time.Duration;
import java.util.Optional;

/**
 * Where calls are counted: a bucket for each {@link Rate} and whoever it is of, full at first,
 * refilled drop by drop.
 */
@FunctionalInterface
public interface RateLimiter {
  /** Where nothing is limited: something in front does it. */
  RateLimiter UNLIMITED = (rate, whose, drops) -> Optional.empty();

  /**
   * Counts a call; the time to wait when it is one too many. That one takes nothing, so that asking
   * again and again makes nobody's wait longer. Never throws.
   *
   * @param whose the address, key, session or name that is counted
   * @param drops what the call counts: one, or more if it has many bytes; see {@link Rate#drops}
   */
  Optional<Duration> tryAcquire(Rate rate, String whose, int drops);

  /** Whether rate limits are on. */
  default boolean isCounting() {
    return !equals(UNLIMITED);
  }

  /** Counts a call as one drop. */
  default Optional<Duration> tryAcquire(Rate rate, String whose) {
    return tryAcquire(rate, whose, 1);
  }
}

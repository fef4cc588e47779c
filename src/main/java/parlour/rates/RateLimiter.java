package parlour.rates;

import java.time.Duration;
import java.util.Optional;

/**
 * Limits calls by token buckets: one {@link Bucket} for each {@link Rate} and each address, key,
 * session or name. A bucket is full at first, and is refilled steadily.
 */
@FunctionalInterface
public interface RateLimiter {
  /** Limits nothing, for installations where a proxy in front does it. */
  RateLimiter UNLIMITED = (rate, whose, drops) -> Optional.empty();

  /**
   * Takes drops from a bucket. A refused call takes nothing, so that retries do not make the wait
   * longer. Does not throw.
   *
   * @param whose the address, key, session or name that is counted
   * @param drops how many the call takes: one, or more if it has many bytes; see {@link Rate#drops}
   * @return empty if the call is allowed; otherwise how long to wait before it can be
   */
  Optional<Duration> tryAcquire(Rate rate, String whose, int drops);

  /** Gives back drops that a call took, and did not use. Does not throw. */
  default void giveBack(Rate rate, String whose, int drops) {}

  /** Whether rate limits are on. */
  default boolean isCounting() {
    return !equals(UNLIMITED);
  }

  /** Takes one drop. */
  default Optional<Duration> tryAcquire(Rate rate, String whose) {
    return tryAcquire(rate, whose, 1);
  }
}

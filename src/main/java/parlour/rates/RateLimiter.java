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

  /**
   * Takes drops of which a call may use fewer, as it is known only at its end. They are given back
   * where they were taken, and only if they were counted there; otherwise a bucket would hold drops
   * that others have used. Does not throw.
   */
  default Reserved reserve(Rate rate, String whose, int drops) {
    return Reserved.of(tryAcquire(rate, whose, drops), _ -> {});
  }

  /** The answer to {@link #reserve}. */
  sealed interface Reserved {
    /** The call is one too many: the time to wait. */
    record Refused(Duration retryAfter) implements Reserved {}

    /** The drops are taken, until some of them are given back. */
    non-sealed interface Taken extends Reserved {
      /**
       * Gives back those that the call did not use. Those that cannot be given back now come back
       * to the bucket as all others do, with the time. Does not throw.
       */
      void giveBack(int drops);
    }

    /** The answer of {@link RateLimiter#tryAcquire}, and how to give back what it took. */
    static Reserved of(Optional<Duration> wait, Taken taken) {
      return wait.<Reserved>map(Refused::new).orElse(taken);
    }
  }

  /** Whether rate limits are on. */
  default boolean isCounting() {
    return !equals(UNLIMITED);
  }

  /** Takes one drop. */
  default Optional<Duration> tryAcquire(Rate rate, String whose) {
    return tryAcquire(rate, whose, 1);
  }
}

package parlour.rates;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import parlour.Limits;

class LocalRateLimiterTest extends RateLimiterContract {
  private final AtomicLong clock = new AtomicLong();

  @Override
  protected RateLimiter limiter() {
    return new LocalRateLimiter(clock::get);
  }

  @Override
  protected long nanos() {
    return clock.get();
  }

  @Override
  protected void pass(Duration time) {
    clock.addAndGet(time.toNanos());
  }

  @ParameterizedTest
  @EnumSource(Rate.class)
  void every_rate_admits_its_calls_at_once_and_the_next_one_after_the_wait(Rate rate) {
    RateLimiter limiter = new LocalRateLimiter(clock::get);
    assertThat(allowed(limiter, rate, "a", rate.calls() + 10)).isEqualTo(rate.calls());
    Duration wait = limiter.tryAcquire(rate, "a").orElseThrow();
    clock.addAndGet(wait.toNanos() - 1);
    assertThat(limiter.tryAcquire(rate, "a")).contains(Duration.ofNanos(1));
    clock.addAndGet(1);
    assertThat(allowed(limiter, rate, "a", 10)).isEqualTo(1);
    clock.addAndGet(TimeUnit.MICROSECONDS.toNanos(rate.windowMicros()));
    assertThat(allowed(limiter, rate, "a", rate.calls() + 10)).isEqualTo(rate.calls());
  }

  @ParameterizedTest
  @ValueSource(longs = {Long.MIN_VALUE, -1_000, 0, Long.MAX_VALUE - 1_000})
  void a_clock_that_overflows_changes_nothing(long start) {
    clock.set(start);
    RateLimiter limiter = new LocalRateLimiter(clock::get);
    allowed(limiter, Rate.REFUSALS, "a", Rate.REFUSALS.calls());
    clock.addAndGet(Limits.RATE_WINDOW.toNanos() / 2);
    assertThat(allowed(limiter, Rate.REFUSALS, "a", Rate.REFUSALS.calls()))
        .isEqualTo(Rate.REFUSALS.calls() / 2);
  }

  @Test
  void a_clock_that_goes_backwards_fills_no_bucket_and_costs_no_more_than_one_drop() {
    RateLimiter limiter = new LocalRateLimiter(clock::get);
    allowed(limiter, Rate.REFUSALS, "a", Rate.REFUSALS.calls());
    clock.addAndGet(-Duration.ofHours(1).toNanos());
    Duration drop = Limits.RATE_WINDOW.dividedBy(Rate.REFUSALS.calls());
    assertThat(limiter.tryAcquire(Rate.REFUSALS, "a")).contains(drop);
    clock.addAndGet(drop.toNanos());
    assertThat(allowed(limiter, Rate.REFUSALS, "a", 10)).isLessThanOrEqualTo(1);
  }

  /** Otherwise a client that was refused too often could erase its bucket by cheap calls. */
  @Test
  void a_flood_of_addresses_evicts_no_bucket_of_a_session() {
    RateLimiter limiter = limiter();
    allowed(limiter, Rate.REFUSALS, "a", Rate.REFUSALS.calls() * 2);
    for (int i = 0; i < Limits.CLIENT_BUCKETS + Limits.REFUSAL_BUCKETS; i++) {
      var _ = limiter.tryAcquire(Rate.CREATES, "address " + i);
    }
    assertThat(allowed(limiter, Rate.REFUSALS, "a", Rate.REFUSALS.calls())).isZero();
  }
}

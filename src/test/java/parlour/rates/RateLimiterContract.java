package parlour.rates;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import parlour.Limits;

/** What every rate limiter must do. */
public abstract class RateLimiterContract {
  private static final Rate RATE = Rate.REFUSALS;

  protected abstract RateLimiter limiter();

  @Test
  void a_bucket_holds_the_calls_of_its_rate_and_then_says_how_long_to_wait() {
    RateLimiter limiter = limiter();
    int let = allowed(limiter, RATE, "a", RATE.calls() * 2);
    assertThat(let).isBetween(RATE.calls(), RATE.calls() + 1); // one may be refilled meanwhile
    Duration drop = Limits.RATE_WINDOW.dividedBy(RATE.calls());
    assertThat(limiter.tryAcquire(RATE, "a"))
        .hasValueSatisfying(wait -> assertThat(wait).isPositive().isLessThanOrEqualTo(drop));
  }

  @Test
  void a_refused_call_does_not_make_the_wait_longer() {
    RateLimiter limiter = limiter();
    allowed(limiter, RATE, "a", RATE.calls() * 2);
    Duration first = limiter.tryAcquire(RATE, "a").orElse(Duration.ZERO);
    allowed(limiter, RATE, "a", RATE.calls() * 10);
    Duration drop = Limits.RATE_WINDOW.dividedBy(RATE.calls());
    assertThat(first).isLessThanOrEqualTo(drop);
    assertThat(limiter.tryAcquire(RATE, "a").orElse(Duration.ZERO)).isLessThanOrEqualTo(drop);
  }

  @Test
  void after_the_wait_there_is_one_more_and_not_two() throws InterruptedException {
    RateLimiter limiter = limiter();
    allowed(limiter, RATE, "a", RATE.calls() * 2);
    Optional<Duration> wait = limiter.tryAcquire(RATE, "a");
    TimeUnit.NANOSECONDS.sleep(wait.orElse(Duration.ZERO).toNanos() + 5_000_000);
    assertThat(limiter.tryAcquire(RATE, "a")).isEmpty();
    assertThat(limiter.tryAcquire(RATE, "a")).isPresent();
  }

  @Test
  void a_call_with_many_bytes_takes_as_much_as_several_small_ones() {
    RateLimiter limiter = limiter();
    int calls = Rate.SESSION_MESSAGES.calls();
    int drops = Rate.SESSION_MESSAGES.drops(Limits.MESSAGE_BODY_BYTES);
    assertThat(drops).isBetween(2, calls / 10);
    int let = 0;
    for (int i = 0; i < calls; i++) {
      if (limiter.tryAcquire(Rate.SESSION_MESSAGES, "a", drops).isEmpty()) {
        let++;
      }
    }
    assertThat(let).isBetween(calls / drops, calls / drops + 1);
    assertThat((long) let * Limits.MESSAGE_BODY_BYTES)
        .isLessThanOrEqualTo(Limits.SESSION_MESSAGE_BYTES_PER_MINUTE + Limits.MESSAGE_BODY_BYTES);
    assertThat(limiter.tryAcquire(Rate.SESSION_MESSAGES, "a", drops))
        .hasValueSatisfying(wait -> assertThat(wait)
            .isLessThanOrEqualTo(Limits.RATE_WINDOW.multipliedBy(drops).dividedBy(calls)));
  }

  @Test
  void short_calls_count_once_and_the_longest_call_is_possible() {
    assertThat(Rate.SESSION_MESSAGES.drops(0)).isEqualTo(1);
    assertThat(Rate.SESSION_MESSAGES.drops(2_000)).isEqualTo(1);
    assertThat(Rate.MESSAGES.drops(Limits.MESSAGE_CALL_BODY)).isLessThan(Rate.MESSAGES.calls());
    assertThat(Rate.REFRESHES.drops(Limits.REFRESH_BODY)).isEqualTo(1);
  }

  @Test
  void each_client_and_each_rate_is_counted_separately() {
    RateLimiter limiter = limiter();
    allowed(limiter, RATE, "a", RATE.calls() * 2);
    assertThat(allowed(limiter, RATE, "b", RATE.calls())).isEqualTo(RATE.calls());
    assertThat(limiter.tryAcquire(Rate.SIGN_INS, "a")).isEmpty();
  }

  /** Makes calls, and returns how many were allowed. */
  protected static int allowed(RateLimiter limiter, Rate rate, String whose, int calls) {
    int let = 0;
    for (int i = 0; i < calls; i++) {
      if (limiter.tryAcquire(rate, whose).isEmpty()) {
        let++;
      }
    }
    return let;
  }
}

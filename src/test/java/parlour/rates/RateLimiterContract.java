package parlour.rates;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import parlour.Limits;

/** The duties of every rate limiter. */
public abstract class RateLimiterContract {
  private static final Rate RATE = Rate.REFUSALS;
  private static final Duration DROP = Limits.RATE_WINDOW.dividedBy(RATE.calls());

  protected abstract RateLimiter limiter();

  /** The time by which this limiter counts. */
  protected abstract long nanos();

  /** Lets that time pass. */
  protected abstract void pass(Duration time) throws InterruptedException;

  @Test
  void a_bucket_holds_the_calls_of_its_rate_and_then_says_how_long_to_wait() {
    RateLimiter limiter = limiter();
    long began = nanos();
    int let = 0;
    Optional<Duration> wait = limiter.tryAcquire(RATE, "a");
    while (wait.isEmpty()) {
      let++;
      wait = limiter.tryAcquire(RATE, "a");
    }
    assertThat(let).isBetween(RATE.calls(), RATE.calls() + refilledSince(began, RATE));
    assertThat(wait)
        .hasValueSatisfying(time -> assertThat(time).isPositive().isLessThanOrEqualTo(DROP));
  }

  @Test
  void a_refused_call_does_not_make_the_wait_longer() {
    RateLimiter limiter = limiter();
    allowed(limiter, RATE, "a", RATE.calls() * 2);
    Duration first = limiter.tryAcquire(RATE, "a").orElse(Duration.ZERO);
    allowed(limiter, RATE, "a", RATE.calls() * 10);
    assertThat(first).isLessThanOrEqualTo(DROP);
    assertThat(limiter.tryAcquire(RATE, "a").orElse(Duration.ZERO)).isLessThanOrEqualTo(DROP);
  }

  @Test
  void after_the_wait_there_is_one_more_and_not_two() throws InterruptedException {
    RateLimiter limiter = limiter();
    allowed(limiter, RATE, "a", RATE.calls() * 2);
    long began = nanos();
    Optional<Duration> wait = limiter.tryAcquire(RATE, "a");
    pass(wait.orElse(Duration.ZERO).plusMillis(5));
    int let = allowed(limiter, RATE, "a", RATE.calls() * 2);
    assertThat(let).isBetween(1, refilledSince(began, RATE));
  }

  @Test
  void a_call_with_many_bytes_takes_as_much_as_several_small_ones() {
    RateLimiter limiter = limiter();
    int calls = Rate.SESSION_MESSAGES.calls();
    int drops = Rate.SESSION_MESSAGES.drops(Limits.MESSAGE_BODY_BYTES);
    assertThat(drops).isBetween(2, calls / 10);
    long began = nanos();
    int let = 0;
    for (int i = 0; i < calls; i++) {
      if (limiter.tryAcquire(Rate.SESSION_MESSAGES, "a", drops).isEmpty()) {
        let++;
      }
    }
    int most = (calls + refilledSince(began, Rate.SESSION_MESSAGES)) / drops + 1;
    assertThat(let).isBetween(calls / drops, most);
    assertThat((long) calls / drops * Limits.MESSAGE_BODY_BYTES)
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
    assertThat(Rate.REFRESHES.drops(Limits.SMALL_BODY)).isEqualTo(1);
  }

  @Test
  void the_bucket_of_a_day_is_refilled_over_the_day() {
    RateLimiter limiter = limiter();
    int quarter = Rate.DAILY_UPLOADS.calls() / 4;
    for (int i = 0; i < 4; i++) {
      assertThat(limiter.tryAcquire(Rate.DAILY_UPLOADS, "a", quarter)).isEmpty();
    }
    assertThat(limiter.tryAcquire(Rate.DAILY_UPLOADS, "a", quarter))
        .hasValueSatisfying(wait ->
            assertThat(wait).isBetween(Limits.RATE_DAY.dividedBy(5), Limits.RATE_DAY.dividedBy(4)));
  }

  @Test
  void exactly_the_drops_that_a_call_did_not_use_are_given_back() {
    RateLimiter limiter = limiter();
    int calls = Rate.DAILY_UPLOADS.calls();
    taken(limiter, Rate.DAILY_UPLOADS, "a", calls).giveBack(calls / 2);
    assertThat(limiter.tryAcquire(Rate.DAILY_UPLOADS, "a", calls / 2 + 100)).isPresent();
    assertThat(limiter.tryAcquire(Rate.DAILY_UPLOADS, "a", calls / 2)).isEmpty();
    taken(limiter, Rate.DAILY_UPLOADS, "b", 1).giveBack(calls);
    RateLimiter.Reserved.Taken all = taken(limiter, Rate.DAILY_UPLOADS, "b", calls);
    assertThat(limiter.tryAcquire(Rate.DAILY_UPLOADS, "b", 100)).isPresent();
    all.giveBack(calls);
    assertThat(limiter.tryAcquire(Rate.DAILY_UPLOADS, "b", calls)).isEmpty();
  }

  /** Reserves drops of a bucket that holds them. */
  protected static RateLimiter.Reserved.Taken taken(
      RateLimiter limiter, Rate rate, String whose, int drops) {
    RateLimiter.Reserved answer = limiter.reserve(rate, whose, drops);
    assertThat(answer).isInstanceOf(RateLimiter.Reserved.Taken.class);
    return (RateLimiter.Reserved.Taken) answer;
  }

  @Test
  void each_client_and_each_rate_is_counted_separately() {
    RateLimiter limiter = limiter();
    allowed(limiter, RATE, "a", RATE.calls() * 2);
    assertThat(allowed(limiter, RATE, "b", RATE.calls())).isEqualTo(RATE.calls());
    assertThat(limiter.tryAcquire(Rate.SIGN_INS, "a")).isEmpty();
  }

  /** How many drops a bucket can have got since an instant, at most. */
  protected final int refilledSince(long began, Rate rate) {
    return (int) ((nanos() - began) / rate.refillNanos(1)) + 1;
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

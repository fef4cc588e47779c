package parlour.rates;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import parlour.Limits;

class LocalRateLimiterTest extends RateLimiterContract {

  @Override
  protected RateLimiter buckets() {
    return new LocalRateLimiter();
  }

  /** So that whoever was refused too often is not forgotten by a flood that costs its sender little. */
  @Test
  void a_flood_of_addresses_drives_no_session_out() {
    RateLimiter limiter = new LocalRateLimiter();
    letThrough(limiter, Rate.REFUSALS, "a", Rate.REFUSALS.calls() * 2);
    for (int i = 0; i < Limits.CLIENT_BUCKETS + Limits.REFUSAL_BUCKETS; i++) {
      var _ = limiter.tryAcquire(Rate.CREATES, "address " + i);
    }
    // A drop may have come back meanwhile, and no more.
    assertThat(letThrough(limiter, Rate.REFUSALS, "a", Rate.REFUSALS.calls()))
        .isLessThan(Rate.REFUSALS.calls() / 2);
  }
}

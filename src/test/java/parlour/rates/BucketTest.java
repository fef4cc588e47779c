package parlour.rates;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import parlour.Limits;

class BucketTest {
  private static final long NOW = Long.MAX_VALUE - 1; // every sum of times overflows
  private static final long WINDOW = Limits.RATE_WINDOW.toNanos();
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  private final Bucket bucket = new Bucket(NOW);

  @Test
  void a_part_of_a_bucket_is_empty_before_the_whole_of_it() {
    assertThat(bucket.tryAcquire(NOW, 10 * SECOND, 15 * SECOND)).isZero();
    assertThat(bucket.tryAcquire(NOW, 10 * SECOND, 15 * SECOND)).isEqualTo(5 * SECOND);
    assertThat(bucket.tryAcquire(NOW, WINDOW - 10 * SECOND)).isZero();
    assertThat(bucket.tryAcquire(NOW, 1)).isEqualTo(1);
    long later = NOW + WINDOW - 5 * SECOND;
    assertThat(bucket.tryAcquire(later, 10 * SECOND, 15 * SECOND)).isZero();
  }

  @Test
  void a_bucket_that_was_not_used_for_long_holds_no_more_than_a_full_one() {
    long later = NOW + 10 * WINDOW;
    assertThat(bucket.tryAcquire(later, WINDOW)).isZero();
    assertThat(bucket.tryAcquire(later, 1)).isEqualTo(1);
  }

  @Test
  void the_use_by_others_empties_a_bucket_and_never_fills_it() {
    bucket.use(NOW, 40 * SECOND);
    bucket.use(NOW, 30 * SECOND);
    assertThat(bucket.tryAcquire(NOW, 21 * SECOND)).isEqualTo(SECOND);
    bucket.use(NOW, 2 * WINDOW);
    assertThat(bucket.tryAcquire(NOW, SECOND)).isEqualTo(SECOND);
  }
}

package parlour;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class OverdueWaitsTest {
  private final Semaphore ended = new Semaphore(0);

  @Test
  void a_wait_that_nobody_ends_is_ended_after_its_time() throws Exception {
    long end = in(Duration.ofMillis(20));
    try (var _ = OverdueWaits.until(end, ended::release)) {
      assertThat(isEnded()).isTrue();
    }
    assertThat(System.nanoTime() - end).isNotNegative();
  }

  @Test
  void a_wait_that_has_ended_is_not_ended_again() throws Exception {
    var again = new AtomicBoolean();
    long end;
    do {
      again.set(false);
      end = in(Duration.ofMillis(200));
      OverdueWaits.until(end, () -> again.set(true)).close();
    } while (System.nanoTime() - end >= 0); // this thread was too slow
    try (var _ = OverdueWaits.until(end, ended::release)) {
      assertThat(isEnded()).isTrue();
    }
    assertThat(again).isFalse();
  }

  @Test
  void a_wait_that_cannot_be_ended_holds_up_no_other() throws Exception {
    Runnable fails = () -> {
      throw new IllegalStateException("a failure of the test");
    };
    try (var _ = OverdueWaits.until(in(Duration.ZERO), fails)) {
      for (int i = 0; i < 3; i++) {
        try (var _ = OverdueWaits.until(in(Duration.ZERO), ended::release)) {
          assertThat(isEnded()).isTrue();
        }
      }
    }
  }

  private static long in(Duration time) {
    return System.nanoTime() + time.toNanos();
  }

  private boolean isEnded() throws InterruptedException {
    return ended.tryAcquire(1, TimeUnit.MINUTES);
  }
}

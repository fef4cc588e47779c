package parlour.oidc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class DeadlineTest {
  /** Near the end of its range, because {@link System#nanoTime()} may pass it. */
  private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 1);

  @Test
  void each_call_has_its_own_limit_until_less_time_than_that_is_left() {
    Deadline deadline = new Deadline(Duration.ofSeconds(12), now::get);
    Duration call = Duration.ofSeconds(5);
    assertThat(deadline.left(call)).isEqualTo(call);
    pass(5);
    assertThat(deadline.left(call)).isEqualTo(call);
    pass(5);
    assertThat(deadline.left(call)).isEqualTo(Duration.ofSeconds(2));
    pass(2);
    assertThatThrownBy(() -> deadline.left(call)).isInstanceOf(ProviderUnavailable.class);
  }

  private void pass(int seconds) {
    now.addAndGet(Duration.ofSeconds(seconds).toNanos());
  }
}

package parlour.metrics;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import parlour.Limits;

/** How often the numbers are read. */
class ReadNumbersTest {
  @Test
  void a_caller_who_asks_without_end_has_the_numbers_read_once_in_their_age() {
    AtomicLong nanos = new AtomicLong(-7);
    AtomicInteger readings = new AtomicInteger();
    Metrics metrics = new Metrics(nanos::get);
    metrics.gauge("parlour_test", "A number of this test.", readings::incrementAndGet);
    for (int i = 0; i < 9; i++) {
      assertThat(new String(metrics.text(), UTF_8)).contains("parlour_test 1.0");
    }
    nanos.addAndGet(Limits.METRICS_AGE.toNanos());
    assertThat(new String(metrics.text(), UTF_8)).contains("parlour_test 2.0");
    assertThat(readings).hasValue(2);
  }
}

package parlour.samples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import parlour.ClockWatch;
import parlour.Limits;
import parlour.Unavailable;
import parlour.spec.TestClock;

/** When a process samples its numbers, and what becomes of samples that cannot be stored. */
class SamplerTest {
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final String ACCEPTED = Plot.REFRESHES.series("accepted");
  private static final String OPEN = Plot.SOCKETS.series("open");

  private final TestClock clock = new TestClock();
  private final ClockWatch watch = ClockWatch.of(clock);
  private final AtomicLong accepted = new AtomicLong();
  private final AtomicLong open = new AtomicLong();
  private final List<Sample> stored = new ArrayList<>();
  private final SampleSink sink = stored::addAll;
  private final Sampler sampler = new Sampler(watch, new SecureRandom());

  SamplerTest() {
    sampler.add(Plot.REFRESHES, () -> Map.of("accepted", accepted.get()));
    sampler.add(Plot.SOCKETS, () -> Map.of("open", open.get()));
  }

  @Test
  void each_minute_is_sampled_once_with_what_was_counted_in_it() {
    accepted.set(3);
    open.set(2);
    sampler.run(sink);
    assertThat(stored).isEmpty();
    clock.pass(MINUTE);
    sampler.run(sink);
    sampler.run(sink);
    accepted.set(10);
    clock.pass(MINUTE);
    sampler.run(sink);
    clock.pass(MINUTE);
    sampler.run(sink);
    assertThat(stored).extracting(one -> one.numbers().get(ACCEPTED)).containsExactly(3L, 7L, 0L);
    assertThat(stored).extracting(one -> one.numbers().get(OPEN)).containsExactly(2L, 2L, 2L);
    assertThat(stored.getLast().at()).isEqualTo(Span.HOUR.begin(clock.instant().minus(MINUTE)));
    assertThat(stored)
        .extracting(Sample::process)
        .containsOnly(stored.getFirst().process());
  }

  @Test
  void samples_wait_for_a_store_that_is_down_and_the_oldest_are_lost() {
    SampleSink down = samples -> {
      throw new Unavailable("the store", "it is down", null);
    };
    for (int minute = 0; minute <= Limits.SAMPLES_WAITING; minute++) {
      accepted.set(accepted.get() + minute);
      clock.pass(MINUTE);
      assertThatThrownBy(() -> sampler.run(down)).isInstanceOf(Unavailable.class);
      sampler.run(down); // asks the store no sooner than in the next minute
    }
    clock.pass(MINUTE);
    sampler.run(sink);
    assertThat(stored).hasSize(Limits.SAMPLES_WAITING);
    assertThat(stored.getFirst().numbers()).containsEntry(ACCEPTED, 2L);
    clock.pass(MINUTE);
    sampler.run(sink);
    assertThat(stored).hasSize(Limits.SAMPLES_WAITING + 1);
  }

  @Test
  void nothing_is_sampled_while_the_clock_is_in_doubt_and_the_counts_are_not_lost() {
    clock.pass(MINUTE);
    sampler.run(sink);
    accepted.set(5);
    clock.jump(Duration.ofDays(400));
    sampler.run(sink);
    assertThat(stored).hasSize(1);
    clock.jump(Duration.ofDays(-400));
    sampler.run(sink);
    clock.pass(Limits.CLOCK_SETTLING.plus(MINUTE));
    sampler.run(sink);
    assertThat(stored.getLast().numbers()).containsEntry(ACCEPTED, 5L);
    assertThat(stored).allMatch(one -> one.at().isBefore(clock.instant()));
  }

  @Test
  void a_sample_has_a_bounded_number_of_numbers_with_bounded_names() {
    sampler.add(Plot.REFUSALS, () -> {
      Map<String, Long> many = new HashMap<>();
      for (int i = 0; i < 2 * Limits.SAMPLE_NUMBERS; i++) {
        many.put("cause " + i, Long.MAX_VALUE);
      }
      return many;
    });
    sampler.add(Plot.REFUSALS, () -> Map.of("x".repeat(Limits.SAMPLE_NAME_CHARACTERS), 1L));
    clock.pass(MINUTE);
    sampler.run(sink);
    assertThat(stored.getFirst().numbers())
        .hasSize(Limits.SAMPLE_NUMBERS)
        .containsKeys(ACCEPTED, OPEN)
        .containsValue(Limits.MAX_SAMPLE_NUMBER);
  }
}

package parlour;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import parlour.spec.StoppedClock;

class ClockWatchTest {
  private final Logger logger = (Logger) LoggerFactory.getLogger(ClockWatch.class);
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
  private final StoppedClock clock = new StoppedClock();
  private final ClockWatch watch = ClockWatch.of(clock);
  private final AtomicInteger swept = new AtomicInteger();
  private final Runnable sweep = watch.sweeping(swept::incrementAndGet);

  @BeforeEach
  void listen() {
    logger.setLevel(Level.WARN);
    lines.start();
    logger.addAppender(lines);
  }

  @AfterEach
  void stop() {
    logger.detachAppender(lines);
    logger.setLevel(null);
  }

  @Test
  void a_clock_that_agrees_with_the_uptime_is_trusted_at_once_and_after_years() {
    assertThat(swept()).isTrue();
    clock.pass(Duration.ofDays(1_000));
    assertThat(swept()).isTrue();
    assertThat(watch.isInDoubt()).isFalse();
    assertThat(lines.list).isEmpty();
  }

  @Test
  void after_a_jump_nothing_is_deleted_until_the_clock_has_been_steady_and_it_is_logged_once() {
    for (Duration jump : new Duration[] {Duration.ofDays(10), Duration.ofDays(-10)}) {
      lines.list.clear();
      clock.jump(jump);
      for (int minutes = 0; minutes < Limits.CLOCK_STEADY.toMinutes(); minutes++) {
        assertThat(swept()).isFalse();
        clock.pass(Duration.ofMinutes(1));
      }
      assertThat(swept()).isTrue();
      assertThat(lines.list).hasSize(1);
      assertThat(lines.list.getFirst().getFormattedMessage())
          .contains("the clock jumped by " + jump.toSeconds() + " s");
    }
  }

  @Test
  void a_second_jump_begins_the_wait_anew() {
    clock.jump(Duration.ofDays(10));
    assertThat(swept()).isFalse();
    clock.pass(Limits.CLOCK_STEADY.minusMinutes(1));
    clock.jump(Duration.ofDays(-10));
    assertThat(swept()).isFalse();
    clock.pass(Limits.CLOCK_STEADY.minusMinutes(1));
    assertThat(swept()).isFalse();
  }

  @Test
  void slewing_a_clock_does_not_count_as_a_jump() {
    for (int i = 0; i < 1_000; i++) {
      clock.pass(Duration.ofMinutes(1));
      clock.jump(Duration.ofMillis(30));
      assertThat(swept()).isTrue();
    }
  }

  @Test
  void a_start_long_after_or_before_a_store_was_in_use_deletes_nothing_for_a_while() {
    for (Duration away : new Duration[] {
      Limits.MAX_CLOCK_DOWNTIME.plusSeconds(1), Limits.CLOCK_SKEW.plusSeconds(1).negated()
    }) {
      watch.compareWith("scoped-auth store", clock.instant().minus(away));
      assertThat(swept()).isFalse();
      clock.pass(Limits.CLOCK_STEADY);
      assertThat(swept()).isTrue();
    }
    watch.compareWith("scoped-auth store", clock.instant().minus(Limits.MAX_CLOCK_DOWNTIME));
    assertThat(swept()).isTrue();
  }

  private boolean swept() {
    int before = swept.get();
    sweep.run();
    return swept.get() > before;
  }
}

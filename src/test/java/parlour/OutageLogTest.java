package parlour;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class OutageLogTest {
  private final Logger logger = (Logger) LoggerFactory.getLogger(OutageLogTest.class);
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
  private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 1); // nanoTime may wrap
  private final OutageLog outage = new OutageLog(logger, "the task", now::get);

  @BeforeEach
  void listen() {
    logger.setLevel(Level.INFO);
    lines.start();
    logger.addAppender(lines);
  }

  @AfterEach
  void stop() {
    logger.detachAppender(lines);
    logger.setLevel(null);
  }

  @Test
  void an_outage_is_one_line_when_it_begins_and_one_when_it_ends() {
    outage.worked();
    for (int i = 0; i < 100; i++) {
      outage.failed(new Unavailable("store", "is down", null));
      pass(Duration.ofMillis(400));
    }
    pass(Limits.OUTAGE_OVER);
    outage.worked();
    outage.worked();
    assertThat(logged())
        .containsExactly("the task: store: is down", "the task: recovered (100 failures in 42 s)");
    assertThat(lines.list).allMatch(line -> line.getThrowableProxy() == null);
  }

  @Test
  void a_task_that_fails_and_succeeds_in_turn_has_one_outage() {
    for (int i = 0; i < 50; i++) {
      outage.failed("is down");
      pass(Duration.ofMillis(400));
      outage.worked();
      pass(Duration.ofMillis(400));
    }
    assertThat(logged()).containsExactly("the task: is down");
  }

  @Test
  void a_long_outage_is_logged_each_minute_with_the_number_of_failures() {
    outage.failed("is down");
    pass(Limits.OUTAGE_REMINDER.minusSeconds(1));
    outage.failed("is down");
    pass(Duration.ofSeconds(1));
    outage.failed("is down");
    assertThat(logged())
        .containsExactly("the task: is down", "the task: is down (3 failures in 60 s)");
  }

  @Test
  void each_further_reason_is_logged_up_to_a_few() {
    for (int i = 0; i < 100; i++) {
      outage.failed("reason " + i);
    }
    assertThat(logged()).hasSize(Limits.OUTAGE_REASONS);
  }

  @Test
  void a_bug_shows_its_stack_trace_once() {
    for (int i = 0; i < 10; i++) {
      outage.failed(new IllegalStateException("a bug"));
    }
    assertThat(lines.list).hasSize(1);
    assertThat(lines.list.getFirst().getThrowableProxy()).isNotNull();
  }

  @Test
  void a_call_that_fails_long_after_the_last_one_begins_another_outage() {
    OutageLog calls = new OutageLog(logger, "a call", now::get);
    calls.failed(new Unavailable("store", "is down", null), "0a1b2c3d4e5f");
    calls.failed(new Unavailable("store", "is down", null), "0a1b2c3d4e60");
    pass(Limits.OUTAGE_QUIET);
    calls.failed(new Unavailable("store", "is down", null), "0a1b2c3d4e61");
    assertThat(logged()).containsExactly("a call: store: is down", "a call: store: is down");
    assertThat(lines.list.getLast().getKeyValuePairs().toString()).contains("0a1b2c3d4e61");
  }

  private void pass(Duration time) {
    now.addAndGet(time.toNanos());
  }

  private List<String> logged() {
    return lines.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
  }
}

package parlour.process;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import parlour.Limits;

/** The log says that a difference has ended only if it has. */
class SharedSettingsLogTest {
  private static final String URL = "https://files.example.com";

  private final Logger logger = (Logger) LoggerFactory.getLogger(SharedSettings.class);
  private final ListAppender<ILoggingEvent> logged = new ListAppender<>();
  private final AtomicLong now = new AtomicLong();
  private final SharedSettings own = new SharedSettings(URL, now::get);

  @BeforeEach
  void captureTheLog() {
    logger.setLevel(Level.WARN);
    logger.setAdditive(false);
    logged.start();
    logger.addAppender(logged);
  }

  @AfterEach
  void restoreTheLog() {
    logger.detachAppender(logged);
    logger.setAdditive(true);
    logger.setLevel(null);
  }

  @Test
  void an_orchestrator_with_the_same_value_does_not_end_the_difference_of_another() {
    SharedSettings.Peer good = own.orchestrator("http://10.0.0.1:3000");
    SharedSettings.Peer bad = own.orchestrator("http://10.0.0.2:3000");
    for (int minute = 0; minute < 3; minute++) {
      assertThat(good.hasSame(URL)).isTrue();
      assertThat(bad.hasSame("")).isFalse();
      now.addAndGet(Limits.SETTINGS_COMPARED.toNanos());
    }
    assertThat(lines()).hasSize(3).noneMatch(line -> line.contains("recovered"));
    assertThat(bad.hasSame(URL)).isTrue();
    assertThat(lines()).last().asString().contains("recovered");
  }

  @Test
  void an_edge_with_the_same_value_does_not_end_the_difference_of_another() {
    for (int minute = 0; minute < 3; minute++) {
      assertThat(own.edges().hasSame("")).isFalse();
      now.addAndGet(Limits.SETTINGS_COMPARED.toNanos() / 2);
      assertThat(own.edges().hasSame(URL)).isTrue();
      now.addAndGet(Limits.SETTINGS_COMPARED.toNanos() / 2);
    }
    assertThat(lines()).hasSize(3).noneMatch(line -> line.contains("recovered"));
  }

  private List<String> lines() {
    return logged.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
  }
}

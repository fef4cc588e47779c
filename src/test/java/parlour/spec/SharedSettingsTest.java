package parlour.spec;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import parlour.config.Role;
import parlour.config.Setting;
import parlour.process.ServiceDecorators;
import parlour.spec.Installation.Shape;

/** Processes with different roles notice that an operator gave them different settings. */
class SharedSettingsTest {
  private static final String WARNING = "media.url is not the same in starship and orchestrator";
  private static final String URL = "https://files.example.net";
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private final Logger logger = (Logger) LoggerFactory.getLogger("parlour.process.SharedSettings");
  private final Queue<String> lines = new ConcurrentLinkedQueue<>();
  private final AppenderBase<ILoggingEvent> appender = new AppenderBase<>() {
    @Override
    protected void append(ILoggingEvent event) {
      lines.add(event.getFormattedMessage());
    }
  };

  @AutoClose
  private final Installation installation = Installation.start(
      Shape.A_PROCESS_PER_ROLE,
      ServiceDecorators.NONE,
      Map.of(Setting.PUBLIC_URL, "https://chat.example.com", Setting.MEDIA_URL, URL));

  @BeforeEach
  void captureTheLog() {
    appender.start();
    logger.setLevel(Level.WARN);
    logger.setAdditive(false);
    logger.addAppender(appender);
  }

  @AfterEach
  void restoreTheLog() {
    logger.detachAppender(appender);
    logger.setAdditive(true);
    logger.setLevel(null);
  }

  @Test
  void an_edge_and_an_orchestrator_with_different_hosts_of_files_say_so_until_they_have_the_same() {
    for (String other : List.of("https://files.example.org", "")) {
      lines.clear();
      installation.stop(Role.STARSHIP);
      installation.startAgain(Role.STARSHIP, Map.of(Setting.MEDIA_URL, other));
      awaitReadiness("\"warning\":\"" + WARNING + "\"");
      String shown = other.isEmpty() ? "none" : other;
      assertThat(lines).hasSize(2); // of the edge and of the orchestrator
      assertThat(lines)
          .anySatisfy(line -> assertThat(line)
              .startsWith(
                  WARNING + ": this process has " + shown + ", and the orchestrator at http")
              .contains("has " + URL + ":", "Set the same media.url in both"))
          .anySatisfy(line -> assertThat(line)
              .contains("this process has " + URL + ", and an edge has " + shown + ":"));
    }
    installation.stop(Role.STARSHIP);
    installation.startAgain(Role.STARSHIP);
    awaitReadiness("{\"status\":\"ready\"}");
  }

  private void awaitReadiness(String part) {
    long giveUp = System.nanoTime() + PATIENCE.toNanos();
    String readiness = readiness();
    while (!readiness.contains(part)) {
      assertThat(System.nanoTime()).as(readiness).isLessThan(giveUp);
      Installation.pause(Duration.ofMillis(50));
      readiness = readiness();
    }
  }

  private String readiness() {
    return Raw.send(installation.internal(Role.STARSHIP), "GET /health/ready HTTP/1.1\nHost: x", "")
        .body();
  }
}

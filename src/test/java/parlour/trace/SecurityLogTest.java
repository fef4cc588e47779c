package parlour.trace;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.slf4j.event.KeyValuePair;
import parlour.Limits;
import parlour.trace.SecurityLog.Event;

class SecurityLogTest {
  private final Logger logger = (Logger) LoggerFactory.getLogger("parlour.security");
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
  private Instant now = Instant.parse("2026-11-28T12:00:00Z");
  private final SecurityLog security =
      new SecurityLog(() -> now, "a secret of thirty-two characters", _ -> {});

  @BeforeEach
  void listen() {
    lines.start();
    logger.addAppender(lines);
    logger.setLevel(Level.INFO);
  }

  @AfterEach
  void stop_listening() {
    logger.detachAppender(lines);
    logger.setLevel(null);
  }

  @Test
  void guessing_causes_a_bounded_number_of_lines_and_the_next_one_counts_the_omitted() {
    for (int i = 0; i < Limits.SECURITY_LINES + 70; i++) {
      security.write(Event.AGENT_REFUSED, "ann", "");
    }
    assertThat(lines.list).hasSize(Limits.SECURITY_LINES);
    security.write(Event.CONVERSATION_ERASED, "AC1", "CH1");
    assertThat(lines.list).as("another kind is not affected").hasSize(Limits.SECURITY_LINES + 1);
    now = now.plus(Limits.RATE_WINDOW);
    security.write(Event.AGENT_REFUSED, "ann", "");
    assertThat(pairs(lines.list.getLast())).contains(new KeyValuePair("left_out", 70L));
    security.write(Event.AGENT_REFUSED, "ann", "");
    assertThat(pairs(lines.list.getLast())).noneMatch(pair -> pair.key.equals("left_out"));
  }

  @Test
  void an_address_is_a_digest_that_needs_the_secret() {
    String digest = security.ofAddress("203.0.113.7");
    assertThat(digest).matches("address-[0-9a-f]{16}").isEqualTo(security.ofAddress("203.0.113.7"));
    assertThat(new SecurityLog(() -> now, "another secret of an installation", _ -> {})
            .ofAddress("203.0.113.7"))
        .isNotEqualTo(digest);
    assertThat(security.ofAddress("203.0.113.8")).isNotEqualTo(digest);
  }

  private static List<KeyValuePair> pairs(ILoggingEvent line) {
    return line.getKeyValuePairs();
  }
}

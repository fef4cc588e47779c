package parlour.realtime;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import parlour.Limits;

/** A stranger who invents hosts does not use up the warning about the host that a proxy makes. */
class PublicAddressLogTest {
  private final Logger logger = (Logger) LoggerFactory.getLogger(PublicAddress.class);
  private final ListAppender<ILoggingEvent> logged = new ListAppender<>();
  private final AtomicLong now = new AtomicLong();
  private final PublicAddress address = new PublicAddress(Optional.empty(), now::get);

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
  void each_host_is_logged_once_an_hour_up_to_a_bound() {
    for (String host : List.of("x", "parlour:8080", "parlour:8080", "localhost:8080")) {
      address.called(host, false);
    }
    assertThat(lines()).hasSize(2).last().asString().contains("which was parlour:8080:");
    for (int i = 0; i < 3 * Limits.HOSTS_LOGGED_AT_ONCE; i++) {
      address.called("invented" + i, false);
    }
    assertThat(lines()).hasSize(Limits.HOSTS_LOGGED_AT_ONCE);
    now.addAndGet(Limits.HOSTS_LOGGED.toNanos());
    address.called("parlour:8080", false);
    assertThat(lines())
        .hasSize(Limits.HOSTS_LOGGED_AT_ONCE + 1)
        .last()
        .asString()
        .contains("which was parlour:8080:");
  }

  private List<String> lines() {
    return logged.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
  }
}

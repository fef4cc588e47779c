package parlour.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import parlour.CapturedLog;
import parlour.Limits;

/** The log says that a difference has ended only if it has. */
class SharedSettingsLogTest {
  private static final String URL = "https://files.example.com";

  @AutoClose
  private final CapturedLog log = new CapturedLog(SharedSettings.class);

  private final AtomicLong now = new AtomicLong();
  private final SharedSettings own = new SharedSettings(URL, now::get);

  @Test
  void an_orchestrator_with_the_same_value_does_not_end_the_difference_of_another() {
    SharedSettings.Peer good = own.orchestrator("http://10.0.0.1:3000");
    SharedSettings.Peer bad = own.orchestrator("http://10.0.0.2:3000");
    for (int minute = 0; minute < 3; minute++) {
      assertThat(good.hasSame(URL)).isTrue();
      assertThat(bad.hasSame("")).isFalse();
      now.addAndGet(Limits.SETTINGS_COMPARED.toNanos());
    }
    assertThat(log.lines()).hasSize(3).noneMatch(line -> line.contains("recovered"));
    assertThat(bad.hasSame(URL)).isTrue();
    assertThat(log.lines()).last().asString().contains("recovered");
  }

  @Test
  void an_edge_with_the_same_value_does_not_end_the_difference_of_another() {
    for (int minute = 0; minute < 3; minute++) {
      assertThat(own.edges.hasSame("")).isFalse();
      now.addAndGet(Limits.SETTINGS_COMPARED.toNanos() / 2);
      assertThat(own.edges.hasSame(URL)).isTrue();
      now.addAndGet(Limits.SETTINGS_COMPARED.toNanos() / 2);
    }
    assertThat(log.lines()).hasSize(3).noneMatch(line -> line.contains("recovered"));
  }
}

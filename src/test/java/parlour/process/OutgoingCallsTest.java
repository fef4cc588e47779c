package parlour.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import parlour.StartupError;
import parlour.config.Config;
import parlour.config.Setting;
import parlour.spec.TestClock;

/** The client for other processes, whose certificates take long to read, is made only if a role needs it. */
@Timeout(120)
class OutgoingCallsTest {
  @TempDir
  private Path folder;

  @Test
  void a_process_of_all_roles_makes_no_client_for_other_processes() {
    Set<Thread> before = selectors();
    try (ParlourProcess _ = start(Map.of(Setting.ROLES, "all"))) {
      assertThat(selectors()).isSubsetOf(before);
    }
  }

  @Test
  void a_process_that_calls_another_one_makes_a_client_and_stops_it() {
    Set<Thread> before = selectors();
    try (ParlourProcess _ =
        start(Map.of(Setting.ROLES, "starship", Setting.ORCHESTRATOR_URL, "http://127.0.0.1:1"))) {
      assertThat(before.containsAll(selectors()))
          .as("has no threads of its own")
          .isFalse();
    }
    assertThat(selectors()).isSubsetOf(before);
  }

  @Test
  void a_wrong_file_of_authorities_stops_also_a_process_that_calls_no_other() {
    Path missing = folder.resolve("authorities.pem");
    assertThatThrownBy(
            () -> start(Map.of(Setting.ROLES, "all", Setting.INTERNAL_TLS_CA, missing.toString())))
        .isInstanceOf(StartupError.class)
        .hasMessage("internal.tls.ca = %s: there is no such file", missing);
  }

  private ParlourProcess start(Map<Setting, String> more) {
    Map<Setting, String> settings = new HashMap<>(Map.of(
        Setting.DATA, folder.resolve("data").toString(),
        Setting.PUBLIC_HOST, "127.0.0.1",
        Setting.PUBLIC_PORT, "0",
        Setting.INTERNAL_PORT, "0"));
    settings.putAll(more);
    return ParlourProcess.start(
        Config.read(Optional.empty(), Map.of(), settings), new TestClock(), ServiceDecorators.NONE);
  }

  private static Set<Thread> selectors() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("outgoing"))
        .collect(Collectors.toSet());
  }
}

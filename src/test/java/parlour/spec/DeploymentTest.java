package parlour.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import parlour.Config.Setting;
import parlour.Limits;

/** The examples in deploy/ say nothing that the program does not know. */
class DeploymentTest {
  private static final List<String> FILES =
      List.of("Containerfile", "compose.yaml", "kubernetes.yaml", "parlour.service");

  private static final Pattern VARIABLE = Pattern.compile("\\bPARLOUR_[A-Z_]+\\b");

  @Test
  void every_variable_is_a_setting() {
    Set<String> settings =
        Arrays.stream(Setting.values()).map(Setting::variable).collect(Collectors.toSet());
    settings.add("PARLOUR_CONFIG");
    for (String file : FILES) {
      List<String> used =
          VARIABLE.matcher(text(file)).results().map(MatchResult::group).toList();
      assertThat(used).as(file).isNotEmpty();
      assertThat(settings).as(file).containsAll(used);
    }
  }

  @Test
  void a_stop_has_more_time_than_it_takes() {
    Duration takes = Limits.DRAIN_NOTICE.plus(Limits.DRAIN);
    Map<String, Pattern> patterns = Map.of(
        "compose.yaml", Pattern.compile("stop_grace_period: (\\d+)s"),
        "kubernetes.yaml", Pattern.compile("terminationGracePeriodSeconds: (\\d+)"),
        "parlour.service", Pattern.compile("TimeoutStopSec=(\\d+)"));
    patterns.forEach((file, pattern) -> {
      List<Duration> given = pattern
          .matcher(text(file))
          .results()
          .map(found -> Duration.ofSeconds(Long.parseLong(found.group(1))))
          .toList();
      assertThat(given)
          .as(file)
          .isNotEmpty()
          .allSatisfy(time -> assertThat(time).isGreaterThanOrEqualTo(takes.plusSeconds(10)));
    });
    List<String> kubernetes = text("kubernetes.yaml").lines().map(String::strip).toList();
    assertThat(kubernetes.stream().filter(line -> line.startsWith("terminationGrace")))
        .as("every pod says it")
        .hasSameSizeAs(kubernetes.stream().filter("containers:"::equals).toList());
  }

  @Test
  void the_YAML_can_be_read_and_no_key_stands_twice() {
    for (String file : List.of("compose.yaml", "kubernetes.yaml")) {
      var settings = LoadSettings.builder().setAllowDuplicateKeys(false).build();
      for (Object document : new Load(settings).loadAllFromString(text(file))) {
        assertThat(document).as(file).isInstanceOf(Map.class);
      }
    }
  }

  private static String text(String file) {
    try {
      return Files.readString(Path.of("deploy", file));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}

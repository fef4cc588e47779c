package parlour.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import parlour.Limits;
import parlour.config.Setting;

/** The examples in deploy/ say nothing that the program does not know. */
class DeploymentTest {
  private static final List<String> FILES = List.of(
      "Containerfile",
      "compose.yaml",
      "compose-one.yaml",
      "kubernetes.yaml",
      "kubernetes-one.yaml",
      "parlour.service");

  private static final Pattern VARIABLE = Pattern.compile("\\bPARLOUR_[A-Z_]+\\b");

  @Test
  void every_variable_is_a_setting() {
    Set<String> settings =
        Arrays.stream(Setting.values()).map(Setting::variable).collect(Collectors.toSet());
    settings.addAll(List.of("PARLOUR_CONFIG", "PARLOUR_JAVA_OPTS"));
    for (String file : FILES) {
      List<String> used =
          VARIABLE.matcher(Example.text(file)).results().map(MatchResult::group).toList();
      assertThat(used).as(file).isNotEmpty();
      assertThat(settings).as(file).containsAll(used);
    }
  }

  @Test
  void a_stop_has_more_time_than_it_takes() {
    Duration listeners =
        Limits.LISTENER_STOP.multipliedBy(2); // the public one and the internal one
    Duration takes = Limits.DRAIN_NOTICE.plus(Limits.DRAIN).plus(listeners);
    Pattern compose = Pattern.compile("stop_grace_period: (\\d+)s");
    Pattern kubernetes = Pattern.compile("terminationGracePeriodSeconds: (\\d+)");
    Map<String, Pattern> patterns = Map.of(
        "compose.yaml", compose,
        "compose-one.yaml", compose,
        "kubernetes.yaml", kubernetes,
        "kubernetes-one.yaml", kubernetes,
        "parlour.service", Pattern.compile("TimeoutStopSec=(\\d+)"));
    patterns.forEach((file, pattern) -> {
      List<Duration> given = pattern
          .matcher(Example.text(file))
          .results()
          .map(found -> Duration.ofSeconds(Long.parseLong(found.group(1))))
          .toList();
      assertThat(given)
          .as(file)
          .isNotEmpty()
          .allSatisfy(time -> assertThat(time).isGreaterThanOrEqualTo(takes.plusSeconds(10)));
    });
    List<String> lines =
        Example.text("kubernetes.yaml").lines().map(String::strip).toList();
    assertThat(lines.stream().filter(line -> line.startsWith("terminationGrace")))
        .as("each of our pods sets it")
        .hasSameSizeAs(lines.stream().filter("image: parlour:latest"::equals).toList());
  }
}

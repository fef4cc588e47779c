package parlour.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import parlour.Durations;
import parlour.Limits;
import parlour.accounts.Lifetimes;
import parlour.accounts.TokenRules;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

class DeploymentOptionsTest {
  private static final List<OptionSpec> OPTIONS =
      CommandSpec.forAnnotatedObject(new DeploymentOptions()).options();

  @Test
  void the_settings_page_lists_every_option_of_a_deployment() throws IOException {
    assertListed("## Options of a deployment", OPTIONS);
  }

  @Test
  void the_settings_page_lists_every_option_of_an_address() throws IOException {
    assertListed(
        "## Options of an address",
        CommandSpec.forAnnotatedObject(new AddressOptions()).options());
  }

  @Test
  void the_settings_page_lists_every_option_of_the_hours_of_an_address() throws IOException {
    assertListed(
        "## Options of an address's hours",
        CommandSpec.forAnnotatedObject(new AttendanceOptions()).options());
  }

  private static void assertListed(String heading, List<OptionSpec> options) throws IOException {
    List<String> listed = Files.readString(Path.of("docs/settings.md"), UTF_8)
        .lines()
        .dropWhile(line -> !line.equals(heading))
        .skip(1)
        .takeWhile(line -> !line.startsWith("## "))
        .filter(line -> line.startsWith("| `--"))
        .toList();
    assertThat(listed)
        .containsExactlyElementsOf(options.stream()
            .map(option -> "| `%s` | %s | %s |"
                .formatted(
                    option.longestName(),
                    option.arity().max() == 0
                        ? ""
                        : "`" + option.paramLabel().replace("|", "\\|") + "`",
                    about(option)))
            .toList());
  }

  @Test
  void the_descriptions_say_the_defaults_of_the_code() {
    assertThat(about("--proof")).contains(TokenRules.DEFAULT.proof().word() + " (the default)");
    assertThat(about("--sensitivity"))
        .contains(TokenRules.DEFAULT.sensitivity().word() + " (the default)");
    assertThat(about("--revoke-on-replay"))
        .contains("(default: " + (TokenRules.DEFAULT.revokeOnReplay() ? "on" : "off") + ")");
    assertThat(about("--realtime"))
        .contains("(default: " + (TokenRules.DEFAULT.realtime() ? "on" : "off") + ")");
    assertThat(about("--token-ttl"))
        .contains(Durations.text(Lifetimes.DEFAULT.token()) + " (the default)");
    assertThat(about("--session-ttl"))
        .contains("The default is %s if the session is bound to a key, and %s if not."
            .formatted(
                Durations.text(Limits.BOUND_SESSION_TTL_DEFAULT),
                Durations.text(Limits.UNBOUND_SESSION_TTL_DEFAULT)));
    assertThat(about("--idle-ttl"))
        .contains(Durations.text(Limits.IDLE_TTL_DEFAULT) + " (the default)");
    assertThat(about("--reopen")).contains(Limits.REOPEN_DEFAULT.toHours() + "h (the default)");
  }

  @Test
  void the_settings_page_says_the_bounds_of_the_lifetimes() throws IOException {
    assertThat(Files.readString(Path.of("docs/settings.md"), UTF_8).replaceAll("\\s+", " "))
        .contains("a token lives from %d s to %d h, a session from %d s to %d d"
            .formatted(
                Limits.MIN_TOKEN_TTL.toSeconds(),
                Limits.MAX_TOKEN_TTL.toHours(),
                Limits.MIN_TOKEN_TTL.toSeconds(),
                Limits.MAX_SESSION_TTL.toDays()))
        .contains("the idle time is at least %d m.".formatted(Limits.MIN_IDLE_TTL.toMinutes()))
        .contains("The time to reopen a chat, by its guest or by an agent, is at most %d d;"
            .formatted(Limits.MAX_SESSION_TTL.toDays()))
        .contains("the idle time must be at least %d times that".formatted(Limits.IDLE_TOKENS));
  }

  private static String about(String name) {
    return OPTIONS.stream()
        .filter(option -> option.longestName().equals(name))
        .map(DeploymentOptionsTest::about)
        .findFirst()
        .orElseThrow();
  }

  private static String about(OptionSpec option) {
    return String.join("", option.description());
  }
}

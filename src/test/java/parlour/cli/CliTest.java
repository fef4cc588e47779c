package parlour.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.StringWriter;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CliTest {
  @TempDir
  private Path folder;

  @Test
  void version_prints_the_versions_of_parlour_and_java() {
    Typed typed = Typed.in(folder, "version");
    assertThat(typed.exit()).isEqualTo(0);
    assertThat(typed.out()).matches("parlour \\S.* \\(Java 25[0-9.]*\\)\\R");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "up",
        "serve",
        "demo",
        "check-config",
        "accounts",
        "addresses",
        "webhooks",
        "deployments",
        "agents",
        "api-keys",
        "keys",
        "sessions",
        "trace",
        "migrate",
        "version"
      })
  void help_explains_every_command(String command) {
    assertThat(Typed.in(folder, "help").out()).contains("\n  " + command + " ");
    Typed typed = Typed.in(folder, "help", command);
    assertThat(typed.exit()).isEqualTo(0);
    assertThat(typed.out()).contains("Usage: parlour " + command);
    assertThat(Typed.in(folder, command, "--help")).isEqualTo(typed);
  }

  @Test
  void a_command_is_created_without_the_others() {
    Terminal terminal =
        Typed.terminal(folder, Map.of(), Optional.empty(), new StringWriter(), new StringWriter());
    Set<String> names = Cli.commands(terminal).getSubcommands().keySet();
    assertThat(names).contains("up", "help");
    names.stream()
        .filter(name -> !name.equals("help"))
        .forEach(name ->
            assertThat(Cli.commands(terminal, name).getSubcommands()).containsOnlyKeys(name));
  }

  @Test
  void a_subcommand_prints_its_help_without_its_required_options() {
    Typed typed = Typed.in(folder, "deployments", "create", "-h");
    assertThat(typed.exit()).isEqualTo(0);
    assertThat(typed.out()).contains("Usage: parlour deployments create").contains("--name");
  }

  @Test
  void a_name_with_a_control_character_is_refused_with_the_remedy() {
    Typed typed = Typed.in(folder, "accounts", "create", "--name", "The \u001b[2Jshop");
    assertThat(typed.exit()).isEqualTo(2);
    assertThat(typed.err())
        .contains("the argument of --name has a control character; of these, only tab");
  }

  @Test
  void a_mistyped_command_is_answered_with_suggestions() {
    Typed typed = Typed.in(folder, "deploymnets");
    assertThat(typed.exit()).isEqualTo(2);
    assertThat(typed.err()).contains("Did you mean: parlour deployments");
  }

  @Test
  void without_a_command_all_commands_are_listed() {
    Typed typed = Typed.in(folder);
    assertThat(typed.exit()).isEqualTo(2);
    assertThat(typed.err()).contains("Commands:");
  }

  @Test
  void an_invalid_value_is_a_usage_error_that_shows_a_valid_one() {
    Typed typed = Typed.in(folder, "deployments", "delete", "CV12");
    assertThat(typed.exit()).isEqualTo(2);
    assertThat(typed.err()).contains("expected CV followed by 32 lower-case hex digits");
  }

  @Test
  void an_argument_that_lost_characters_is_refused() {
    Typed typed = Typed.in(folder, "accounts", "create", "--name", "Gr\uFFFD\uFFFDe");
    assertThat(typed.exit()).isEqualTo(2);
    assertThat(typed.err()).contains("was damaged on its way", "LC_ALL=C.UTF-8");
    assertThat(typed.out()).isEmpty();
  }

  @Test
  void a_command_for_an_unused_folder_is_refused_with_the_remedy() {
    Typed typed =
        Typed.in(folder, "accounts", "list", "--data", folder.resolve("none").toString());
    assertThat(typed.exit()).isEqualTo(1);
    assertThat(typed.err()).startsWith("parlour: there is no data folder").contains("--data DIR");
    assertThat(typed.err().lines()).hasSize(1);
  }
}

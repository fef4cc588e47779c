package parlour.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The scripts of {@code parlour completion}, in the shells that load them. */
class CompletionTest {
  /** The parts of an interactive zsh that the script uses. */
  private static final String ZSH = """
      compdef() { }
      compadd() { shift; print -l -- "$@" }
      _files() { print -l -- a-file }
      _describe() { local name=${@[-1]}; print -l -- ${${(P)name}%%%%:*} }
      source %s
      words=(%s); CURRENT=${#words}; _parlour
      """;

  private static final String BASH = """
      compopt() { :; }
      source %s
      COMP_WORDS=(%s); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); COMP_LINE="${COMP_WORDS[*]}"
      _complete_parlour; printf '%%s\\n' "${COMPREPLY[@]}"
      """;

  private static final String FISH = """
      source %s
      complete -C "%s"
      """;

  @TempDir
  private Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"bash", "zsh", "fish"})
  void a_shell_completes_a_command_an_option_and_a_value(String shell) throws Exception {
    assumeTrue(isInstalled(shell), shell);
    assertThat(completed(shell, "dep")).containsExactly("deployments");
    assertThat(completed(shell, "deployments", "up")).containsExactly("update");
    assertThat(completed(shell, "deployments", "update", "CV1", "--sens"))
        .containsExactly("--sensitivity");
    assertThat(completed(shell, "deployments", "update", "CV1", "--sensitivity", "o"))
        .containsExactlyInAnyOrder("off", "observe");
    assertThat(completed(shell, "deployments", "create", "--realtime", "o"))
        .containsExactlyInAnyOrder("on", "off");
    assertThat(completed(shell, "serve", "--roles", "sc")).containsExactly("scoped-auth");
    assertThat(completed(shell, "deployments", "update", "--keep", "f")).containsExactly("forever");
    assertThat(completed(shell, "completion", "f")).containsExactly("fish");
    assertThat(completed(shell, "help", "deploy")).containsExactly("deployments");
    assertThat(completed(shell, "deployments", "update", "--name", "o")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"bash", "zsh", "fish"})
  void each_command_and_each_option_is_in_the_script(String shell) {
    String script = script(shell);
    for (Completion.Place place : Completion.places(Cli.commands(terminal()))) {
      for (Completion.Word word :
          Stream.concat(place.commands().stream(), place.options().stream()).toList()) {
        String name = shell.equals("fish") ? word.name().replaceFirst("^--", "") : word.name();
        assertThat(script).as("%s of%s", word.name(), place.path()).contains(name);
      }
    }
  }

  @Test
  void an_unknown_shell_is_refused_with_the_known_ones() {
    Typed typed = Typed.in(folder, "completion", "tcsh");
    assertThat(typed.exit()).isEqualTo(2);
    assertThat(typed.err()).contains("bash, zsh, fish").doesNotContain("FISH");
  }

  private Terminal terminal() {
    return Typed.terminal(
        folder, Map.of(), Optional.empty(), new StringWriter(), new StringWriter());
  }

  private String script(String shell) {
    Typed typed = Typed.in(folder, "completion", shell);
    assertThat(typed.exit()).isEqualTo(0);
    assertThat(typed.err()).isEmpty();
    return typed.out();
  }

  /** The shell's offers for the last word. */
  private List<String> completed(String shell, String... words) throws Exception {
    Path script = Files.writeString(folder.resolve("completion." + shell), script(shell));
    List<String> line = new ArrayList<>(List.of("parlour"));
    line.addAll(List.of(words));
    List<String> command = switch (shell) {
      case "bash" -> List.of("bash", "--norc", "--noprofile", "-c");
      case "zsh" -> List.of("zsh", "-f", "-c");
      default -> List.of("fish", "--no-config", "-c");
    };
    String template = shell.equals("bash") ? BASH : shell.equals("zsh") ? ZSH : FISH;
    List<String> whole = new ArrayList<>(command);
    whole.add(template.formatted(script, String.join(" ", line)));
    String last = line.getLast();
    return run(whole)
        .lines()
        .map(offered -> offered.split("\t", 2)[0])
        .filter(offered -> !offered.isBlank() && offered.startsWith(last)) // as zsh does
        .distinct()
        .toList();
  }

  private String run(List<String> command) throws Exception {
    Path out = folder.resolve("out.txt");
    Path err = folder.resolve("err.txt");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
    builder.environment().put("LC_ALL", "C.UTF-8");
    builder.environment().put("HOME", folder.toString());
    Process process = builder.start();
    assertThat(process.waitFor(Duration.ofSeconds(60))).isTrue();
    assertThat(Files.readString(err)).isEmpty();
    return Files.readString(out);
  }

  /** A fish before 3.2 has no {@code --no-config}. */
  private static boolean isInstalled(String shell) throws Exception {
    boolean isThere = Stream.of(System.getenv("PATH").split(":", -1))
        .anyMatch(place -> Files.isExecutable(Path.of(place, shell)));
    return isThere
        && (!shell.equals("fish")
            || new ProcessBuilder("fish", "--no-config", "-c", "true").start().waitFor() == 0);
  }
}

package parlour.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The commands, options and places in the code that the documents name exist. */
class DocumentedCommandsTest {
  /** To the end of the line or of the code in it; a shell's comment, pipe or next command ends it. */
  private static final Pattern PARLOUR =
      Pattern.compile("(?:\\./|sudo )parlour +([a-z][^\n`|;#)]*)");

  private static final Pattern DEV = Pattern.compile("\\./dev +([a-z]+)(?: +([a-z]+))?");

  /** A class of the sources with its package, and perhaps a member of it. */
  private static final Pattern PLACE =
      Pattern.compile("`((?:[a-z]+/)+[A-Z][A-Za-z]+)(?:\\.(?:java|([A-Za-z0-9_]+)))?`");

  @TempDir
  private Path folder;

  @Test
  void every_command_line_has_a_command_and_options_that_exist() throws IOException {
    List<String> unknown = new ArrayList<>();
    int found = 0;
    for (Path document : documents()) {
      String text = Files.readString(document).replaceAll("\\\\\n\\s*", "");
      for (MatchResult line : PARLOUR.matcher(text).results().toList()) {
        found++;
        unknown(line.group(1).strip())
            .ifPresent(what -> unknown.add(document + ": " + what + " in " + line.group()));
      }
    }
    assertThat(unknown).isEmpty();
    assertThat(found).isGreaterThan(60);
  }

  @Test
  void every_command_that_an_alert_names_exists_and_needs_no_argument_that_it_does_not_name()
      throws IOException {
    String alerts = Files.readString(Path.of("deploy/monitoring/alerts.yml"));
    List<String> named = Pattern.compile("\\(parlour ((?:-{0,2}[a-z]+ ?)+)")
        .matcher(alerts)
        .results()
        .map(found -> found.group(1).strip().replaceAll(" (lists|names) .*", ""))
        .toList();
    assertThat(named).contains("addresses list", "refusals", "refusals --all");
    for (String line : named) {
      assertThat(unknown(line)).as(line).isEmpty();
    }
  }

  /** The first word that is neither a command nor one of its options; values are not read. */
  private Optional<String> unknown(String line) {
    String[] words = line.split(" +", -1);
    CommandLine command = Cli.commands(
        Typed.terminal(folder, Map.of(), Optional.empty(), new StringWriter(), new StringWriter()),
        words[0]);
    boolean isNamed = false;
    for (String word : words) {
      CommandLine sub = command.getSubcommands().get(word);
      if (sub != null) {
        command = sub;
        isNamed = true;
      } else if (!isNamed) {
        return Optional.of(word);
      } else if (word.startsWith("--")
          && command.getCommandSpec().findOption(word.split("=", 2)[0]) == null) {
        return Optional.of(word);
      }
    }
    boolean isWhole = command.getSubcommands().isEmpty();
    return isWhole || words.length == 1 ? Optional.empty() : Optional.of(words[1]);
  }

  @Test
  void every_use_of_dev_is_explained_by_its_help() throws IOException {
    String dev = Files.readString(Path.of("dev"));
    String help = dev.substring(dev.indexOf("<<'END'"), dev.indexOf("\nEND\n"));
    List<String> unknown = new ArrayList<>();
    for (Path document : documents()) {
      for (MatchResult use : DEV.matcher(Files.readString(document)).results().toList()) {
        boolean isBench = use.group(1).equals("bench") && use.group(2) != null;
        if (!help.contains("./dev " + use.group(1) + " ")
            || (isBench && !help.matches("(?s).*\\b" + use.group(2) + "\\b.*"))) {
          unknown.add(document + ": " + use.group());
        }
      }
    }
    assertThat(unknown).isEmpty();
  }

  @Test
  void every_place_in_the_code_exists() throws IOException {
    List<String> missing = new ArrayList<>();
    int found = 0;
    for (String document : List.of("README.md", "CONTRIBUTING.md", "docs/concurrency.md")) {
      for (MatchResult place :
          PLACE.matcher(Files.readString(Path.of(document))).results().toList()) {
        found++;
        Optional<Path> file = Stream.of("src/main/java/parlour", "src/test/java/parlour")
            .map(root -> Path.of(root, place.group(1) + ".java"))
            .filter(Files::exists)
            .findFirst();
        String member = place.group(2);
        if (file.isEmpty()
            || (member != null
                && !Files.readString(file.get()).matches("(?s).*\\b" + member + "\\b.*"))) {
          missing.add(document + ": " + place.group());
        }
      }
    }
    assertThat(missing).isEmpty();
    assertThat(found).isGreaterThan(30);
  }

  /** The changelog and the decisions say what was true when they were written. */
  private static List<Path> documents() throws IOException {
    List<Path> documents = new ArrayList<>();
    for (String folder : List.of("", "docs", "deploy")) {
      try (Stream<Path> files = Files.list(Path.of(folder))) {
        files
            .filter(file -> file.toString().endsWith(".md"))
            .filter(file -> !file.endsWith("CHANGELOG.md"))
            .forEach(documents::add);
      }
    }
    return documents;
  }
}

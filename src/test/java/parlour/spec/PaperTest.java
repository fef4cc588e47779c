package parlour.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import parlour.Config;

/** What the documents repeat of the code is what the code says, and their links lead somewhere. */
class PaperTest {
  private static final Pattern LINK = Pattern.compile("]\\(([^)#\\s]+)(#[^)\\s]*)?\\)");

  @Test
  void the_readme_draws_the_refused_refresh_as_docs_diagrams_does() {
    assertThat(text(Path.of("README.md")))
        .contains("```mermaid\n" + text(Path.of("docs/diagrams/refresh-failed.mmd")) + "```\n");
  }

  @Test
  void the_readme_lists_every_setting_with_its_default() {
    List<String> listed = text(Path.of("README.md"))
        .replaceAll("\n {2}", " ")
        .lines()
        .dropWhile(line -> !line.equals("## Settings"))
        .filter(line -> line.startsWith("- "))
        .limit(Config.Setting.values().length)
        .toList();
    List<String> settings = Config.read(Optional.empty(), Map.of(), Map.of()).effective().stream()
        .map(effective -> "- `%s` (%s): %s"
            .formatted(
                effective.setting().key(),
                effective.value().isEmpty() ? "no default" : "`" + effective.value() + "`",
                effective.setting().about()))
        .toList();
    assertThat(listed).isEqualTo(settings);
  }

  @Test
  void every_link_between_the_documents_leads_to_a_file() {
    List<String> broken = new ArrayList<>();
    for (Path document : documents()) {
      LINK.matcher(text(document))
          .results()
          .map(link -> link.group(1))
          .filter(target -> !target.contains(":"))
          .filter(target -> !Files.exists(document.resolveSibling(target)))
          .forEach(target -> broken.add(document + " -> " + target));
    }
    assertThat(broken).isEmpty();
  }

  private static List<Path> documents() {
    try (Stream<Path> here = Files.list(Path.of(""));
        Stream<Path> docs = Files.walk(Path.of("docs"))) {
      return Stream.concat(here, docs)
          .filter(file -> file.toString().endsWith(".md"))
          .toList();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}

package parlour.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import parlour.Config;

/** What the documents repeat of the code is what the code says, and their links lead somewhere. */
class PaperTest {
  private static final Pattern LINK = Pattern.compile("]\\(([^)#\\s]*)(?:#([^)\\s]*))?\\)");

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
  void every_link_between_the_documents_leads_to_a_file_and_a_heading_in_it() {
    List<String> broken = new ArrayList<>();
    int links = 0;
    for (Path document : documents()) {
      for (MatchResult link : LINK.matcher(text(document)).results().toList()) {
        if (!link.group(1).contains(":")) {
          links++;
          Path target = link.group(1).isEmpty() ? document : resolved(document, link.group(1));
          if (!Files.exists(target)
              || (link.group(2) != null && !anchors(target).contains(link.group(2)))) {
            broken.add(document + " -> " + link.group());
          }
        }
      }
    }
    assertThat(broken).isEmpty();
    assertThat(links).isGreaterThan(20);
  }

  private static Path resolved(Path document, String target) {
    return document.toAbsolutePath().resolveSibling(target).normalize();
  }

  /** What a heading is called in a link: lower case, without punctuation, spaces as hyphens. */
  private static List<String> anchors(Path document) {
    return text(document)
        .lines()
        .filter(line -> line.matches("#+ .*"))
        .map(line -> line.replaceFirst("#+ ", "")
            .toLowerCase(Locale.ROOT)
            .replaceAll("[^\\p{L}\\p{N} _-]", "")
            .replace(' ', '-'))
        .toList();
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

package parlour.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ManPagesTest {
  private static final Set<String> REQUESTS =
      Set.of("TH", "SH", "SS", "TP", "B", "BR", "I", "nf", "fi", "sp", "br", "nh");

  private static final Map<String, String> PAGES = ManPages.pages("2026-11-29", "1.2.3");

  @TempDir
  private Path folder;

  @Test
  void each_command_has_a_page_and_each_option_is_explained_there() {
    Set<String> named = new TreeSet<>();
    for (Completion.Place place : Completion.places(Cli.commands(Typed.terminal(
        folder, Map.of(), Optional.empty(), new StringWriter(), new StringWriter())))) {
      String command = place.path().strip().split(" ", -1)[0];
      String file = command.isEmpty() ? "parlour.1" : "parlour-%s.1".formatted(command);
      String page = Objects.requireNonNull(PAGES.get(file), file).replace("\\-", "-");
      named.add(file);
      place.commands().forEach(word -> assertThat(page).as(file).contains(word.name()));
      if (!command.isEmpty()) {
        place
            .options()
            .forEach(word -> assertThat(page).as(file).contains("\\fB" + word.name() + "\\fR"));
      }
    }
    assertThat(PAGES.keySet()).containsExactlyInAnyOrderElementsOf(named);
  }

  @Test
  void the_pages_use_only_requests_that_every_reader_of_manuals_knows() {
    Pattern escape = Pattern.compile("\\\\(?!fB|fI|fR|-|e|&| )");
    PAGES.forEach((file, page) -> {
      assertThat(page).as(file).startsWith(".TH PARLOUR").endsWith("\n").doesNotContain("\n\n");
      for (String line : page.lines().toList()) {
        if (line.startsWith(".")) {
          assertThat(REQUESTS).as(line).contains(line.substring(1).split(" ", 2)[0]);
        }
        assertThat(line).doesNotStartWith("'").doesNotContain("@|").doesNotContain("${");
        assertThat(escape.matcher(line).find()).as(line).isFalse();
      }
    });
  }

  @Test
  void the_program_writes_them_into_a_folder() throws Exception {
    ManPages.main(new String[] {folder.toString(), "2026-11-29", "1.2.3"});
    assertThat(Files.readString(folder.resolve("parlour-up.1")))
        .startsWith(".TH PARLOUR\\-UP 1 2026-11-29 \"Parlour 1.2.3\"")
        .isEqualTo(PAGES.get("parlour-up.1"));
  }
}

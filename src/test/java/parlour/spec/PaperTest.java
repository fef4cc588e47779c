package parlour.spec;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import parlour.Limits;
import parlour.config.Config;
import parlour.errors.ErrorCode;
import parlour.process.Stores;

/** The documents repeat the code's values correctly, and their links lead somewhere. */
class PaperTest {
  private static final Pattern LINK = Pattern.compile("]\\(([^)#\\s]*)(?:#([^)\\s]*))?\\)");

  private static final Pattern JAVA_OPTION =
      Pattern.compile("(?<=[\\s\"=])(?:-X|--enable-|--sun-)[^\\s\"]+");

  /** A row of a table whose last column names a bound, with its value before it. */
  private static final Pattern BOUND =
      Pattern.compile("^\\|[^|\n]+\\| ([^|\n]+) \\| `([A-Z_0-9]+)` \\|$", Pattern.MULTILINE);

  @Test
  void the_readme_draws_the_refused_refresh_as_docs_diagrams_does() {
    assertThat(text(Path.of("README.md")))
        .contains("```mermaid\n" + text(Path.of("docs/diagrams/refresh-failed.mmd")) + "```\n");
  }

  @Test
  void the_guide_for_moving_a_site_shows_the_files_that_a_test_runs() {
    assertThat(text(Path.of("docs/migrating.md")))
        .contains("```nginx\n" + text(Path.of("deploy/migrating/nginx.conf")) + "```\n")
        .contains("```\n" + text(Path.of("deploy/migrating/Caddyfile")) + "```\n");
  }

  @Test
  void the_settings_page_lists_every_setting_with_its_default() {
    List<String> listed = text(Path.of("docs/settings.md"))
        .lines()
        .filter(line -> line.startsWith("| `") && !line.startsWith("| `--"))
        .toList();
    List<String> settings = Config.read(Optional.empty(), Map.of(), Map.of()).effective().stream()
        .map(effective -> "| `%s` | %s | %s |"
            .formatted(
                effective.setting().key(),
                effective.value().isEmpty() ? "" : "`" + effective.value() + "`",
                effective.setting().about()))
        .toList();
    assertThat(listed).containsExactlyInAnyOrderElementsOf(settings);
  }

  @Test
  void the_page_of_errors_lists_every_code_with_its_status_action_and_message() {
    List<String> listed = text(Path.of("docs/errors.md"))
        .lines()
        .filter(line -> line.startsWith("| ["))
        .toList();
    List<String> codes = Stream.of(ErrorCode.values())
        .map(code -> "| [%1$d](#%1$d) | %2$d | `%3$s` | %4$s |"
            .formatted(code.code(), code.status(), code.action(), code.message()))
        .toList();
    assertThat(listed).containsExactlyElementsOf(codes);
  }

  @Test
  void the_glossary_points_at_files_that_exist() {
    List<Path> files = Pattern.compile("\\| `([A-Za-z/.-]+)` \\|$", Pattern.MULTILINE)
        .matcher(text(Path.of("docs/glossary.md")))
        .results()
        .map(found -> found.group(1))
        .map(file -> file.endsWith(".ts")
            ? Path.of("browser/src", file)
            : Path.of("src/main/java/parlour", file + ".java"))
        .toList();
    assertThat(files).hasSizeGreaterThan(50).allSatisfy(file -> assertThat(file).isRegularFile());
  }

  @Test
  void the_readme_lists_all_packages_in_at_most_40_lines_and_names_classes_that_exist()
      throws IOException {
    String readme = text(Path.of("README.md"));
    String where =
        readme.replaceAll("(?s).*(## Where the code is.*)\\s+## Where to look first.*", "$1");
    assertThat(where.lines().count()).isLessThanOrEqualTo(40);
    try (Stream<Path> rooms = Files.list(Path.of("src/main/java/parlour"))) {
      assertThat(rooms.filter(Files::isDirectory))
          .isNotEmpty()
          .allSatisfy(room -> assertThat(where).contains("`parlour." + room.getFileName() + "`"));
    }
    List<String> classes = Pattern.compile("`(?:[a-z]+/)*([A-Z][A-Za-z]+)(?:\\.[a-z]\\w*)?`")
        .matcher(readme.substring(readme.indexOf(where)))
        .results()
        .map(found -> found.group(1) + ".java")
        .toList();
    try (Stream<Path> sources = Files.walk(Path.of("src"))) {
      Set<String> files =
          sources.map(file -> file.getFileName().toString()).collect(Collectors.toSet());
      assertThat(classes)
          .hasSizeGreaterThan(40)
          .allSatisfy(each -> assertThat(files).contains(each));
    }
    List<String> paths = Pattern.compile("`((?:[a-z]+/)+[A-Z][A-Za-z]+)(?:\\.([a-z]\\w*))?`")
        .matcher(readme)
        .results()
        .map(found -> found.group(1) + " " + Optional.ofNullable(found.group(2)).orElse(""))
        .toList();
    assertThat(paths).hasSizeGreaterThan(15).allSatisfy(path -> {
      String[] parts = path.split(" ", 2);
      assertThat(text(Path.of("src/main/java/parlour", parts[0] + ".java"))).contains(parts[1]);
    });
  }

  /** Numbers that a reader acts on. The listed ones cannot drift from the code. */
  @Test
  void the_documents_say_the_numbers_of_the_code() {
    says(
        "docs/operating.md",
        "the last %,d refusals, the last %,d other failures and the last %,d successes",
        Limits.TRACES_KEPT,
        Limits.TRACES_KEPT,
        Limits.GOOD_TRACES_KEPT);
    says(
        "docs/errors.md",
        "the last %,d refusals, the last %,d other failures and the last %,d successes",
        Limits.TRACES_KEPT,
        Limits.TRACES_KEPT,
        Limits.GOOD_TRACES_KEPT);
    says(
        "docs/adr/0009-traces.md",
        "%,d traces of refusals (401, 403), %,d of other failures, and %,d of successes",
        Limits.TRACES_KEPT,
        Limits.TRACES_KEPT,
        Limits.GOOD_TRACES_KEPT);
    says(
        "docs/operating.md",
        "An inbox finds changes by their time and tolerates a difference of %d s. Tokens tolerate %d s.",
        Limits.WATCH_OVERLAP.toSeconds(),
        Limits.CLOCK_SKEW.toSeconds());
    says(
        "docs/adr/0018-postgresql.md",
        "is found by its time, with %d s of tolerance",
        Limits.WATCH_OVERLAP.toSeconds());
    says("docs/operating.md", "Each kind has %d lines a minute", Limits.SECURITY_LINES);
    says("docs/operating.md", "gives running calls up to %d s", Limits.DRAIN.toSeconds());
    says(
        "docs/operating.md", "keeps working for %d s if somebody", Limits.DRAIN_NOTICE.toSeconds());
    says(
        "SECURITY.md",
        "A session ends after %d days; after %d hours without an action of a person",
        Limits.AGENT_SESSION.toDays(),
        Limits.AGENT_IDLE.toHours());
    says(
        "SECURITY.md",
        "It deletes the record of a session %d days after",
        Limits.SESSION_RETENTION.toDays());
  }

  @FormatMethod
  private static void says(String document, @FormatString String sentence, Object... numbers) {
    assertThat(text(Path.of(document)).replaceAll("\\s+", " "))
        .as(document)
        .contains(String.format(Locale.ROOT, sentence, numbers));
  }

  @Test
  void every_bound_that_SECURITY_lists_is_the_one_in_Limits() throws ReflectiveOperationException {
    List<MatchResult> rows =
        BOUND.matcher(text(Path.of("SECURITY.md"))).results().toList();
    for (MatchResult row : rows) {
      Object limit = Limits.class.getField(row.group(2)).get(null);
      assertThat(written(limit)).as(row.group(2)).contains(row.group(1));
    }
    assertThat(rows).hasSizeGreaterThan(40);
  }

  @Test
  void the_page_about_concurrency_has_the_deadlines_of_Limits()
      throws ReflectiveOperationException {
    List<MatchResult> rows = Pattern.compile("\\(`([A-Z_]+)`\\) \\| ([^|\n]+) \\|")
        .matcher(text(Path.of("docs/concurrency.md")))
        .results()
        .toList();
    for (MatchResult row : rows) {
      Object limit = Limits.class.getField(row.group(1)).get(null);
      assertThat(written(limit)).as(row.group(1)).contains(row.group(2));
    }
    assertThat(rows).hasSizeGreaterThan(3);
  }

  /** A thread that the page does not list is a thread that nobody looks for. */
  @Test
  void the_page_about_concurrency_lists_every_named_thread() throws IOException {
    Pattern name =
        Pattern.compile("(?:Thread\\.of\\w+\\(\\)[^;]*?\\.name\\(|new Scheduler\\()\"([^\"]+)\"");
    String page = text(Path.of("docs/concurrency.md"));
    List<String> names = new ArrayList<>();
    try (Stream<Path> sources = Files.walk(Path.of("src/main/java"))) {
      for (Path source :
          sources.filter(file -> file.toString().endsWith(".java")).toList()) {
        name.matcher(text(source)).results().map(found -> found.group(1)).forEach(names::add);
      }
    }
    assertThat(names)
        .hasSizeGreaterThan(8)
        .allSatisfy(each -> assertThat(page).contains("`" + each));
  }

  /** A class that starts a thread or holds a lock is on the page, by its name. */
  @Test
  void the_page_about_concurrency_names_every_class_with_a_thread_or_a_lock() throws IOException {
    Pattern concurrent =
        Pattern.compile("Thread\\.of(?:Virtual|Platform)|startVirtualThread|new Thread\\("
            + "|Executors\\.|\\bsynchronized\\b[^.]*?[({]|new ReentrantLock"
            + "|new Semaphore\\([^0]");
    String page = text(Path.of("docs/concurrency.md"));
    List<String> classes = new ArrayList<>();
    try (Stream<Path> sources = Files.walk(Path.of("src/main/java"))) {
      for (Path source :
          sources.filter(file -> file.toString().endsWith(".java")).toList()) {
        if (concurrent.matcher(text(source)).find()) {
          classes.add(source.getFileName().toString().replace(".java", ""));
        }
      }
    }
    assertThat(classes)
        .hasSizeGreaterThan(40)
        .allSatisfy(each -> assertThat(page).containsPattern("\\b" + each + "\\b"));
  }

  /** All ways in which a bound can be written. */
  private static List<String> written(Object limit) {
    if (limit instanceof Duration time) {
      return List.of(
          time.toSeconds() + " s", time.toMillis() / 1000.0 + " s", time.toMinutes() + " min");
    }
    long number = ((Number) limit).longValue();
    List<String> ways = new ArrayList<>(
        List.of(String.format(Locale.ROOT, "%,d", number), "1/" + number, number + " bytes"));
    if (number % 1024 == 0) {
      ways.add(number / 1024 + " KiB");
    }
    if (number % (1 << 20) == 0) {
      ways.add(number / (1 << 20) + " MiB");
    }
    return ways;
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

  @Test
  void the_connections_of_a_node_are_as_many_as_operating_md_says() {
    int ofARole = 2 * Limits.STORE_CONNECTIONS + Limits.STORE_SINGLE_CONNECTIONS;
    int ofANode = ofARole * Stores.SCHEMAS.size();
    int nodes = 100 / ofANode;
    assertThat(nodes).as("the text says: the fourth").isEqualTo(3);
    assertThat(text(Path.of("docs/scaling.md")).replaceAll("\\s+", " "))
        .contains("stores, %d by default. The fourth node therefore exceeds".formatted(ofANode));
    assertThat(text(Path.of("docs/operating.md")).replaceAll("\\s+", " "))
        .contains("takes %d at the default of %d".formatted(ofANode, Limits.STORE_CONNECTIONS))
        .contains("Three such nodes take %d".formatted(3 * ofANode))
        .contains("`%d × nodes + 10`".formatted(ofANode));
  }

  /** A default of Java would give them a quarter of the memory that their bounds need. */
  @Test
  void
      the_service_and_the_image_have_the_heap_of_the_launcher_with_the_share_that_operators_read() {
    Set<String> options = options("parlour", "*) set -- -Xms", ";;");
    options.add("-XX:MaxRAMPercentage=60");
    assertThat(options).hasSize(4);
    assertThat(options("deploy/parlour.service", "\nEnvironment=\"PARLOUR_JAVA_OPTS=", "\"\n"))
        .isEqualTo(options);
    assertThat(options("deploy/Containerfile", "PARLOUR_JAVA_OPTS=\"", "\"\n")).isEqualTo(options);
    assertThat(text(Path.of("deploy/parlour.service")))
        .contains("# The heap takes 60 percent of this (MaxRAMPercentage above)");
  }

  /** The options of Java in a part of a file, without the patterns of a script. */
  private static Set<String> options(String file, String begin, String end) {
    String text = text(Path.of(file));
    int from = text.indexOf(begin);
    return JAVA_OPTION
        .matcher(text.substring(from, text.indexOf(end, from)))
        .results()
        .map(MatchResult::group)
        .filter(option -> !option.contains("*"))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Path resolved(Path document, String target) {
    return document.toAbsolutePath().resolveSibling(target).normalize();
  }

  /** The anchor of a heading: lower case, without punctuation, spaces as hyphens. */
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

package parlour.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import parlour.errors.ErrorCode;

/** The rules of STYLE.md that a program can hold. */
class TidyTest {
  private static final Path HERE = Path.of("");
  private static final Set<String> NOT_OURS =
      Set.of(".git", "target", "data", "node_modules", ".idea", ".vscode", "dist");
  private static final Pattern TEXT = Pattern.compile(
      ".*\\.(java|ts|tsx|js|mjs|json|md|mmd|http|sql|xml|yaml|yml|html|css|sh|txt|properties)"
          + "|parlour|dev|run|LICENSE|\\.[a-z-]+");

  /** Only a part of the program that has no other place to say how long it waits. */
  private static final Map<String, String> MAY_MEASURE_TIME = Map.of(
      "Limits.java", "that is its purpose",
      "Config.java", "what a setting falls back to while its mistake is reported",
      "SharedParts.java", "the pace of tasks that nobody waits for",
      "SqliteConnection.java", "a pause between two looks at a lock",
      "TraceCommand.java", "a person at a command line waits, and no service",
      "DemoBrowser.java", "stands for a browser, whose patience is not ours to set");

  /**
   * A reader searches these and does not read them, so that they can be longer than other files.
   */
  private static final Map<String, String> LISTS =
      Map.of("Limits.java", "every bound is in one file, so that nobody searches for one twice");

  /** Comments and quoted texts, in which a brace opens nothing. */
  private static final Pattern QUOTED =
      Pattern.compile("//[^\n]*|(?s:/\\*.*?\\*/)|\"\"\"(?s:.*?)\"\"\""
          + "|\"[^\"\\\\\n]*+(?:\\\\.[^\"\\\\\n]*+)*\"|'[^'\\\\\n]*+(?:\\\\.[^'\\\\\n]*+)*'");

  private static final Pattern LETTER = Pattern.compile("[^\n]");

  /** The declaration of a method or function, up to its brace. */
  private static final Pattern METHOD = Pattern.compile(
      "(?s)(?!.*\\b(?:class|record|enum|interface|new|return|if|for|while|switch|catch|synchronized|try)\\b)"
          + "(?!.*->\\s*$)(?:.*?[\\s#])?(?<name>\\w+)\\s*(?:=\\s*(?:async\\s*)?)?(?:<[^<>]*>\\s*)?"
          + "\\(.*\\)[^=]*(?:=>\\s*)?");

  /** The end of the text before a declaration. */
  private static final Pattern END = Pattern.compile("[{};]\\s*\\n");

  @Test
  void every_arrow_of_the_diagram_stands_exactly_once_in_the_sources() {
    Map<Integer, List<String>> places = new TreeMap<>();
    Pattern arrow = Pattern.compile("// arrow (\\d+)$");
    for (Path file : files(path -> path.startsWith("src/main") || path.startsWith("browser/src"))) {
      for (String line : text(file).lines().toList()) {
        Matcher found = arrow.matcher(line);
        if (found.find() && !line.substring(0, found.start()).isBlank()) {
          places
              .computeIfAbsent(Integer.valueOf(found.group(1)), number -> new ArrayList<>())
              .add(file + ": " + line.strip());
        }
      }
    }
    assertThat(places.keySet())
        .containsExactlyElementsOf(IntStream.rangeClosed(1, 20).boxed().toList());
    assertThat(places).allSatisfy((number, lines) -> assertThat(lines).hasSize(1));
  }

  @Test
  void no_source_has_a_reminder_of_unfinished_work() {
    Pattern later = Pattern.compile(
        "\\b(" + String.join("|", "TO" + "DO", "FIX" + "ME", "X" + "XX", "HA" + "CK") + ")\\b");
    assertThat(lines(later)).isEmpty();
  }

  @Test
  void no_file_is_longer_than_one_reads() {
    for (Path file :
        files(path -> path.toString().matches(".*\\.(java|ts|tsx|sql|sh|css)|parlour|dev"))) {
      if (LISTS.containsKey(file.getFileName().toString())) {
        continue;
      }
      int atMost = file.startsWith("src/test") ? 1_200 : 600;
      assertThat(text(file).lines().count())
          .as("lines of %s; take a part out, or name it among LISTS if it is one", file)
          .isLessThanOrEqualTo(atMost);
    }
    assertThat(files(path -> true).stream().map(file -> file.getFileName().toString()))
        .as("the lists exist")
        .containsAll(LISTS.keySet());
  }

  @Test
  void no_method_is_longer_than_70_lines() {
    List<String> found = new ArrayList<>();
    for (Path file : files(path -> path.toString().endsWith(".java")
        || (path.startsWith("browser/src") && path.toString().endsWith(".ts")))) {
      longMethods(text(file)).forEach(method -> found.add(file + ": " + method));
    }
    assertThat(found).isEmpty();
  }

  @Test
  void the_lines_of_a_method_are_counted_from_its_name_to_its_last_brace() {
    String body = "\n    call(); // }".repeat(69) + "\n  }\n";
    String shorter = body.replaceFirst("\n.*", "");
    for (String head : List.of(
        "  void oneTooLong(int a) {",
        "  Map<String, List<A>> oneTooLong(A a) throws IOException, X {",
        "  @CsvSource({\"{\", \"a\"})\n  static <T> void oneTooLong(T a) {",
        "  oneTooLong(a: string, b = 1): Promise<void> {",
        "function oneTooLong<T>(raw: T): { a(): void } {",
        "  const oneTooLong = async (a: string): Promise<void> => {")) {
      String start = "class X {\n  int a = 1;\n";
      assertThat(longMethods(start + head + body + "}\n")).as(head).containsExactly("oneTooLong");
      assertThat(longMethods(start + head + shorter + "}\n")).as(head).isEmpty();
      assertThat(longMethods(start + "record A(int a) {" + body + "}\n")).isEmpty();
      assertThat(longMethods(start + "  { Object o = new A(1) {" + body + "}}\n"))
          .isEmpty();
    }
  }

  @Test
  void every_limit_has_its_reason() {
    String limits = text(Path.of("src/main/java/parlour/Limits.java"));
    // A constant may share the reason of the one before it, and only that.
    String previous = "*/";
    int constants = 0;
    boolean shared = true;
    for (String line :
        limits.lines().map(String::strip).filter(l -> !l.isEmpty()).toList()) {
      if (line.startsWith("public static final")) {
        boolean documented = previous.endsWith("*/");
        assertThat(documented || (previous.startsWith("public static final") && !shared))
            .as("a reason for: %s", line)
            .isTrue();
        shared = !documented;
        constants++;
      }
      previous = line;
    }
    assertThat(constants).isGreaterThan(50);
    assertThat(limits).doesNotContain("private static final");
  }

  /** The form is "what: why", or a sentence that says why. */
  @Test
  void the_text_of_every_limit_says_why() {
    String limits = text(Path.of("src/main/java/parlour/Limits.java"));
    List<String> texts = Pattern.compile("/\\*\\*(.*?)\\*/\\s*public static final", Pattern.DOTALL)
        .matcher(limits)
        .results()
        .map(found -> found.group(1).replaceAll("[\\s*]+", " "))
        .toList();
    assertThat(texts).hasSizeGreaterThan(400);
    assertThat(texts)
        .allSatisfy(text -> assertThat(text)
            .containsPattern(": |; |\\.\\.\\.|because|so that|since|would|otherwise"));
  }

  @Test
  void lengths_of_time_stand_in_Limits() {
    Pattern literal =
        Pattern.compile("Duration\\.of(Nanos|Millis|Seconds|Minutes|Hours|Days)\\(\\s*[0-9]");
    for (Path file : files(path -> path.startsWith("src/main"))) {
      if (!MAY_MEASURE_TIME.containsKey(file.getFileName().toString())) {
        assertThat(literal.matcher(text(file)).results()).as("%s", file).isEmpty();
      }
    }
    assertThat(files(path -> path.startsWith("src/main")).stream()
            .map(file -> file.getFileName().toString()))
        .as("the exceptions are there")
        .containsAll(MAY_MEASURE_TIME.keySet());
  }

  @Test
  void every_code_is_explained_where_an_error_points() {
    for (ErrorCode code : ErrorCode.values()) {
      String[] place = code.moreInfo().split("#", 2);
      assertThat(text(Path.of(place[0]))
              .lines()
              .anyMatch(line ->
                  line.matches("#+ " + place[1]) || line.contains("<a id=\"" + place[1] + "\"")))
          .as("a heading or an anchor for %s", code.moreInfo())
          .isTrue();
    }
  }

  @Test
  void nothing_is_named_after_how_it_is_made() {
    Pattern type = Pattern.compile("(Impl|Manager|Helper|Base|Utils?|DTO|Dto|Abstract\\w*)\\.java");
    Set<String> folders = Set.of(
        "common", "util", "utils", "helper", "helpers", "misc", "impl", "dto", "port", "adapter",
        "usecase", "shared");
    for (Path file : files(path -> path.startsWith("src") || path.startsWith("browser/src"))) {
      assertThat(type.matcher(file.getFileName().toString()).find())
          .as("%s", file)
          .isFalse();
      for (Path part : file) {
        assertThat(folders).as("%s", file).doesNotContain(part.toString());
      }
    }
  }

  /** The check runs nothing alone. */
  @Test
  void each_test_that_runs_alone_belongs_to_the_long_form() {
    List<Path> alone = testsWith("@Tag(\"alone\")");
    assertThat(alone).isNotEmpty();
    assertThat(testsWith("@LongForm(")).containsAll(alone);
  }

  @Test
  void nothing_is_left_of_a_merge_or_an_editor() {
    assertThat(all(path -> path.getFileName().toString().matches(".*(\\.(orig|rej|bak|swp)|~)")))
        .isEmpty();
  }

  @Test
  void every_decision_is_accepted_or_superseded() {
    List<Path> decisions = files(
        path -> path.startsWith("docs/adr") && path.getFileName().toString().matches("\\d.*\\.md"));
    assertThat(decisions).isNotEmpty();
    Pattern status =
        Pattern.compile("(?im)^(#+ |\\W*)status\\W*?:?\\W*\\s*\\**(accepted|superseded)");
    for (Path decision : decisions) {
      assertThat(status.matcher(text(decision)).find())
          .as("%s says its status", decision)
          .isTrue();
    }
  }

  @Test
  void the_changelog_begins_with_Unreleased() {
    assertThat(text(Path.of("CHANGELOG.md")).lines().filter(line -> line.startsWith("## ")))
        .first()
        .asString()
        .matches("## \\[?Unreleased]?");
  }

  /** A build asks whatever mirror its user has set up. */
  @Test
  void no_file_says_where_packages_come_from() {
    Pattern host = Pattern.compile(
        "https?://(registry|repo\\d?|repository|packages?|artifactory|nexus|mirrors?|npm|pypi)[.:/]"
            + "|<(repository|pluginRepository|mirror|distributionManagement)>"
            + "|^registry\\s*=|\"resolved\"\\s*:|distributionUrl",
        Pattern.MULTILINE);
    assertThat(lines(host)).isEmpty();
  }

  @Test
  void the_search_finds_what_it_looks_for() {
    assertThat(files(path -> true))
        .contains(
            Path.of("pom.xml"),
            Path.of("dev"),
            Path.of("parlour"),
            Path.of(".gitignore"),
            Path.of("docs/wire/refresh.http"),
            Path.of("docs/diagrams/refresh-failed.mmd"),
            Path.of("src/main/java/parlour/cli/Main.java"),
            Path.of("src/test/java/parlour/spec/TidyTest.java"));
    assertThat(lines(Pattern.compile("a sentence that only TidyTest holds"))).hasSize(1);
  }

  /** The names of the methods with more than 70 lines, from the name to the last brace. */
  private static List<String> longMethods(String source) {
    String code = QUOTED
        .matcher(source)
        .replaceAll(quoted -> LETTER.matcher(quoted.group()).replaceAll(" "));
    int[] lines = linesBefore(code);
    List<String> found = new ArrayList<>();
    Deque<Integer> open = new ArrayDeque<>();
    for (int at = 0; at < code.length(); at++) {
      if (code.charAt(at) == '{') {
        open.push(at);
      } else if (code.charAt(at) == '}' && !open.isEmpty()) {
        int brace = open.pop();
        if (lines[at] - lines[brace] < 40) {
          continue;
        }
        int start = END.matcher(code.substring(0, brace))
            .results()
            .mapToInt(MatchResult::end)
            .max()
            .orElse(0);
        Matcher method = METHOD.matcher(code.substring(start, brace));
        if (method.matches() && lines[at] - lines[start + method.start("name")] >= 70) {
          found.add(method.group("name"));
        }
      }
    }
    return found;
  }

  /** For each place in a text, the number of line feeds before it. */
  private static int[] linesBefore(String text) {
    int[] lines = new int[text.length() + 1];
    for (int at = 0; at < text.length(); at++) {
      lines[at + 1] = lines[at] + (text.charAt(at) == '\n' ? 1 : 0);
    }
    return lines;
  }

  private static List<String> lines(Pattern pattern) {
    List<String> found = new ArrayList<>();
    for (Path file :
        files(path -> !path.endsWith("TidyTest.java") || pattern.pattern().startsWith("a "))) {
      String text = text(file);
      for (MatchResult match : pattern.matcher(text).results().toList()) {
        found.add(file + ": " + match.group());
      }
    }
    return found;
  }

  /** The text files of the project, as paths from its root. */
  private static List<Path> files(Predicate<Path> which) {
    return all(path -> TEXT.matcher(path.getFileName().toString()).matches() && which.test(path));
  }

  private static List<Path> testsWith(String annotation) {
    Pattern line = Pattern.compile("(?m)^ *" + Pattern.quote(annotation));
    return files(path -> path.startsWith("src/test") && line.matcher(text(path)).find());
  }

  private static List<Path> all(Predicate<Path> which) {
    List<Path> files = new ArrayList<>();
    try {
      Files.walkFileTree(HERE, new SimpleFileVisitor<>() {
        @Override
        public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
          return NOT_OURS.contains(folder.getFileName().toString())
              ? FileVisitResult.SKIP_SUBTREE
              : FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
          // Not the launcher's lock, which is a link to nothing.
          if (attributes.isRegularFile() && which.test(file)) {
            files.add(file);
          }
          return FileVisitResult.CONTINUE;
        }
      });
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    return files;
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}

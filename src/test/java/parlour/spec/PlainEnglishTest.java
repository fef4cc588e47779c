package parlour.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/**
 * The rules for words in STYLE.md, as far as a program can check them: in all documents with their
 * headings, in the comments and string literals of all sources, Java and TypeScript, in the names
 * of tests, and in scripts, SQL, configuration and golden files.
 *
 * <p>If a phrase is right although a rule finds it, add it to {@link #ALLOWED} with the reason.
 */
class PlainEnglishTest {
  /**
   * @param found a sentence that the rule must find
   * @param plain how to say it; no rule may find this
   */
  record Rule(Pattern pattern, String found, String plain) {
    Rule(String pattern, String found, String plain) {
      this(Pattern.compile(pattern), found, plain);
    }
  }

  static final List<Rule> RULES = List.of(
      new Rule(
          "\\b(is|are|was|were) to be \\w+",
          "The key is to be kept apart.",
          "The key must be kept apart."),
      new Rule(
          "\\b[Ww]ho(m|se)?ever\\b",
          "Whoever reads the file has the key.",
          "A reader of the file has the key."),
      new Rule(
          "\\b(that|which|who|it) (is|are|was|were) none\\b",
          "A setting that is none is refused.",
          "An unknown setting is refused."),
      new Rule(
          "(?<![Tt]here )\\b(is|are|was|were) no (?!longer\\b|more than\\b|less\\b)\\w+",
          "A fingerprint is no proof.",
          "A fingerprint does not prove it. There is no other proof, and it is no longer needed."),
      new Rule(
          "\\b([Tt]ells?|told|telling)\\b(?! (whether|the difference|apart|which)\\b)",
          "A node is told of the change.",
          "A node is notified of the change. A caller cannot tell whether it was."),
      new Rule(
          "\\b(hears?|heard|hearing)\\b",
          "All nodes hear of the change.",
          "All nodes receive the change."),
      new Rule(
          "\\b([Dd]oors?|[Dd]eeds?|[Mm]end(s|ed|ing)?|[Cc]hores?|[Ff]arewells?)\\b",
          "The door has a deed.",
          "The interface has an action."),
      new Rule(
          "\\b(un)?[Ll]ook(s|ed|ing)? (unasked|again|once)\\b",
          "A waiter looks again.",
          "A waiter polls the store."),
      new Rule("\\bunasked\\b", "Nodes ask unasked.", "Nodes poll."),
      new Rule("\\bno more(?=[.;,:])", "It is good no more.", "It is no longer valid."),
      new Rule("\\bof (ours|theirs|yours and ours)\\b", "A header of ours.", "Our header."),
      new Rule("\\bbut for\\b", "Idle but for a ping.", "Idle except for a ping."),
      new Rule("\\bas ever\\b", "It is answered as ever.", "It is answered as before."),
      new Rule("\\bletter by letter\\b", "Equal letter by letter.", "Exactly equal."),
      new Rule(
          "(?<=^|[.;:] )What (is|are|was|were|has|had|can|must|may|nobody|somebody) [^.?]*\\.",
          "What is sent is signed.",
          "Each request is signed. What is signed?"),
      new Rule(
          "(?<=^|[.;:] )Whom? (?!knows)[^.?]*\\.",
          "Who comes late waits.",
          "A late caller waits. Who waits?"));

  /** Written by {@code ./dev bench}. */
  private static final Path GENERATED = Path.of("docs/performance/results.md");

  private record Allowed(String file, String phrase, String reason) {}

  private static final String RELEASED =
      "a released migration never changes: its checksum counts the comments, too";

  private static final List<Allowed> ALLOWED = List.of(
      migration(
          "orchestrator/002-agents-and-answers",
          "Who answers: agents, and what an address does with a conversation."),
      migration("orchestrator/003-webhooks", "What is told to webhooks"),
      migration("orchestrator/003-webhooks", "what was said before is not told"),
      migration("orchestrator/003-webhooks", "How far a conversation is told"),
      migration("orchestrator/003-webhooks", "everything up to this revision is told"),
      migration("orchestrator/003-webhooks", "it is to be told on"),
      migration("conversations/002-messages", "Whoever knows everything"),
      migration("conversations/003-erased-conversations", "watches its account is told"),
      migration("conversations/006-bounds", "is no part of it"),
      migration("conversations/007-details", "were told to nobody"),
      migration("scoped-auth/002-looking-up-sessions", "Whoever holds sockets"),
      migration("scoped-auth/003-one-key-at-a-time", "whoever adds a key"),
      migration(
          "scoped-auth/010-ledger",
          "What was refused or revoked, and what agents and operators did."),
      new Allowed("STYLE.md", "Tells this.", "an example of what not to write"),
      new Allowed("STYLE.md", "How long one who waits to be told", "the same"),
      new Allowed("STYLE.md", "looking unasked", "the same"),
      new Allowed("STYLE.md", "the one that is mended", "the same"));

  private static Allowed migration(String name, String phrase) {
    return new Allowed("src/main/resources/parlour/" + name + ".sql", phrase, RELEASED);
  }

  /** Their comments and string literals follow the rules. */
  private static final List<String> SOURCES = List.of("src", "browser/src", "browser/test");

  @Test
  void the_documents_are_in_plain_english() {
    List<String> found = new ArrayList<>();
    for (Path document : documents()) {
      found.addAll(mistakes(document, prose(text(document))));
    }
    assertThat(found).isEmpty();
  }

  @Test
  void the_pages_are_in_plain_english() {
    List<Path> pages = files(Path.of("browser/pages"))
        .filter(file -> file.toString().endsWith(".html"))
        .toList();
    List<String> found = new ArrayList<>();
    for (Path page : pages) {
      found.addAll(mistakes(page, prose(text(page).replaceAll("<[^>]*>", ""))));
    }
    assertThat(pages).isNotEmpty();
    assertThat(found).isEmpty();
  }

  @Test
  void the_comments_and_texts_of_the_sources_are_in_plain_english() {
    List<String> found = new ArrayList<>();
    for (Path source : sources()) {
      found.addAll(mistakes(source, words(text(source))));
    }
    assertThat(found).isEmpty();
  }

  @Test
  void the_names_of_tests_are_in_plain_english() {
    List<String> found = new ArrayList<>();
    int names = 0;
    for (Path source : sources()) {
      for (MatchResult match : TEST_NAME.matcher(text(source)).results().toList()) {
        found.addAll(mistakes(source, List.of(sentence(match.group(1)))));
        names++;
      }
    }
    assertThat(names).isGreaterThan(2_000);
    assertThat(found).isEmpty();
  }

  @Test
  void scripts_and_configuration_and_golden_files_are_in_plain_english() {
    List<Path> files = Stream.of(
            "dev", "parlour", "deploy", "docs/wire", "browser", "src/main/resources")
        .flatMap(folder -> files(Path.of(folder)))
        .filter(file -> file.toString().matches(SCRIPT))
        .toList();
    List<String> found = new ArrayList<>();
    for (Path file : files) {
      found.addAll(mistakes(file, lines(text(file))));
    }
    assertThat(files).hasSizeGreaterThan(100);
    assertThat(found).isEmpty();
  }

  @Test
  void a_doc_comment_does_not_begin_with_a_relative_clause() {
    Pattern clause = Pattern.compile("/\\*\\*[\\s*]*((?:What|Whom?|Which) [^\n]*)");
    List<String> found = new ArrayList<>();
    for (Path source : sources()) {
      for (MatchResult match : clause.matcher(text(source)).results().toList()) {
        found.add("%s: \"%s\"; begin with a verb or a noun".formatted(source, match.group(1)));
      }
    }
    assertThat(found).isEmpty();
  }

  @Test
  void a_test_name_is_a_sentence_and_never_a_relative_clause() {
    for (String name : List.of(
        "what_was_read_is_kept",
        "who_leaves_can_return",
        "a_page_is_told_its_origin",
        "at_most_9_and_no_more")) {
      assertThat(mistakes(Path.of("T.java"), List.of(sentence(name)))).as(name).isNotEmpty();
    }
    assertThat(mistakes(Path.of("T.java"), List.of(sentence("a_page_receives_its_origin"))))
        .isEmpty();
  }

  @Test
  void the_lines_of_a_script_are_its_comments_as_paragraphs_and_its_other_lines() {
    assertThat(lines("""
        #!/bin/sh
        # A comment
        # in two lines.
        echo "a text"

        -- of SQL
        """)).containsExactly("A comment in two lines.", "echo \"a text\"", "of SQL");
  }

  @ParameterizedTest
  @FieldSource("RULES")
  void each_rule_finds_its_example_and_not_its_remedy(Rule rule) {
    assertThat(rule.pattern().matcher(rule.found()).find()).isTrue();
    for (Rule any : RULES) {
      assertThat(any.pattern().matcher(rule.plain()).find())
          .as(any.pattern().pattern())
          .isFalse();
    }
  }

  @Test
  void each_allowed_phrase_is_still_there_and_would_be_found() {
    for (Allowed allowed : ALLOWED) {
      assertThat(text(Path.of(allowed.file()))).contains(allowed.phrase());
      assertThat(allowed.reason()).isNotBlank();
      assertThat(RULES)
          .anyMatch(rule -> rule.pattern().matcher(allowed.phrase()).find());
    }
  }

  @Test
  void the_words_of_a_source_are_its_comments_and_strings() {
    assertThat(words("""
        int told = 1; // a comment
        /** A doc
         * comment. */
        String s = "a \\"text\\"";
        String door = \"""
            a block
            \""";
        char quote = '"'; // another
        const script = `a ${'template'}`;
        """))
        .containsExactly(
            "a comment",
            "A doc comment.",
            "a \\\"text\\\"",
            "a block",
            "\"",
            "another",
            "a ${'template'}");
  }

  private static List<String> mistakes(Path file, List<String> paragraphs) {
    List<String> phrases = ALLOWED.stream()
        .filter(allowed -> Path.of(allowed.file()).equals(file))
        .map(Allowed::phrase)
        .toList();
    List<String> found = new ArrayList<>();
    for (String paragraph : paragraphs) {
      String left = paragraph;
      for (String phrase : phrases) {
        left = left.replace(phrase, "");
      }
      for (Rule rule : RULES) {
        for (MatchResult match : rule.pattern().matcher(left).results().toList()) {
          found.add("%s: \"%s\"; write like: %s".formatted(file, match.group(), rule.plain()));
        }
      }
    }
    return found;
  }

  private static final Pattern TEST_NAME = Pattern.compile("\\bvoid (\\w+_\\w+)\\(");

  /** The name as a sentence, whose first word is never one of a question. */
  private static String sentence(String name) {
    String words = name.replace('_', ' ').replaceFirst("^(what|whom?) ", "what is $1 ");
    return Character.toUpperCase(words.charAt(0)) + words.substring(1) + ".";
  }

  private static final String SCRIPT =
      "dev|parlour|.*\\.(sh|sql|ya?ml|service|http|mjs|css|cfg|conf)|.*/debian/[a-z.]+";

  /** The comments of a file, each as one paragraph, and its other lines. */
  private static List<String> lines(String script) {
    Matcher mark = Pattern.compile("^\\s*(#(?!!)|--|//) ?", Pattern.MULTILINE).matcher("");
    List<String> found = new ArrayList<>();
    boolean inComment = false;
    for (String line : script.lines().map(String::strip).toList()) {
      boolean isComment = mark.reset(line).lookingAt();
      String words = isComment ? line.substring(mark.end()).strip() : line;
      if (isComment && inComment) {
        found.add((found.removeLast() + " " + words).strip());
      } else if (!words.startsWith("#!")) {
        found.add(words);
      }
      inComment = isComment;
    }
    return found.stream().filter(words -> !words.isEmpty()).toList();
  }

  /** Headings, paragraphs, list items and table cells of a document, without code and links. */
  private static List<String> prose(String document) {
    String text = document
        .replaceAll("(?s)```.*?```", "\n\n")
        .replaceAll("(?m)^#+ (.*)$", "\n\n$1\n\n")
        .replaceAll("`[^`]*`", "`code`")
        .replaceAll("]\\([^)]*\\)", "]")
        .replace("**", "");
    return Pattern.compile("\\n\\s*\\n|\\n(?=\\s*([-*]|\\d+\\.) )|\\|")
        .splitAsStream(text)
        .map(part ->
            part.replaceAll("^\\s*([-*]|\\d+\\.) ", "").replaceAll("\\s+", " ").strip())
        .filter(part -> !part.isEmpty())
        .toList();
  }

  /** Quoted texts are loops of characters without alternatives, which need no deep stack. */
  private static final Pattern WORDS =
      Pattern.compile("//(?<line>[^\n]*)|(?s)/\\*(?<block>.*?)\\*/|\"\"\"(?<texts>.*?)\"\"\""
          + "|\"(?<text>[^\"\\\\\n]*+(?:\\\\.[^\"\\\\\n]*+)*)\""
          + "|'(?<single>[^'\\\\\n]*+(?:\\\\.[^'\\\\\n]*+)*)'"
          + "|`(?<template>[^`\\\\]*+(?:\\\\.[^`\\\\]*+)*)`");

  /** Comments and string literals, in their order. */
  private static List<String> words(String source) {
    return WORDS
        .matcher(source)
        .results()
        .flatMap(match -> Stream.of("line", "block", "texts", "text", "single", "template")
            .map(match::group)
            .filter(group -> group != null && !group.isBlank()))
        .map(words -> words
            .replaceAll("(?m)^\\s*\\*+ ?", "")
            .replaceAll("\\{@\\w+ ([^}]*)}", "`code`")
            .replaceAll("\\s+", " ")
            .strip())
        .toList();
  }

  private static List<Path> documents() {
    try (Stream<Path> here = Files.list(Path.of(""))) {
      return Stream.of(here, files(Path.of("docs")), files(Path.of("deploy")))
          .flatMap(files -> files)
          .filter(file -> file.toString().endsWith(".md") && !file.equals(GENERATED))
          .toList();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static List<Path> sources() {
    return SOURCES.stream()
        .flatMap(folder -> files(Path.of(folder)))
        .filter(file -> file.toString().matches(".*\\.(java|ts)"))
        .filter(file -> !file.endsWith("PlainEnglishTest.java")) // it holds the examples
        .toList();
  }

  /** All files below a folder, except those of npm's packages. */
  private static Stream<Path> files(Path folder) {
    List<Path> found = new ArrayList<>();
    try {
      Files.walkFileTree(folder, new SimpleFileVisitor<>() {
        @Override
        public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
          return folder.endsWith("node_modules")
              ? FileVisitResult.SKIP_SUBTREE
              : FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
          found.add(file);
          return FileVisitResult.CONTINUE;
        }
      });
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    return found.stream();
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}

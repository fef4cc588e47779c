package parlour.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.Console;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import parlour.http.json.Json;

/**
 * The surroundings of a command. Tests pass their own.
 *
 * @param out for the output of the command
 * @param err for errors and hints
 * @param folder the working folder
 * @param person answers questions; absent if input or output is not a terminal
 */
record Terminal(
    PrintWriter out,
    PrintWriter err,
    Map<String, String> environment,
    Path folder,
    Optional<UnaryOperator<String>> person,
    InstantSource clock,
    SecureRandom random) {

  static Optional<UnaryOperator<String>> personAtKeyboard() {
    return Optional.ofNullable(System.console())
        .filter(Console::isTerminal)
        .map(console -> question -> {
          String answer = console.readLine("%s ", question);
          return answer == null ? "" : answer;
        });
  }

  void say(String line) {
    out.println(line);
  }

  void complain(@Nullable String message) {
    String.valueOf(message).lines().forEach(line -> err.println("parlour: " + line));
  }

  /**
   * Asks a person to confirm.
   *
   * @param command its words, for the error where nobody can be asked: see {@link #requirePerson}
   */
  boolean confirms(String command, String question) {
    requirePerson(command);
    String answer =
        person.orElseThrow().apply(question + " [y/N]").strip().toLowerCase(Locale.ROOT);
    return answer.equals("y") || answer.equals("yes");
  }

  /**
   * Fails without a person who could be asked: also a command whose output is redirected by someone
   * at a keyboard must not destroy without a question.
   *
   * @param command its words
   */
  void requirePerson(String command) {
    if (person.isEmpty()) {
      throw new UserError(
          "%s asks first, but input or output is not a terminal: add --yes to do it without a question"
              .formatted(command));
    }
  }

  /** Prints things: the JSON for programs, or a table for people. */
  <T> void list(OutputOptions output, Fields<T> fields, List<T> things) {
    report(output, fields.json(things), fields.table(things).toString());
  }

  /** Prints one thing: the JSON for programs, or its lines for people. */
  <T> void show(OutputOptions output, Fields<T> fields, T thing) {
    report(output, fields.json(thing), fields.lines(thing));
  }

  /** Prints a result: the JSON for programs, or a sentence for people. */
  void report(OutputOptions output, Object json, String sentence) {
    say(output.asJson() ? new String(Json.write(json), UTF_8) : sentence);
  }

  Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MILLIS);
  }
}

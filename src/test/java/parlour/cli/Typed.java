package parlour.cli;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.util.ContextInitializer;
import ch.qos.logback.core.joran.spi.JoranException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import parlour.http.json.Json;

/** The result of a command line in the terminal of a test. */
record Typed(int exit, String out, String err) {

  static Typed in(Path folder, String... arguments) {
    return in(folder, Map.of(), Optional.empty(), arguments);
  }

  static Typed in(Path folder, Map<String, String> environment, String... arguments) {
    return in(folder, environment, Optional.empty(), arguments);
  }

  static Typed in(
      Path folder,
      Map<String, String> environment,
      Optional<UnaryOperator<String>> person,
      String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    try {
      int exit = Cli.run(terminal(folder, environment, person, out, err), arguments);
      return new Typed(exit, out.toString(), err.toString());
    } finally {
      restoreTestLogs();
    }
  }

  /** Some commands configure the logs of their process, which is the one of the tests here. */
  static void restoreTestLogs() {
    LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    context.reset();
    try {
      new ContextInitializer(context).autoConfig();
    } catch (JoranException e) {
      throw new IllegalStateException(e);
    }
  }

  static Terminal terminal(
      Path folder,
      Map<String, String> environment,
      Optional<UnaryOperator<String>> person,
      StringWriter out,
      StringWriter err) {
    return new Terminal(
        new PrintWriter(out, true),
        new PrintWriter(err, true),
        environment,
        folder,
        person,
        InstantSource.system(),
        new SecureRandom());
  }

  Map<String, @Nullable Object> json() {
    return Json.object(out).orElseThrow(() -> new IllegalStateException("no JSON: " + this));
  }
}

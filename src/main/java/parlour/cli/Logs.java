package parlour.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import org.slf4j.LoggerFactory;

/**
 * Writes log lines to stderr, one line of JSON each, or as text for people; never to stdout, which
 * holds only the output of a command.
 *
 * <p>It configures Logback in code, because reading a file would take longer than the rest of the
 * start. The level applies to Parlour's own lines. Libraries log only warnings, because Jetty's
 * debug lines contain headers and bodies, which must not be in a log.
 */
final class Logs {
  private Logs() {}

  /** Switches all logs off, also those of libraries, until they are set up. */
  static void silence() {
    LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    context.getLogger(Logger.ROOT_LOGGER_NAME).setLevel(Level.OFF);
  }

  /**
   * @param format json or text
   * @param level error, warn, info or debug
   */
  static void write(String format, String level) {
    write((LoggerContext) LoggerFactory.getILoggerFactory(), format, level);
  }

  /**
   * Never resets the context: a reset puts every logger at debug for a moment, and a line of another
   * thread that starts in that moment is written once there is an appender.
   */
  static void write(LoggerContext context, String format, String level) {
    Encoder<ILoggingEvent> encoder = format.equals("json") ? new EcsEncoder() : text();
    encoder.setContext(context);
    encoder.start();
    ConsoleAppender<ILoggingEvent> stderr = new ConsoleAppender<>();
    stderr.setContext(context);
    stderr.setTarget("System.err");
    stderr.setEncoder(encoder);
    stderr.start();
    Logger everything = context.getLogger(Logger.ROOT_LOGGER_NAME);
    everything.detachAndStopAllAppenders();
    // The code that needs SQLite's library reports the problems of its loader, with the remedy.
    context.getLogger("org.sqlite").setLevel(Level.OFF);
    // The pool warns of each lost connection, with a stack trace; our stores log the outage
    // instead.
    context.getLogger("com.zaxxer.hikari").setLevel(Level.ERROR);
    context.getLogger("parlour").setLevel(Level.toLevel(level));
    everything.setLevel(level.equals("error") ? Level.ERROR : Level.WARN);
    // Last, because other threads may log before every level is set.
    everything.addAppender(stderr);
  }

  private static Encoder<ILoggingEvent> text() {
    PatternLayoutEncoder encoder = new PatternLayoutEncoder();
    encoder.setPattern("%d{yyyy-MM-dd'T'HH:mm:ss.SSS'Z',UTC} %-5level %logger{0} %msg %kvp%n");
    return encoder;
  }
}

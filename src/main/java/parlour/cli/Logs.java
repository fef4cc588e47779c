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
 * Writes log lines to stderr, one line of JSON each, or as text for people. It never writes to
 * stdout, which holds only the output of a command.
 *
 * <p>Set up here and not in a file, which would take longer to read than the program to start. The
 * level is for Parlour's own lines: of libraries only warnings are logged, because at debug
 * Jetty would print headers and bodies, which no log may hold.
 */
final class Logs {
  private Logs() {}

  /** Nothing is written before it is said where to and how, whatever a library finds to say. */
  static void notYet() {
    LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    context.getLogger(Logger.ROOT_LOGGER_NAME).setLevel(Level.OFF);
  }

  /**
   * @param format json or text
   * @param level error, warn, info or debug
   */
  static void write(String format, String level) {
    LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    context.reset();
    write(context, format, level);
  }

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
    everything.setLevel(level.equals("error") ? Level.ERROR : Level.WARN);
    context.getLogger("parlour").setLevel(Level.toLevel(level));
    // The pool warns of each lost connection, with a stack trace; our stores log the outage
    // instead.
    context.getLogger("com.zaxxer.hikari").setLevel(Level.ERROR);
    // The code that needs the library reports the loader's problems, once and with the remedy.
    context.getLogger("org.sqlite").setLevel(Level.OFF);
    // Last: a new or reset context is at debug, and other threads log meanwhile.
    everything.addAppender(stderr);
  }

  private static Encoder<ILoggingEvent> text() {
    PatternLayoutEncoder encoder = new PatternLayoutEncoder();
    encoder.setPattern("%d{yyyy-MM-dd'T'HH:mm:ss.SSS'Z',UTC} %-5level %logger{0} %msg %kvp%n");
    return encoder;
  }
}

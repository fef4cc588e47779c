package parlour.cli;

import java.util.List;
import java.util.Set;
import org.eclipse.jetty.server.Server;
import parlour.scopedauth.TokenKeys;
import parlour.store.SqliteDatabase;

/** The program: runs the command that its arguments name. */
public final class Main {
  /** The commands that start a server. */
  private static final Set<String> SERVER_COMMANDS = Set.of("up", "serve", "demo");

  private Main() {}

  public static void main(String[] arguments) {
    if (arguments.length > 0 && SERVER_COMMANDS.contains(arguments[0])) {
      // First, because it creates the logger; two threads must not do that at the same time.
      Cli.silenceLogs();
      // Jetty would ask the JVM for this by JMX, which also loads Flight Recorder. 16 is the value
      // for references of four bytes; where they have eight, Jetty only pads its queues more.
      System.getProperties().putIfAbsent("org.eclipse.jetty.util.referencesPerCacheLine", "16");
      Thread.ofPlatform().daemon().name("class loading").start(Main::loadClasses);
    }
    System.exit(Cli.run(arguments));
  }

  /**
   * Loads classes that take long to load, while the main thread reads the command line. This only
   * saves time: the command loads any class that is still missing.
   */
  private static void loadClasses() {
    // SQLite first: it unpacks a file, and is needed first.
    for (Runnable library : List.<Runnable>of(SqliteDatabase::load, TokenKeys::load, Server::new)) {
      try {
        library.run();
      } catch (RuntimeException | LinkageError ignored) {
        // A command that needs the library fails again, and reports it with the remedy.
      }
    }
  }
}

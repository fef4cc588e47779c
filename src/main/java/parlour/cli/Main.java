package parlour.cli;

import java.util.Set;
import org.eclipse.jetty.server.Server;
import parlour.scopedauth.TokenKeys;
import parlour.store.SqliteDatabase;

/** The program: runs the command that its arguments name. */
public final class Main {
  /** The commands that become a server. */
  private static final Set<String> STARTING = Set.of("up", "serve", "demo");

  private Main() {}

  public static void main(String[] arguments) {
    if (arguments.length > 0 && STARTING.contains(arguments[0])) {
      // Which makes the logger: while one thread does, another would get a substitute.
      Cli.quiet();
      Thread.ofPlatform().daemon().name("class loading").start(Main::load);
    }
    System.exit(Cli.run(arguments));
  }

  /**
   * Loads what takes long at a start, while the command line is read, which takes long too. Nothing
   * depends on it: what is not there when it is needed is loaded then.
   */
  private static void load() {
    try {
      var _ = new Server();
      TokenKeys.load();
      SqliteDatabase.load();
    } catch (RuntimeException | LinkageError ignored) {
      // The command that needs the library fails again, and reports it with the remedy.
    }
  }
}

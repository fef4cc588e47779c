package parlour.cli;

import java.net.URI;
import java.util.function.Consumer;
import parlour.Limits;
import parlour.config.Config;
import parlour.process.ParlourProcess;
import parlour.process.ServiceDecorators;
import parlour.process.Stores;

/** Runs a process of Parlour until it is stopped. */
final class Server {
  private Server() {}

  /**
   * @param announce prints how to reach the process
   */
  static int run(
      Terminal terminal,
      Config config,
      Stores.Unexpected unexpected,
      Consumer<ParlourProcess> announce) {
    Logs.write(config.logFormat(), config.logLevel());
    // Before the start, so that a signal during the start is not lost.
    try (StopSignals stop = StopSignals.listen();
        ParlourProcess main =
            ParlourProcess.start(config, terminal.clock(), ServiceDecorators.NONE, unexpected)) {
      announce.accept(main);
      stop.await();
      terminal.say("stopping: running calls have %d seconds (a second signal stops at once)"
          .formatted(Limits.DRAIN.toSeconds()));
    }
    terminal.say("stopped");
    return 0;
  }

  static void addresses(Terminal terminal, Config config, ParlourProcess main) {
    main.publicAddress().ifPresent(address -> {
      terminal.say("browsers    " + address);
      terminal.say("listens on  " + reach(config.publicHost()));
      terminal.say("ready?      " + ready(address));
    });
    terminal.say("internal    " + main.internalAddress());
    if (main.publicAddress().isEmpty()) {
      terminal.say("ready?      " + ready(main.internalAddress()));
    }
  }

  /** Describes who can connect to a listener on that address. */
  private static String reach(String host) {
    return switch (host) {
      case "0.0.0.0", "::" -> host + ": every network interface of this machine";
      case "127.0.0.1", "::1", "localhost" ->
        host + ": this machine only (--host 0.0.0.0 lets others connect)";
      default -> host;
    };
  }

  private static URI ready(URI address) {
    return address.resolve("/health/ready");
  }
}

package parlour.cli;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import parlour.Durations;
import parlour.Limits;
import parlour.Sid;
import parlour.ledger.LedgerQuery;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "refusals",
    header = "Lists what was refused, latest first, from the ledger.",
    description = "The ledger is in the store of scoped-auth. It survives restarts, and has the"
        + " refusals of all nodes.",
    footer = {
      "",
      "Examples:",
      "  parlour refusals --since 2h",
      "  parlour refusals --deployment CV… --cause \"from another browser\"",
      "  parlour refusals --all --since 7d --json     also revocations, and what operators did",
      "",
      "Under a flood, each process keeps the first " + Limits.LEDGER_NOTES_PER_MINUTE
          + " of each cause in a minute and the first " + Limits.LEDGER_NOTES_PER_DAY,
      "in a day; a line says how many more there were. parlour trace ID shows one refusal.",
    })
final class RefusalsCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Option(
      names = "--since",
      paramLabel = "TIME",
      defaultValue = "1d",
      description = "How far back: 90s, 15m, 2h, 7d (default: ${DEFAULT-VALUE}).")
  private String since = "";

  @Option(
      names = "--deployment",
      paramLabel = "CV…",
      description = "Only calls to this deployment.")
  private Optional<Sid.Deployment> deployment = Optional.empty();

  @Option(
      names = "--cause",
      paramLabel = "TEXT",
      description = "Only this cause, as the list shows it.")
  private Optional<String> cause = Optional.empty();

  @Option(
      names = "--all",
      description =
          "Also differences that were only observed, signals that only observe, revocations,"
              + " sign-ins of agents, and what agents, servers and commands changed.")
  private boolean all;

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "50",
      description = "The longest list to print (default: ${DEFAULT-VALUE}).")
  private int limit;

  @Mixin
  private final ConfigOptions options = new ConfigOptions();

  @Mixin
  private final OutputOptions output = new OutputOptions();

  RefusalsCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    if (limit < 1 || limit > Limits.LEDGER_LISTED) {
      throw new UserError("--limit must be from 1 to " + Limits.LEDGER_LISTED);
    }
    LedgerQuery query = new LedgerQuery(
        terminal.now().minus(age()),
        LedgerQuery.Scope.of(deployment.map(List::of)),
        cause,
        !all,
        limit,
        Optional.empty());
    terminal.list(
        output,
        all ? LedgerFields.all() : LedgerFields.refusals(),
        new Instance(options.read(terminal)).ledger(ledger -> ledger.newest(query)));
    return 0;
  }

  private Duration age() {
    try {
      return Durations.parse(since);
    } catch (IllegalArgumentException e) {
      throw new UserError("--since: " + e.getMessage());
    }
  }
}

package parlour.cli;

import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import parlour.Sid;
import parlour.accounts.Accounts;
import parlour.accounts.AllowedOrigins;
import parlour.config.Config;
import parlour.demo.Demo;
import parlour.demo.Operator;
import parlour.process.ServiceDecorators;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "demo",
    header = "Plays every outcome of a reload, and compares it with docs/diagrams.",
    description = "Starts a temporary instance, calls it over real HTTP, and prints the observed"
        + " arrows. Exits with 1 if any of them differs from docs/diagrams.",
    footer = {
      "",
      "Examples:",
      "  parlour demo",
      "  parlour demo --apart      with HTTP between the roles, as on several machines",
    })
final class DemoCommand implements Callable<Integer> {
  private final Terminal terminal;
  private final ServiceDecorators decorators;

  @Option(
      names = "--apart",
      description = "Connects the roles over HTTP, as separate processes are.")
  private boolean apart;

  DemoCommand(Terminal terminal) {
    this(terminal, ServiceDecorators.NONE);
  }

  /**
   * @param decorators where a test injects a fault, to see that the demo notices it
   */
  DemoCommand(Terminal terminal, ServiceDecorators decorators) {
    this.terminal = terminal;
    this.decorators = decorators;
  }

  @Override
  public Integer call() {
    Logs.write("text", "warn");
    return new Demo(new DemoOperator(), terminal.clock(), decorators).play(apart) ? 0 : 1;
  }

  /** Runs other commands for the demo. */
  private final class DemoOperator implements Operator {
    @Override
    public void say(String line) {
      terminal.say(line);
    }

    @Override
    public void complain(String line) {
      terminal.complain(line);
    }

    @Override
    public String deploy(Config config, String origin) {
      return new Instance(config).accounts(accounts -> {
        Sid.Account account = AccountsCommand.create(accounts, "Demo", terminal).sid();
        Sid.Address address =
            AddressesCommand.create(accounts, account, "Front desk", terminal).sid();
        Accounts.Settings settings =
            DeploymentsCommand.defaults(Optional.of(address), new AllowedOrigins(List.of(origin)));
        return DeploymentsCommand.create(accounts, account, "Demo", settings, terminal)
            .key()
            .text();
      });
    }

    @Override
    public String trace(URI starship, Config config, String id) {
      return TraceCommand.fetch(starship, config, terminal.clock(), id);
    }
  }
}

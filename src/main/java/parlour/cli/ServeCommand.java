package parlour.cli;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import parlour.config.Config;
import parlour.config.Role;
import parlour.config.Setting;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "serve",
    header = "Runs some or all roles of Parlour.",
    description =
        "Calls the other roles at the addresses in the settings (orchestrator.url and so on).",
    footer = {
      "",
      "Example, three processes on one machine:",
      "  parlour serve --roles=scoped-auth --internal-port 8082",
      "  parlour serve --roles=federated-auth,orchestrator,conversations \\",
      "    --internal-port 8083 --set scoped-auth.url=http://127.0.0.1:8082",
      "  parlour serve --roles=starship --internal-port 8084 --port 8080 \\",
      "    --set orchestrator.url=http://127.0.0.1:8083",
      "",
      "All processes of an installation need the same internal.secret.",
    })
final class ServeCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Option(
      names = "--roles",
      split = ",",
      paramLabel = "ROLE",
      description = "The roles, separated by commas: starship, orchestrator, federated-auth,"
          + " scoped-auth, conversations (default: the setting roles).")
  private List<Role> roles = List.of();

  @Mixin
  private final ConfigOptions.ServerOptions options = new ConfigOptions.ServerOptions();

  ServeCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    Config config =
        options.read(terminal, roles.isEmpty() ? Map.of() : Map.of(Setting.ROLES, words(roles)));
    return Server.run(terminal, config, options.unexpected(), main -> {
      terminal.say("serving     " + words(config.roles()));
      Server.addresses(terminal, config, main);
    });
  }

  private static String words(Collection<Role> roles) {
    return roles.stream().map(Role::word).collect(Collectors.joining(","));
  }
}

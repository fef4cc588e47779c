package parlour.cli;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import parlour.Sid;
import parlour.accounts.Accounts;
import parlour.accounts.AllowedOrigins;
import parlour.accounts.Lifetimes;
import parlour.accounts.TokenRules;
import parlour.config.Config;
import parlour.config.Setting;
import parlour.inbox.Agents;
import parlour.process.ParlourProcess;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
    name = "up",
    header = "Starts all roles of Parlour in one process.",
    description = "The first start creates an account, an address, a deployment key for pages on"
        + " localhost, an auth token and an agent, and prints how to use them.",
    footer = {
      "",
      "Examples:",
      "  parlour up",
      "  parlour up --port 9000 --internal-port 9001 --data /var/lib/parlour",
      "  parlour up --set log.format=text --set log.level=debug",
      "  parlour up --host 0.0.0.0       other machines can connect, too",
      "",
      "Without --host and without the setting public.host, only this machine can connect.",
      "Log lines go to stderr. SIGTERM and Ctrl-C finish the running calls, then",
      "exit with 0; a second one stops at once.",
    })
final class UpCommand implements Callable<Integer> {
  /** The usual ports of development servers for web pages. */
  private static final List<Integer> PAGES = List.of(3000, 5173, 8000);

  private final Terminal terminal;

  @Mixin
  private final ConfigOptions.ServerOptions options = new ConfigOptions.ServerOptions();

  UpCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  /** The account and the deployment that the first start has created. */
  private record FirstStart(AccountsCommand.NewAccount account, Accounts.Deployment deployment) {}

  @Override
  public Integer call() {
    Config config = options.read(
        terminal, Map.of(Setting.ROLES, "all"), Map.of(Setting.PUBLIC_HOST, "127.0.0.1"));
    return Server.run(terminal, config, options.unexpected(), main -> announce(config, main));
  }

  private void announce(Config config, ParlourProcess main) {
    Instance instance = new Instance(config);
    URI edge = main.publicAddress().orElseThrow();
    Optional<FirstStart> first = instance.accounts(accounts -> firstStart(accounts, edge));
    Optional<AgentsCommand.NewAgent> agent =
        instance.agents((accounts, agents) -> firstAgent(accounts, agents));
    List<Accounts.Deployment> deployments = instance.accounts(Accounts::deployments);
    if (!deployments.isEmpty()) {
      terminal.say("Parlour is running. Open both pages, and chat with yourself:");
      terminal.say("");
      terminal.say("shop        %s/demo?deploymentKey=%s   (a demo page with the chat on it)"
          .formatted(edge, deployments.getFirst().key().text()));
    }
    terminal.say("inbox       %s/inbox   (where guests are answered)".formatted(edge));
    agent.ifPresent(
        made -> terminal.say("sign in     as %s with the password %s   (shown once: keep it)"
            .formatted(made.name(), made.password())));
    terminal.say("");
    Server.addresses(terminal, config, main);
    first.ifPresentOrElse(
        made -> {
          terminal.say("account     " + made.account().sid().text());
          terminal.say(
              "auth token  %s   (shown once: keep it)".formatted(made.account().authToken()));
          terminal.say("deployment  %s   (pages on localhost)"
              .formatted(made.deployment().key().text()));
          terminal.say(howToCall(edge, made.deployment(), config.data()));
        },
        () -> {
          terminal.say("");
          terminal.say(DeploymentsCommand.table(deployments));
        });
  }

  /** Creates an agent if there is none, so that somebody can answer the guests. */
  private Optional<AgentsCommand.NewAgent> firstAgent(Accounts accounts, Agents agents) {
    List<Accounts.Account> all = accounts.accounts();
    return all.isEmpty() || !agents.agents().isEmpty()
        ? Optional.empty()
        : Optional.of(AgentsCommand.create(
            agents,
            all.getFirst().sid(),
            AgentsCommand.NewNames.of("agent"),
            Agents.Role.ADMIN,
            terminal));
  }

  private Optional<FirstStart> firstStart(Accounts accounts, URI edge) {
    if (!accounts.accounts().isEmpty()) {
      return Optional.empty();
    }
    AccountsCommand.NewAccount account = AccountsCommand.create(accounts, "My account", terminal);
    Sid.Address address =
        AddressesCommand.create(accounts, account.sid(), "Front desk", terminal).sid();
    Accounts.Settings settings = new Accounts.Settings(
        Optional.of(address),
        pagesOnLocalhost(edge),
        TokenRules.DEFAULT.withRealtime(), // only for pages on this machine
        Lifetimes.DEFAULT);
    return Optional.of(new FirstStart(
        account,
        DeploymentsCommand.create(accounts, account.sid(), "localhost", settings, terminal)));
  }

  private static AllowedOrigins pagesOnLocalhost(URI edge) {
    Stream<String> ours = onLocalhost(edge.getScheme(), edge.getPort());
    Stream<String> theirs = PAGES.stream().flatMap(page -> onLocalhost("http", page));
    return new AllowedOrigins(Stream.concat(ours, theirs).distinct().toList());
  }

  private static Stream<String> onLocalhost(String scheme, int port) {
    return Stream.of(scheme + "://localhost:" + port, scheme + "://127.0.0.1:" + port);
  }

  /** Commands that work as printed: they send the headers that a browser sends by itself. */
  private static String howToCall(URI edge, Accounts.Deployment deployment, Path data) {
    return """

        The same without a browser. A guest starts a chat:

          browser() { curl -sS -i -H 'Origin: %2$s' \\
            -H 'User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0' \\
            -H 'x-twilio-sec-usersettings: {"language":"en","cookieEnabled":true,"userTimezone":0}' \\
            -H 'Content-Type: application/json' "$@"; }

          ANSWER=$(browser %1$s/v2/Webchat/Init -d '{"deploymentKey":"%3$s"}'); echo "$ANSWER"

        and reloads the page:

          TOKEN=$(echo "$ANSWER" | sed -n 's/.*"token":"\\([^"]*\\)".*/\\1/p')
          browser %1$s/v2/Webchat/Token/Refresh -d '{"deploymentKey":"%3$s","token":"'"$TOKEN"'"}'

        What happened behind an answer, by its header Parlour-Trace-Id:

          ./parlour trace ID --data '%4$s'
        """.formatted(edge, origin(deployment), deployment.key().text(), data.toAbsolutePath());
  }

  private static String origin(Accounts.Deployment deployment) {
    return deployment.settings().allowedOrigins().patterns().getFirst();
  }
}

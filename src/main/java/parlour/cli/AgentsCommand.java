package parlour.cli;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import parlour.Identity;
import parlour.Limits;
import parlour.Sid;
import parlour.Unavailable;
import parlour.accounts.GeneratedSecrets;
import parlour.config.Config;
import parlour.inbox.Agents;
import parlour.process.RunningConversations;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "agents",
    description = "Manages agents: the people who answer guests, at the page /inbox.",
    footer = {
      "",
      "Examples:",
      "  parlour agents create ann --display-name 'Ann Lee'",
      "  parlour agents update ann --role admin",
      "  parlour agents reset ann",
      "  parlour agents remove ann",
      "  parlour agents admit ann",
      "  parlour agents list",
    })
final class AgentsCommand {
  private static final Fields<ListedAgent> FIELDS = new Fields<ListedAgent>(
          "agents", "no agents yet: parlour agents create NAME")
      .listed("name", "NAME", one -> one.agent().name())
      .listed("display_name", "DISPLAY NAME", one -> one.agent().displayName())
      .listed("role", "ROLE", one -> one.agent().role().word())
      .listed("sign_in", "SIGN-IN", one -> one.ofProvider() ? "provider" : "password")
      .member("second_factor", ListedAgent::secondFactor)
      .column("SECOND FACTOR", ListedAgent::shownFactor)
      .member("identity", one -> one.agent().identity().text())
      .listed("account_sid", "ACCOUNT", one -> one.agent().account())
      .listed("created", "CREATED", one -> one.agent().created());

  private static final Fields<NewAgent> FIELDS_WITH_PASSWORD = new Fields<NewAgent>()
      .field("name", "agent", NewAgent::name)
      .member("password", NewAgent::password)
      .line("password", agent -> agent.password() + "   (shown once: keep it)");

  private final Terminal terminal;

  AgentsCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  private record ListedAgent(Agents.Agent agent, boolean ofProvider, boolean secondFactor) {
    /** The provider alone knows the factors of its persons. */
    String shownFactor() {
      return ofProvider ? "-" : secondFactor ? "yes" : "no";
    }
  }

  /** An agent with the password, of which the store has only a digest. */
  record NewAgent(String name, String password) {}

  record UpdatedAgent(String name, boolean updated) {}

  /**
   * A removed agent.
   *
   * @param staysOut whether an identity provider knows the person, who would otherwise come back
   */
  record RemovedAgent(String name, boolean removed, boolean staysOut) {}

  record AdmittedAgent(String name, boolean admitted) {}

  @Command(
      name = "create",
      description = "Creates an agent, and prints the password, which Parlour generates and shows"
          + " only once.")
  int create(
      @Parameters(
              paramLabel = "NAME",
              description =
                  "The name to sign in with: letters, digits, dots, - and _. Guests do not"
                      + " see it.")
          String name,
      @Option(
              names = "--display-name",
              paramLabel = "TEXT",
              defaultValue = Agents.Agent.DEFAULT_DISPLAY_NAME,
              description = "The name that guests see. Default: ${DEFAULT-VALUE}. Agents can change"
                  + " their own.")
          String displayName,
      @Option(
              names = "--role",
              paramLabel = "admin|agent|auditor",
              defaultValue = "agent",
              description =
                  "admin: also changes the prepared answers, which all agents share; agent:"
                      + " answers guests; auditor: reads, and changes nothing. Default: agent.")
          Agents.Role role,
      @Mixin AccountChoice account,
      @Mixin ConfigOptions options,
      @Mixin OutputOptions output) {
    Instance instance = new Instance(options.read(terminal));
    NewAgent created = instance.agents((accounts, agents) ->
        create(agents, account.of(accounts), new NewNames(name, displayName), role, terminal));
    terminal.show(output, FIELDS_WITH_PASSWORD, created);
    instance.note(terminal, "agents create", name);
    return 0;
  }

  @Command(
      name = "reset",
      description =
          "Creates and prints a new password, removes the second factor, and signs the agent"
              + " out everywhere.")
  int reset(
      @Parameters(paramLabel = "NAME", description = "The name with which the agent signs in.")
          String name,
      @Mixin ConfigOptions options,
      @Mixin OutputOptions output) {
    NewAgent agent = new NewAgent(name, GeneratedSecrets.next(terminal.random()));
    Instance instance = new Instance(options.read(terminal));
    boolean known = instance.agents(
        (accounts, agents) -> agents.reset(name, GeneratedSecrets.digest(agent.password())));
    if (!known) {
      throw instance.agents((accounts, agents) -> agents.find(name)).isPresent()
          ? new UserError(
              "%s signs in at the identity provider (oidc.issuer) and has no password: reset it there"
                  .formatted(name))
          : unknown(name);
    }
    terminal.show(output, FIELDS_WITH_PASSWORD, agent);
    instance.note(terminal, "agents reset", name);
    return 0;
  }

  @Command(
      name = "update",
      description = "Changes the name that guests see, or the role. The agent stays signed in.")
  int update(
      @Parameters(paramLabel = "NAME", description = "The name with which the agent signs in.")
          String name,
      @Option(
              names = "--display-name",
              paramLabel = "TEXT",
              description = "The name that guests see in later messages.")
          Optional<String> displayName,
      @Option(
              names = "--role",
              paramLabel = "admin|agent|auditor",
              description = "See agents create.")
          Optional<Agents.Role> role,
      @Mixin ConfigOptions options,
      @Mixin OutputOptions output) {
    displayName.ifPresent(AgentsCommand::checkDisplayName);
    Instance instance = new Instance(options.read(terminal));
    if (!instance.agents((accounts, agents) -> agents.update(name, displayName, role))) {
      throw unknown(name);
    }
    instance.note(terminal, "agents update", name);
    terminal.report(output, new UpdatedAgent(name, true), "updated " + name);
    return 0;
  }

  @Command(
      name = "remove",
      description = "Removes an agent, and signs them out everywhere. If an identity provider signs"
          + " them in, they cannot sign in again until you run agents admit NAME.")
  int remove(
      @Parameters(paramLabel = "NAME", description = "The name with which the agent signs in.")
          String name,
      @Mixin ConfigOptions options,
      @Mixin OutputOptions output) {
    Config config = options.read(terminal);
    Instance instance = new Instance(config);
    Optional<Agents.Agent> agent = instance.agents((accounts, agents) -> agents.find(name));
    if (!instance.agents((accounts, agents) -> agents.remove(name))) {
      throw notRemoved(instance, name);
    }
    instance.note(terminal, "agents remove", name);
    agent.ifPresent(removed -> leaveConversations(config, removed));
    boolean staysOut = instance.logins((agents, logins) -> logins.removed()).contains(name);
    terminal.report(
        output,
        new RemovedAgent(name, true, staysOut),
        "removed " + name
            + (staysOut ? "; to let the person in again: parlour agents admit " + name : ""));
    return 0;
  }

  @Command(
      name = "admit",
      description = "Lets the person of a removed agent sign in at the identity provider again. The"
          + " next sign-in creates a new agent.")
  int admit(
      @Parameters(paramLabel = "NAME", description = "The name of the agent who was removed.")
          String name,
      @Mixin ConfigOptions options,
      @Mixin OutputOptions output) {
    Instance instance = new Instance(options.read(terminal));
    if (!instance.logins((agents, logins) -> logins.admit(name))) {
      List<String> removed = instance.logins((agents, logins) -> logins.removed());
      throw new UserError(
          "%s is not an agent of the identity provider who was removed; these are: %s"
              .formatted(name, removed.isEmpty() ? "nobody" : String.join(", ", removed)));
    }
    instance.note(terminal, "agents admit", name);
    terminal.report(output, new AdmittedAgent(name, true), "admitted " + name);
    return 0;
  }

  /** Guests read no longer that they chat with the agent. A removal does not fail for this. */
  private void leaveConversations(Config config, Agents.Agent removed) {
    try (RunningConversations running = GuestsCommand.conversations(config, terminal)) {
      int left = Limits.LEFT_AT_ONCE;
      while (left == Limits.LEFT_AT_ONCE) {
        left = running.team().leaveAll(removed.account(), removed.identity());
      }
    } catch (Unavailable | UserError e) {
      terminal.complain(("guests of %s still read that they chat with this agent, until another one"
              + " claims the conversation: %s")
          .formatted(removed.name(), e.getMessage()));
    }
  }

  @Command(name = "list", description = "Lists the agents.")
  int list(@Mixin ConfigOptions options, @Mixin OutputOptions output) {
    terminal.list(output, FIELDS, listed(new Instance(options.read(terminal))));
    return 0;
  }

  private static List<ListedAgent> listed(Instance instance) {
    Set<Identity> factors = instance.secondFactors((agents, store) -> store.active());
    return instance.logins((agents, logins) -> {
      Set<Identity> ofProvider = logins.all();
      return agents.agents().stream()
          .map(one -> new ListedAgent(
              one, ofProvider.contains(one.identity()), factors.contains(one.identity())))
          .toList();
    });
  }

  /** The name to sign in with, and the one that guests see. */
  record NewNames(String name, String displayName) {
    /** Names for an agent whose person is not known yet. */
    static NewNames of(String name) {
      return new NewNames(name, Agents.Agent.DEFAULT_DISPLAY_NAME);
    }
  }

  static NewAgent create(
      Agents agents, Sid.Account account, NewNames names, Agents.Role role, Terminal terminal) {
    String name = names.name();
    try {
      Agents.Agent.checkName(name);
    } catch (IllegalArgumentException e) {
      throw new UserError(String.valueOf(e.getMessage()));
    }
    checkDisplayName(names.displayName());
    NewAgent agent = new NewAgent(name, GeneratedSecrets.next(terminal.random()));
    if (!agents.create(
        new Agents.Agent(
            name,
            account,
            Agents.Agent.nextIdentity(terminal.random()),
            names.displayName(),
            role,
            terminal.now()),
        GeneratedSecrets.digest(agent.password()))) {
      throw new UserError(
          "there is already an agent %s: parlour agents reset %s creates a new password"
              .formatted(name, name));
    }
    return agent;
  }

  private static void checkDisplayName(String text) {
    try {
      Agents.Agent.checkDisplayName(text);
    } catch (IllegalArgumentException e) {
      throw new UserError(String.valueOf(e.getMessage()));
    }
  }

  private static UserError notRemoved(Instance instance, String name) {
    return instance.desks((accounts, desks) -> desks.onlyMemberOf(name)).stream()
        .findFirst()
        .map(desk -> new UserError(
            ("%s is the only member of %s, and without members all agents would see it: add another"
                    + " by parlour addresses members %s --add NAME, or open it to all by --remove %s")
                .formatted(name, desk.text(), desk.text(), name)))
        .orElseGet(() -> unknown(name));
  }

  private static UserError unknown(String name) {
    return new UserError(
        "there is no agent %s: parlour agents list shows them all".formatted(name));
  }
}

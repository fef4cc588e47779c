package parlour.cli;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import parlour.Durations;
import parlour.Sid;
import parlour.accounts.Accounts;
import parlour.accounts.AllowedOrigins;
import parlour.accounts.Lifetimes;
import parlour.accounts.TokenRules;
import parlour.scopedauth.Sessions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "deployments",
    description =
        "Manages deployments: the pages that can use a chat, and the lifetimes of its tokens.",
    footer = {
      "",
      "Examples:",
      "  parlour deployments create --name Shop --origin https://shop.example.com",
      "  parlour deployments update CV… --add-origin https://www.example.com",
      "  parlour deployments update CV… --remove-origin https://old.example.com",
      "  parlour deployments update CV… --sensitivity high --token-ttl 30m",
      "  parlour deployments update CV… --proof require --idle-ttl 7d",
      "  parlour deployments update CV… --realtime on",
      "  parlour deployments update CV… --reopen 2h",
      "  parlour deployments update CV… --signal browser=decide",
      "  parlour deployments list",
      "",
      "A running instance notices within a second.",
    })
final class DeploymentsCommand {
  private static final Fields<Accounts.Deployment> FIELDS = new Fields<Accounts.Deployment>(
          "deployments", "no deployments yet: parlour deployments create")
      .field("deployment_key", "deployment key", Accounts.Deployment::key)
      .field("account_sid", "account", Accounts.Deployment::account)
      .field("name", "name", Accounts.Deployment::name)
      .member("address_sid", deployment -> deployment.settings().address())
      .line("address", DeploymentsCommand::address)
      .member(
          "allowed_origins",
          deployment -> deployment.settings().allowedOrigins().patterns())
      .line("allowed origins", DeploymentsCommand::origins)
      .field("fingerprint_sensitivity", "sensitivity", DeploymentsCommand::sensitivity)
      .field("proof", "proof", DeploymentsCommand::proof)
      .member("revoke_on_replay", deployment -> deployment.settings().rules().revokeOnReplay())
      .line(
          "revoke on replay",
          deployment -> deployment.settings().rules().revokeOnReplay() ? "on" : "off")
      .member("realtime", deployment -> deployment.settings().rules().realtime())
      .line("realtime", deployment -> deployment.settings().rules().realtime() ? "on" : "off")
      .field(
          "token_ttl_seconds", "token TTL", deployment -> lifetimes(deployment).token())
      .member("bound_session_ttl_seconds", deployment -> lifetimes(deployment).sessionTtl(true))
      .member("unbound_session_ttl_seconds", deployment -> lifetimes(deployment).sessionTtl(false))
      .line("session TTL", DeploymentsCommand::sessionTtl)
      .field("idle_ttl_seconds", "idle TTL", deployment -> lifetimes(deployment).idleTtl())
      .member("keep_seconds", deployment -> lifetimes(deployment).keep())
      .line(
          "kept",
          deployment ->
              lifetimes(deployment).keep().map(Durations::text).orElse(DeploymentOptions.FOREVER))
      .member("reopen_seconds", deployment -> lifetimes(deployment).reopen())
      .line("reopen", DeploymentsCommand::reopen)
      .member("created", Accounts.Deployment::created)
      .member("updated", Accounts.Deployment::updated)
      .column("KEY", Accounts.Deployment::key)
      .column("NAME", Accounts.Deployment::name)
      .column("ADDRESS", DeploymentsCommand::address)
      .column("SENSITIVITY", DeploymentsCommand::sensitivity)
      .column("PROOF", DeploymentsCommand::proof)
      .column("TOKEN", deployment -> lifetimes(deployment).token())
      .column("SESSION", DeploymentsCommand::sessionTtl)
      .column("ORIGINS", DeploymentsCommand::origins);

  private record Updated(Accounts.Deployment before, Accounts.Deployment after) {}

  private record Shown(Accounts.Deployment deployment, DeploymentSignals signals) {}

  private final Terminal terminal;

  DeploymentsCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  record DeletedDeployment(String deploymentKey, boolean deleted, long sessionsEnded) {}

  @Command(
      name = "create",
      description =
          "Creates a deployment, and prints its key. Without --origin, any page can use it.")
  int create(
      @Option(
              names = "--name",
              required = true,
              paramLabel = "NAME",
              description = "The name for operators.")
          String name,
      @Mixin AccountChoice account,
      @Mixin DeploymentOptions changes,
      @Mixin ConfigOptions options,
      @Mixin OutputOptions output) {
    Instance instance = new Instance(options.read(terminal));
    Accounts.Deployment created = instance.accounts(accounts -> {
      Sid.Account whose = account.of(accounts);
      Optional<Sid.Address> usual =
          changes.haveAddress() ? Optional.empty() : onlyAddress(accounts, whose);
      return create(
          accounts,
          whose,
          name,
          changes.appliedTo(defaults(usual, AllowedOrigins.any())),
          terminal);
    });
    instance.note(terminal, "deployments create", created.key().text());
    terminal.show(output, FIELDS, created);
    return 0;
  }

  @Command(name = "list", description = "Lists the deployments.")
  int list(@Mixin ConfigOptions options, @Mixin OutputOptions output) {
    terminal.list(
        output, FIELDS, new Instance(options.read(terminal)).accounts(Accounts::deployments));
    return 0;
  }

  @Command(
      name = "show",
      description =
          "Shows all settings of a deployment, and which signals of a browser only observe.")
  int show(
      @Parameters(paramLabel = "KEY", description = "The deployment key, CV….") Sid.Deployment key,
      @Mixin ConfigOptions options,
      @Mixin OutputOptions output) {
    show(new Instance(options.read(terminal)), key, output);
    return 0;
  }

  /** Shows what is stored here: either role can run over another folder. */
  private void show(Instance instance, Sid.Deployment key, OutputOptions output) {
    Optional<DeploymentSignals> signals = instance.hasSessions()
        ? Optional.of(
            instance.signalVotes(votes -> DeploymentSignals.read(votes, key, terminal.now())))
        : Optional.empty();
    if (signals.isPresent() && !instance.hasAccounts()) {
      terminal.show(output, DeploymentSignals.FIELDS, signals.get());
      return;
    }
    Accounts.Deployment deployment = instance.accounts(accounts -> find(accounts, key));
    if (signals.isEmpty()) {
      terminal.show(output, FIELDS, deployment);
    } else {
      terminal.show(
          output,
          FIELDS.<Shown>of(Shown::deployment).and(DeploymentSignals.FIELDS.of(Shown::signals)),
          new Shown(deployment, signals.get()));
    }
  }

  @Command(
      name = "update",
      description = "Changes the options that are given, and no others. No guest is interrupted:"
          + " a higher sensitivity applies from a guest's next token on, and lifetimes and the"
          + " proof rule apply to new tokens and sessions.")
  int update(
      @Parameters(paramLabel = "KEY", description = "The deployment key, CV….") Sid.Deployment key,
      @Option(names = "--name", paramLabel = "NAME", description = "The new name.")
          Optional<String> name,
      @Mixin DeploymentOptions changes,
      @Option(
              names = "--signal",
              paramLabel = "NAME=RULE",
              description = "Whether a signal of a browser (browser, system, language, cookies or"
                  + " time-zone) decides: decide; observe; or auto (the default), which lets it"
                  + " decide unless it differs for too many guests at once. Can be repeated.")
          @Nullable
          List<String> signals,
      @Mixin ConfigOptions options,
      @Mixin OutputOptions output) {
    Instance instance = new Instance(options.read(terminal));
    List<DeploymentSignals.Change> rules = signals == null
        ? List.of()
        : signals.stream().map(DeploymentSignals.Change::parse).toList();
    if (rules.isEmpty() || instance.hasAccounts()) {
      update(instance, key, name, changes, !rules.isEmpty());
    } else {
      terminal.complain("the deployments are not in this folder: only --signal has an effect");
    }
    if (!rules.isEmpty()) {
      instance.signalVotes(votes -> {
        DeploymentSignals.change(votes, key, rules);
        return votes;
      });
    }
    instance.note(terminal, "deployments update", key.text());
    show(instance, key, output);
    return 0;
  }

  /**
   * @param mayBeNone whether there can be nothing to change, which is then not recorded as a change
   */
  private void update(
      Instance instance,
      Sid.Deployment key,
      Optional<String> name,
      DeploymentOptions changes,
      boolean mayBeNone) {
    Updated updated = instance.accounts(accounts -> accounts
        .retry(version -> {
          Accounts.Deployment before = find(accounts, key);
          Accounts.Deployment after = new Accounts.Deployment(
              key,
              before.account(),
              name.orElse(before.name()),
              changes.appliedTo(before.settings()),
              before.created(),
              terminal.now());
          boolean isNone =
              mayBeNone && name.isEmpty() && after.settings().equals(before.settings());
          return isNone || accounts.update(version, after)
              ? Optional.of(new Updated(before, after))
              : Optional.empty();
        })
        .orElseThrow(() -> {
          Accounts.Deployment there = find(accounts, key); // throws if it was deleted meanwhile
          return notItsAddress(there, changes.appliedTo(there.settings()));
        }));
    warnNarrowed(
        updated.before().settings().allowedOrigins(), updated.after().settings().allowedOrigins());
  }

  /** Prints on stderr which pages lose access through this change. */
  private void warnNarrowed(AllowedOrigins before, AllowedOrigins after) {
    if (before.isEmpty() && !after.isEmpty()) {
      terminal.complain("any page could use this deployment until now; from now on only: "
          + DeploymentOptions.text(after));
      return;
    }
    List<String> gone = new ArrayList<>(before.patterns());
    gone.removeAll(after.patterns());
    if (!gone.isEmpty() && !after.isEmpty()) {
      terminal.complain("no longer allowed: " + String.join(" ", gone));
    }
    if (!before.isEmpty() && after.isEmpty()) {
      terminal.complain("the list is empty: from now on any page can use this deployment");
    }
  }

  @Command(
      name = "delete",
      description = "Deletes a deployment and ends its guests' sessions; open pages lose the chat"
          + " within a second.")
  int delete(
      @Parameters(paramLabel = "KEY", description = "The deployment key, CV….") Sid.Deployment key,
      @Option(
              names = "--yes",
              description = "Do not ask; needed if input or output is not a terminal.")
          boolean yes,
      @Mixin ConfigOptions options,
      @Mixin OutputOptions output) {
    Instance instance = new Instance(options.read(terminal));
    Accounts.Deployment deployment = instance.accounts(accounts -> find(accounts, key));
    String question =
        "Delete %s (%s)? Its guests are interrupted.".formatted(key.text(), deployment.name());
    if (!yes && !terminal.confirms("deployments delete", question)) {
      throw new UserError("nothing was deleted");
    }
    boolean deleted = instance.accounts(accounts -> accounts.delete(key));
    // After the deletion, so that no session can begin afterwards that would not be ended.
    if (instance.hasSessions()) {
      instance.signalVotes(votes -> {
        votes.delete(key);
        return votes;
      });
    }
    boolean hasSessions = instance.hasSessions();
    long ended = hasSessions
        ? SessionsCommand.endAll(
            instance, new Sessions.Scope.OfDeployment(key), "its deployment was deleted", terminal)
        : 0;
    instance.note(terminal, "deployments delete", key.text());
    terminal.report(
        output,
        new DeletedDeployment(key.text(), deleted, ended),
        (deleted ? "deleted " + key.text() : "it was deleted by someone else meanwhile")
            + (hasSessions ? ", and ended " + SessionsCommand.counted(ended) : ""));
    if (!hasSessions) {
      terminal.complain(
          "the guests' sessions are in another folder, and were not ended; there, run: parlour sessions"
              + " end-all --deployment " + key.text());
    }
    return 0;
  }

  static Accounts.Settings defaults(Optional<Sid.Address> address, AllowedOrigins origins) {
    return new Accounts.Settings(address, origins, TokenRules.DEFAULT, Lifetimes.DEFAULT);
  }

  static Accounts.Deployment create(
      Accounts accounts,
      Sid.Account account,
      String name,
      Accounts.Settings settings,
      Terminal terminal) {
    Accounts.Deployment deployment = new Accounts.Deployment(
        Sid.Deployment.random(terminal.random()),
        account,
        name,
        settings,
        terminal.now(),
        terminal.now());
    if (!accounts.create(deployment)) {
      throw notItsAddress(deployment, settings);
    }
    return deployment;
  }

  static String table(List<Accounts.Deployment> deployments) {
    return FIELDS.table(deployments).toString();
  }

  private static Accounts.Deployment find(Accounts accounts, Sid.Deployment key) {
    return accounts.deployments().stream()
        .filter(deployment -> deployment.key().equals(key))
        .findFirst()
        .orElseThrow(() ->
            new UserError("there is no deployment key %s: parlour deployments list shows them all"
                .formatted(key.text())));
  }

  private static Optional<Sid.Address> onlyAddress(Accounts accounts, Sid.Account account) {
    List<Sid.Address> all = accounts.addresses().stream()
        .filter(address -> address.account().equals(account))
        .map(Accounts.Address::sid)
        .toList();
    if (all.size() != 1) {
      throw new UserError(
          "the account %s has %d addresses: choose one with --address (parlour addresses list), or none"
              .formatted(account.text(), all.size()));
    }
    return Optional.of(all.getFirst());
  }

  private static UserError notItsAddress(
      Accounts.Deployment deployment, Accounts.Settings settings) {
    return new UserError(
        "the account %s has no address %s: parlour addresses list shows the addresses of each account"
            .formatted(deployment.account().text(), address(settings)));
  }

  private static String address(Accounts.Deployment deployment) {
    return address(deployment.settings());
  }

  private static String address(Accounts.Settings settings) {
    return settings.address().map(Sid::text).orElse(DeploymentOptions.NO_ADDRESS);
  }

  private static String sensitivity(Accounts.Deployment deployment) {
    return deployment.settings().rules().sensitivity().word();
  }

  private static String proof(Accounts.Deployment deployment) {
    return deployment.settings().rules().proof().word();
  }

  private static Lifetimes lifetimes(Accounts.Deployment deployment) {
    return deployment.settings().lifetimes();
  }

  private static String sessionTtl(Accounts.Deployment deployment) {
    String bound = Durations.text(lifetimes(deployment).sessionTtl(true));
    String unbound = Durations.text(lifetimes(deployment).sessionTtl(false));
    return switch (deployment.settings().rules().proof()) {
      case OFF -> unbound;
      case REQUIRE -> bound;
      case PREFER -> bound.equals(unbound) ? bound : "%s (unbound %s)".formatted(bound, unbound);
    };
  }

  private static String reopen(Accounts.Deployment deployment) {
    Duration time = lifetimes(deployment).reopen();
    return time.isZero() ? DeploymentOptions.OFF : "within " + Durations.text(time);
  }

  private static String origins(Accounts.Deployment deployment) {
    return DeploymentOptions.text(deployment.settings().allowedOrigins());
  }
}

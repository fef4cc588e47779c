package parlour.cli;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import parlour.Durations;
import parlour.Sid;
import parlour.accounts.Accounts;
import parlour.accounts.AllowedOrigins;
import parlour.accounts.Lifetimes;
import parlour.accounts.ProofRule;
import parlour.accounts.TokenRules;
import parlour.scopedauth.Sensitivity;
import parlour.scopedauth.Sessions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "deployments",
    description = "The chats on sites: who may use one, and how its tokens live.",
    footer = {
      "",
      "Examples:",
      "  parlour deployments create --name Shop --origin https://shop.example.com",
      "  parlour deployments update CV… --add-origin https://www.example.com",
      "  parlour deployments update CV… --remove-origin https://old.example.com",
      "  parlour deployments update CV… --sensitivity high --token-ttl 30m",
      "  parlour deployments list",
      "",
      "A running instance notices within a second.",
    })
final class DeploymentsCommand {
  private static final String NO_ADDRESS = "none";

  private final Terminal terminal;

  DeploymentsCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  /** The word for: Parlour never erases them by itself. */
  private static final String FOREVER = "forever";

  /** The word for: as Parlour decides, also after an upgrade that decides otherwise. */
  private static final String DEFAULT = "default";

  enum Switch {
    ON,
    OFF
  }

  /** What create and update have in common; what is not given stays as it is. */
  static final class Changes {
    @Option(
        names = "--origin",
        paramLabel = "ORIGIN",
        description = "A page's origin that may use it, such as https://shop.example.com or"
            + " https://*.example.com; replaces the list. Can be repeated.")
    private List<String> origins = List.of();

    @Option(
        names = "--add-origin",
        paramLabel = "ORIGIN",
        description = "Adds an origin to the list. Can be repeated.")
    private List<String> added = List.of();

    @Option(
        names = "--remove-origin",
        paramLabel = "ORIGIN",
        description = "Removes an origin from the list. Can be repeated.")
    private List<String> removed = List.of();

    @Option(names = "--any-origin", description = "Clears the list: any page may use it.")
    private boolean anyOrigin;

    @Option(
        names = "--sensitivity",
        paramLabel = "LEVEL",
        description =
            "How much of the browser must stay the same: off, observe, low, medium" + " or high.")
    private Optional<Sensitivity> sensitivity = Optional.empty();

    @Option(
        names = "--token-ttl",
        paramLabel = "TIME",
        description = "How long a token is good: 3600, 30m, 6h.")
    private Optional<Duration> tokenTtl = Optional.empty();

    @Option(
        names = "--session-ttl",
        paramLabel = "TIME|default",
        description = "How long a session can be renewed, counted from its beginning: 24h, 30d;"
            + " default: 30d if it is bound to a key, and 1d if not.")
    private Optional<String> sessionTtl = Optional.empty();

    @Option(
        names = "--idle-ttl",
        paramLabel = "TIME|default",
        description = "How long a session that is bound to a key lives without a call: 12h, 14d"
            + " (the default).")
    private Optional<String> idleTtl = Optional.empty();

    @Option(
        names = "--proof",
        paramLabel = "RULE",
        description = "Whether new sessions are bound to a key that never leaves the browser: off,"
            + " prefer (the default: if the browser has one) or require (no chat without one).")
    private Optional<ProofRule> proof = Optional.empty();

    @Option(
        names = "--revoke-on-replay",
        paramLabel = "on|off",
        description = "Whether a superseded token that comes back ends its session.")
    private Optional<Switch> revokeOnReplay = Optional.empty();

    @Option(
        names = "--keep",
        paramLabel = "TIME|forever",
        description = "Erases conversations when this time has passed since their last change, for"
            + " example 90d; forever (the default) never erases them.")
    private Optional<String> keep = Optional.empty();

    @Option(
        names = "--address",
        paramLabel = "IG…|none",
        description = "The address that answers; without one, no chat can begin.")
    private Optional<String> address = Optional.empty();

    Accounts.Settings over(Accounts.Settings before) {
      return understood(() -> new Accounts.Settings(
          address.map(Changes::address).orElse(before.address()),
          allowed(before.allowedOrigins()),
          over(before.rules()),
          over(before.lifetimes())));
    }

    private TokenRules over(TokenRules before) {
      return new TokenRules(
          sensitivity.orElse(before.sensitivity()),
          proof.orElse(before.proof()),
          revokeOnReplay.map(Switch.ON::equals).orElse(before.revokeOnReplay()));
    }

    private Lifetimes over(Lifetimes before) {
      return new Lifetimes(
          tokenTtl.orElse(before.token()),
          time("--session-ttl", sessionTtl, DEFAULT, before.session()),
          time("--idle-ttl", idleTtl, DEFAULT, before.idle()),
          time("--keep", keep, FOREVER, before.keep()));
    }

    /** A time as it is given, unless it is the word for none; without it, the one of before. */
    private static Optional<Duration> time(
        String option, Optional<String> given, String none, Optional<Duration> before) {
      try {
        return given.isEmpty()
            ? before
            : given.filter(text -> !text.equals(none)).map(Durations::parse);
      } catch (IllegalArgumentException e) {
        throw new UserError("%s: %s or %s".formatted(option, e.getMessage(), none));
      }
    }

    private AllowedOrigins allowed(AllowedOrigins before) {
      boolean some = !added.isEmpty() || !removed.isEmpty();
      if (Stream.of(anyOrigin, !origins.isEmpty(), some).filter(given -> given).count() > 1) {
        throw new UserError("--any-origin, --origin and --add-origin or --remove-origin contradict"
            + " each other: empty the list, replace it or change it");
      }
      if (!some) {
        return anyOrigin || !origins.isEmpty() ? new AllowedOrigins(origins) : before;
      }
      List<String> patterns = new ArrayList<>(before.patterns());
      patterns.addAll(new AllowedOrigins(added).patterns());
      for (String gone : new AllowedOrigins(removed).patterns()) {
        if (!patterns.removeIf(gone::equals)) {
          throw new UserError("%s is not on the list, which is: %s".formatted(gone, shown(before)));
        }
      }
      if (patterns.isEmpty()) {
        throw new UserError("the list would be empty, and an empty list lets any page in:"
            + " use --any-origin if you mean that");
      }
      return new AllowedOrigins(patterns);
    }

    private static Optional<Sid.Address> address(String text) {
      return text.equals(NO_ADDRESS) ? Optional.empty() : Optional.of(new Sid.Address(text));
    }

    /** The types say themselves what they cannot hold. */
    private static <T> T understood(Supplier<T> made) {
      try {
        return made.get();
      } catch (IllegalArgumentException e) {
        throw new UserError(String.valueOf(e.getMessage()));
      }
    }
  }

  record DeploymentList(List<DeploymentItem> deployments) {}

  record DeploymentItem(
      String deploymentKey,
      String accountSid,
      String name,
      @Nullable String addressSid,
      List<String> allowedOrigins,
      String fingerprintSensitivity,
      String proof,
      boolean revokeOnReplay,
      long tokenTtlSeconds,
      long boundSessionTtlSeconds,
      long unboundSessionTtlSeconds,
      long idleTtlSeconds,
      @Nullable Long keepSeconds,
      String created,
      String updated) {}

  record DeletedDeployment(String deploymentKey, boolean deleted, long sessionsEnded) {}

  @Command(
      name = "create",
      description =
          "Creates a deployment and prints its key. Without --origin any page may use it.")
  int create(
      @Option(names = "--name", required = true, paramLabel = "NAME") String name,
      @Option(
              names = "--account",
              paramLabel = "AC…",
              description = "Whose (default: the only account).")
          Optional<Sid.Account> account,
      @Mixin Changes changes,
      @Mixin ConfigOptions options,
      @Mixin OutputOptions shown) {
    Accounts.Deployment created = new Instance(options.read(terminal)).accounts(accounts -> {
      Sid.Account whose = AccountsCommand.choose(accounts, account);
      Optional<Sid.Address> usual =
          changes.address.isPresent() ? Optional.empty() : onlyAddress(accounts, whose);
      return create(
          accounts, whose, name, changes.over(defaults(usual, AllowedOrigins.any())), terminal);
    });
    terminal.show(shown, item(created), described(created));
    return 0;
  }

  @Command(name = "list", description = "Lists the deployments.")
  int list(@Mixin ConfigOptions options, @Mixin OutputOptions shown) {
    List<Accounts.Deployment> deployments =
        new Instance(options.read(terminal)).accounts(Accounts::deployments);
    terminal.show(
        shown,
        new DeploymentList(deployments.stream().map(DeploymentsCommand::item).toList()),
        table(deployments));
    return 0;
  }

  @Command(
      name = "update",
      description = "Changes what is given, and leaves the rest. A raised sensitivity interrupts"
          + " nobody: it counts from a guest's next token on.")
  int update(
      @Parameters(paramLabel = "KEY", description = "The deployment key, CV….") Sid.Deployment key,
      @Option(names = "--name", paramLabel = "NAME") Optional<String> name,
      @Mixin Changes changes,
      @Mixin ConfigOptions options,
      @Mixin OutputOptions shown) {
    Accounts.Deployment updated = new Instance(options.read(terminal)).accounts(accounts -> {
      Accounts.Deployment before = find(accounts, key);
      Accounts.Deployment after = new Accounts.Deployment(
          key,
          before.account(),
          name.orElse(before.name()),
          changes.over(before.settings()),
          before.created(),
          terminal.now());
      if (!accounts.update(after)) {
        find(accounts, key); // deleted meanwhile, unless it is the address
        throw notItsAddress(after);
      }
      warnNarrowed(before.settings().allowedOrigins(), after.settings().allowedOrigins());
      return after;
    });
    terminal.show(shown, item(updated), described(updated));
    return 0;
  }

  /** Says on stderr, beside the command's output, which pages lose access by this change. */
  private void warnNarrowed(AllowedOrigins before, AllowedOrigins after) {
    if (before.isEmpty() && !after.isEmpty()) {
      terminal.complain(
          "any page could use this deployment until now; from now on only: " + shown(after));
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
      @Option(names = "--yes", description = "Do not ask.") boolean yes,
      @Mixin ConfigOptions options,
      @Mixin OutputOptions shown) {
    Instance instance = new Instance(options.read(terminal));
    Accounts.Deployment deployment = instance.accounts(accounts -> find(accounts, key));
    String question =
        "Delete %s (%s)? Its guests are interrupted.".formatted(key.text(), deployment.name());
    if (!yes && !terminal.confirms(question)) {
      throw new UserError("nothing was deleted");
    }
    boolean deleted = instance.accounts(accounts -> accounts.delete(key));
    // After the deletion, so that no session can begin afterwards that would not be ended.
    long ended = instance.hasSessions()
        ? SessionsCommand.endAll(
            instance, new Sessions.Scope.OfDeployment(key), "its deployment was deleted", terminal)
        : 0;
    terminal.show(
        shown,
        new DeletedDeployment(key.text(), deleted, ended),
        (deleted ? "deleted " + key.text() : "it was deleted by someone else meanwhile")
            + ", and ended " + SessionsCommand.counted(ended));
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
      throw notItsAddress(deployment);
    }
    return deployment;
  }

  static Table table(List<Accounts.Deployment> deployments) {
    Table table = new Table(
        "no deployments yet: parlour deployments create",
        "KEY",
        "NAME",
        "ADDRESS",
        "SENSITIVITY",
        "PROOF",
        "TOKEN",
        "SESSION",
        "ORIGINS");
    for (Accounts.Deployment deployment : deployments) {
      Accounts.Settings settings = deployment.settings();
      table.row(
          deployment.key().text(),
          deployment.name(),
          settings.address().map(Sid::text).orElse(NO_ADDRESS),
          settings.rules().sensitivity().word(),
          settings.rules().proof().word(),
          Durations.text(settings.lifetimes().token()),
          sessionTtl(settings),
          origins(settings));
    }
    return table;
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
          "the account %s has %d addresses: say which by --address (parlour addresses list), or none"
              .formatted(account.text(), all.size()));
    }
    return Optional.of(all.getFirst());
  }

  private static UserError notItsAddress(Accounts.Deployment deployment) {
    return new UserError(
        "the account %s has no address %s: parlour addresses list shows whose is whose"
            .formatted(
                deployment.account().text(),
                deployment.settings().address().map(Sid::text).orElse(NO_ADDRESS)));
  }

  private static String described(Accounts.Deployment deployment) {
    Accounts.Settings settings = deployment.settings();
    Map<String, String> lines = new LinkedHashMap<>();
    lines.put("deployment key", deployment.key().text());
    lines.put("account", deployment.account().text());
    lines.put("name", deployment.name());
    lines.put("address", settings.address().map(Sid::text).orElse(NO_ADDRESS));
    lines.put("allowed origins", origins(settings));
    lines.put("sensitivity", settings.rules().sensitivity().word());
    lines.put("proof", settings.rules().proof().word());
    lines.put("revoke on replay", settings.rules().revokeOnReplay() ? "on" : "off");
    lines.put("token TTL", Durations.text(settings.lifetimes().token()));
    lines.put("session TTL", sessionTtl(settings));
    lines.put("idle TTL", Durations.text(settings.lifetimes().idleTtl()));
    lines.put("kept", settings.lifetimes().keep().map(Durations::text).orElse(FOREVER));
    return Table.pairs(lines);
  }

  private static String sessionTtl(Accounts.Settings settings) {
    String bound = Durations.text(settings.lifetimes().sessionTtl(true));
    String unbound = Durations.text(settings.lifetimes().sessionTtl(false));
    return bound.equals(unbound) ? bound : "%s (unbound %s)".formatted(bound, unbound);
  }

  private static String origins(Accounts.Settings settings) {
    return shown(settings.allowedOrigins());
  }

  private static String shown(AllowedOrigins origins) {
    return origins.isEmpty() ? "any" : String.join(" ", origins.patterns());
  }

  private static DeploymentItem item(Accounts.Deployment deployment) {
    Accounts.Settings settings = deployment.settings();
    return new DeploymentItem(
        deployment.key().text(),
        deployment.account().text(),
        deployment.name(),
        settings.address().map(Sid::text).orElse(null),
        settings.allowedOrigins().patterns(),
        settings.rules().sensitivity().word(),
        settings.rules().proof().word(),
        settings.rules().revokeOnReplay(),
        settings.lifetimes().token().toSeconds(),
        settings.lifetimes().sessionTtl(true).toSeconds(),
        settings.lifetimes().sessionTtl(false).toSeconds(),
        settings.lifetimes().idleTtl().toSeconds(),
        settings.lifetimes().keep().map(Duration::toSeconds).orElse(null),
        deployment.created().toString(),
        deployment.updated().toString());
  }
}

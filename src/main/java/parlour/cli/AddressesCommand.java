package parlour.cli;

import java.net.URI;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import parlour.Durations;
import parlour.Sid;
import parlour.accounts.Accounts;
import parlour.accounts.OpeningHours;
import parlour.accounts.Responder;
import parlour.accounts.WebhookSecret;
import parlour.http.client.PostingHttpClient;
import parlour.inbox.Agents;
import parlour.webhooks.WebhookRequest;
import parlour.webhooks.WebhookRequest.Outcome;
import parlour.webhooks.WebhookStore;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "addresses",
    description =
        "Manages addresses, whose conversations are answered in the inbox or by a webhook.",
    footer = {
      "",
      "Examples:",
      "  parlour addresses create --name \"Front desk\"",
      "  parlour addresses update IG… --greeting \"Welcome {name}, how can we help?\"",
      "  parlour addresses update IG… --webhook https://bot.example.com/parlour",
      "  parlour addresses update IG… --keep 90d",
      "  parlour addresses test IG…",
      "  parlour addresses hours IG… --zone Europe/Berlin --open \"mon-fri 09:00-18:00\"",
      "  parlour addresses hours IG… --holiday 2026-12-25 --away-text \"Back after Christmas\"",
      "  parlour addresses members IG… --add ann --add ben",
      "  parlour addresses list",
    })
final class AddressesCommand {
  /** An address with the status of its webhook, if it has one. */
  private record Listed(Accounts.Address address, Optional<WebhookStore.DeliveryStatus> status) {}

  /** An address that was created or changed, with its secret only if that is new. */
  private record Changed(Accounts.Address address, Optional<String> secret) {}

  private static final Fields<Listed> FIELDS = withMembers(
          new Fields<>("addresses", "no addresses yet: parlour addresses create"), Listed::address)
      .member(
          "conversations_waiting",
          listed -> listed.status().map(WebhookStore.DeliveryStatus::waiting).orElse(0L))
      .column("SID", listed -> listed.address().sid())
      .column("ACCOUNT", listed -> listed.address().account())
      .column("NAME", listed -> listed.address().name())
      .column("ANSWERED BY", listed -> responder(listed.address()))
      .column("WAITING", listed -> listed.status().map(WebhookStore.DeliveryStatus::waiting))
      .listed(
          "failing_since",
          "FAILING SINCE",
          listed -> listed.status().map(WebhookStore.DeliveryStatus::failingSince))
      .listed(
          "last_error",
          "LAST ERROR",
          listed -> listed.status().map(WebhookStore.DeliveryStatus::lastError))
      .column("CREATED", listed -> listed.address().created());

  private static final Fields<Changed> FIELDS_WITH_SECRET = withMembers(
          new Fields<Changed>(), Changed::address)
      .member("webhook_secret", Changed::secret)
      .line("address", changed -> changed.address().sid())
      .line("name", changed -> changed.address().name())
      .line("greeting", changed -> changed.address().greeting().orElse("none"))
      .line("answered by", changed -> responder(changed.address()))
      .line(
          "kept",
          changed ->
              changed.address().keep().map(Durations::text).orElse(DeploymentOptions.FOREVER))
      .line(
          "signing secret",
          changed -> changed.secret().map(made -> made + "   (shown once: keep it)"));

  /** An address with an instant at which its hours are compared. */
  private record Attended(Accounts.Address address, Instant now) {
    private Optional<OpeningHours> hours() {
      return address.attendance().hours();
    }

    private String lines() {
      return hours().map(hours -> String.join("; ", hours.week().lines())).orElse("at all hours");
    }

    private List<String> holidays() {
      return hours().stream()
          .flatMap(hours -> hours.holidays().stream())
          .map(LocalDate::toString)
          .toList();
    }

    private boolean isOpen() {
      return hours().map(hours -> hours.isOpen(now)).orElse(true);
    }

    private Optional<Instant> opensAt() {
      return isOpen() ? Optional.empty() : hours().flatMap(hours -> hours.nextOpening(now));
    }
  }

  private static final Fields<Attended> FIELDS_OF_HOURS = new Fields<Attended>()
      .field("sid", "address", attended -> attended.address().sid())
      .field(
          "time_zone",
          "time zone",
          attended -> attended.hours().map(it -> it.zone().getId()))
      .member(
          "hours",
          attended -> attended.hours().map(hours -> hours.week().lines()).orElse(List.of()))
      .line("hours", Attended::lines)
      .member("holidays", Attended::holidays)
      .line(
          "holidays",
          attended ->
              Optional.of(String.join(", ", attended.holidays())).filter(text -> !text.isEmpty()))
      .field(
          "away_text", "away text", attended -> attended.address().attendance().awayText())
      .member("open", Attended::isOpen)
      .line("now", attended -> attended.isOpen() ? "open" : "closed")
      .field("opens_at", "opens at", Attended::opensAt);

  /** The agents who see the conversations of an address; none: all of the account. */
  private record Members(Accounts.Address address, List<String> names) {}

  private static final Fields<Members> FIELDS_OF_MEMBERS = new Fields<Members>()
      .field("sid", "address", members -> members.address().sid())
      .field("name", "name", members -> members.address().name())
      .member("members", Members::names)
      .line(
          "members",
          members -> members.names().isEmpty()
              ? "none: all agents of the account see its conversations"
              : String.join(", ", members.names()));

  private final Terminal terminal;

  AddressesCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  record TestedAddress(String sid, String eventId, int status) {}

  @Command(
      name = "create",
      description = "Creates an address. Agents answer in the inbox, unless --webhook names a URL.")
  int create(
      @Option(
              names = "--name",
              required = true,
              paramLabel = "NAME",
              description = "The name that guests see above a greeting.")
          String name,
      @Mixin AccountChoice account,
      @Mixin AddressOptions changes,
      @Mixin ConfigOptions options,
      @Mixin OutputOptions output) {
    Instance instance = new Instance(options.read(terminal));
    Accounts.Address created = instance.accounts(accounts -> {
      Accounts.Address plain = plain(account.of(accounts), name, terminal);
      Accounts.Address address = changes.appliedTo(plain, Optional.empty(), terminal);
      accounts.create(address);
      return address;
    });
    terminal.show(output, FIELDS_WITH_SECRET, new Changed(created, secret(created)));
    instance.note(terminal, "addresses create", created.sid().text());
    return 0;
  }

  @Command(name = "update", description = "Changes the options that are given, and no others.")
  int update(
      @Parameters(paramLabel = "SID", description = "The address, IG….") Sid.Address sid,
      @Option(names = "--name", paramLabel = "NAME", description = "The new name.")
          Optional<String> name,
      @Mixin AddressOptions changes,
      @Mixin ConfigOptions options,
      @Mixin OutputOptions output) {
    Instance instance = new Instance(options.read(terminal));
    Updated updated =
        update(instance, sid, false, before -> changes.appliedTo(before, name, terminal));
    Accounts.Address after = updated.after();
    Changed changed = new Changed(
        after, secret(after).filter(made -> !secret(updated.before()).equals(Optional.of(made))));
    terminal.show(output, FIELDS_WITH_SECRET, changed);
    instance.note(terminal, "addresses update", sid.text());
    return 0;
  }

  private record Updated(Accounts.Address before, Accounts.Address after) {}

  /**
   * Changes an address as it is, also if others change it at the same moment.
   *
   * @param mayBeNone whether there can be nothing to change, which is then not recorded as a change
   */
  private Updated update(
      Instance instance,
      Sid.Address sid,
      boolean mayBeNone,
      UnaryOperator<Accounts.Address> change) {
    return instance.accounts(accounts -> accounts
        .retry(version -> {
          Accounts.Address before = find(accounts, sid);
          Accounts.Address after = change.apply(before);
          return (mayBeNone && after.equals(before))
                  || accounts.update(version, after, terminal.now())
              ? Optional.of(new Updated(before, after))
              : Optional.empty();
        })
        .orElseThrow(() -> unknown(sid)));
  }

  @Command(
      name = "hours",
      description = "Shows when an address is attended, or changes the options that are given. At"
          + " other times the widget says so, and takes questions nevertheless.")
  int hours(
      @Parameters(paramLabel = "SID", description = "The address, IG….") Sid.Address sid,
      @Mixin AttendanceOptions changes,
      @Mixin ConfigOptions options,
      @Mixin OutputOptions output) {
    Instance instance = new Instance(options.read(terminal));
    Updated updated =
        update(instance, sid, true, before -> before.with(changes.appliedTo(before.attendance())));
    Accounts.Address after = updated.after();
    terminal.show(output, FIELDS_OF_HOURS, new Attended(after, terminal.now()));
    if (!after.equals(updated.before())) {
      instance.note(terminal, "addresses hours", sid.text());
    }
    return 0;
  }

  @Command(
      name = "members",
      description = "Shows which agents see the conversations of an address, or changes it. Without"
          + " members, all agents of the account see them; admins and auditors always do.")
  int members(
      @Parameters(paramLabel = "SID", description = "The address, IG….") Sid.Address sid,
      @Mixin MemberOptions changes,
      @Mixin ConfigOptions options,
      @Mixin OutputOptions output) {
    Instance instance = new Instance(options.read(terminal));
    Members members = instance.desks((accounts, desks) -> {
      Accounts.Address address = find(accounts, sid);
      changes.apply(desks, sid);
      return new Members(address, desks.of(sid).stream().map(Agents.Agent::name).toList());
    });
    terminal.show(output, FIELDS_OF_MEMBERS, members);
    if (!changes.isEmpty()) {
      instance.note(terminal, "addresses members", sid.text());
    }
    return 0;
  }

  @Command(
      name = "list",
      description = "Lists the addresses, with the deliveries that wait for their webhooks.")
  int list(@Mixin ConfigOptions options, @Mixin OutputOptions output) {
    List<Listed> listed = new Instance(options.read(terminal)).webhooks((accounts, webhooks) -> {
      Map<Sid.Address, WebhookStore.DeliveryStatus> statuses = webhooks.statuses().stream()
          .collect(Collectors.toMap(WebhookStore.DeliveryStatus::address, status -> status));
      return accounts.addresses().stream()
          .map(address -> new Listed(address, Optional.ofNullable(statuses.get(address.sid()))))
          .toList();
    });
    terminal.list(output, FIELDS, listed);
    return 0;
  }

  @Command(
      name = "test",
      description = "Posts one signed event of the type \"test\" to the webhook of an address, from"
          + " this machine, and prints the result.")
  int test(
      @Parameters(paramLabel = "SID", description = "The address, IG….") Sid.Address sid,
      @Mixin ConfigOptions options,
      @Mixin OutputOptions output)
      throws InterruptedException {
    Accounts.Address address =
        new Instance(options.read(terminal)).accounts(accounts -> find(accounts, sid));
    if (!(address.answering() instanceof Responder.Webhook webhook)) {
      throw new UserError(
          "the address %s has no webhook: parlour addresses update %s --webhook URL gives it one"
              .formatted(sid.text(), sid.text()));
    }
    String id = WebhookRequest.testId(sid, terminal.random());
    try (PostingHttpClient client = new PostingHttpClient()) {
      Outcome outcome = new WebhookRequest(client, terminal.clock()).test(address, webhook, id);
      return switch (outcome) {
        case Outcome.Accepted(int status) -> {
          terminal.report(
              output,
              new TestedAddress(sid.text(), id, status),
              "the webhook accepted the event %s (%d)".formatted(id, status));
          yield 0;
        }
        case Outcome.Refused() ->
          throw new UserError("the webhook refused the event: it answered 410, which means that"
              + " Parlour must not send the event again");
        case Outcome.Failed failed ->
          throw new UserError("the webhook did not accept the event: " + failed.why());
      };
    }
  }

  static Accounts.Address create(
      Accounts accounts, Sid.Account account, String name, Terminal terminal) {
    Accounts.Address address = plain(account, name, terminal);
    accounts.create(address);
    return address;
  }

  private static Accounts.Address plain(Sid.Account account, String name, Terminal terminal) {
    return new Accounts.Address(
        Sid.Address.random(terminal.random()), account, name, terminal.now());
  }

  private static Accounts.Address find(Accounts accounts, Sid.Address sid) {
    return accounts.addresses().stream()
        .filter(address -> address.sid().equals(sid))
        .findFirst()
        .orElseThrow(() -> unknown(sid));
  }

  private static UserError unknown(Sid.Address sid) {
    return new UserError(
        "there is no address %s: parlour addresses list shows them all".formatted(sid.text()));
  }

  private static <T> Fields<T> withMembers(
      Fields<T> fields, Function<T, Accounts.Address> address) {
    return fields
        .member("sid", address.andThen(Accounts.Address::sid))
        .member("account_sid", address.andThen(Accounts.Address::account))
        .member("name", address.andThen(Accounts.Address::name))
        .member("greeting", address.andThen(Accounts.Address::greeting))
        .member("answering", address.andThen(AddressesCommand::word))
        .member("webhook_url", address.andThen(AddressesCommand::url))
        .member("keep_seconds", address.andThen(Accounts.Address::keep))
        .member("created", address.andThen(Accounts.Address::created));
  }

  private static String responder(Accounts.Address address) {
    return url(address).orElse("inbox");
  }

  private static String word(Accounts.Address address) {
    return switch (address.answering()) {
      case Responder.Inbox inbox -> "inbox";
      case Responder.Webhook webhook -> "webhook";
    };
  }

  private static Optional<String> url(Accounts.Address address) {
    return switch (address.answering()) {
      case Responder.Inbox inbox -> Optional.empty();
      case Responder.Webhook(URI url, WebhookSecret secret) -> Optional.of(url.toString());
    };
  }

  private static Optional<String> secret(Accounts.Address address) {
    return switch (address.answering()) {
      case Responder.Inbox inbox -> Optional.empty();
      case Responder.Webhook(URI url, WebhookSecret secret) -> Optional.of(secret.text());
    };
  }
}

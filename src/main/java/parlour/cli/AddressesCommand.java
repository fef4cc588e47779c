package parlour.cli;

import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import parlour.RandomHex;
import parlour.Sid;
import parlour.accounts.Accounts;
import parlour.accounts.Responder;
import parlour.accounts.WebhookSecret;
import parlour.http.client.WebhookHttpClient;
import parlour.webhooks.WebhookRequest;
import parlour.webhooks.WebhookRequest.Outcome;
import parlour.webhooks.WebhookStore;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "addresses",
    description = "Manages addresses: people at the inbox or a webhook answer their conversations.",
    footer = {
      "",
      "Examples:",
      "  parlour addresses create --name \"Front desk\"",
      "  parlour addresses update IG… --greeting \"Welcome {name}, how can we help?\"",
      "  parlour addresses update IG… --webhook https://bot.example.com/parlour",
      "  parlour addresses test IG…",
      "  parlour addresses list",
    })
final class AddressesCommand {
  private static final int TEST_ID_BYTES = 8;

  private final Terminal terminal;

  AddressesCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  /** The options of an address. An option that is not given changes nothing. */
  static final class Changes {
    @Option(
        names = "--greeting",
        paramLabel = "TEXT",
        description =
            "Said to every new guest under the address's name; {name} in it is the" + " guest's.")
    private Optional<String> greeting = Optional.empty();

    @Option(names = "--no-greeting", description = "Sends no greeting when a conversation begins.")
    private boolean noGreeting;

    @Option(
        names = "--webhook",
        paramLabel = "URL",
        description =
            "Posts every event there, signed (docs/webhooks.md); of older conversations, only"
                + " new events.")
    private Optional<String> webhook = Optional.empty();

    @Option(
        names = "--inbox",
        description = "Lets people at the inbox answer, and posts no events.")
    private boolean inbox;

    @Option(
        names = "--plain-http",
        description = "The webhook may be http:// off this machine, over a network of your own.")
    private boolean plainHttp;

    @Option(
        names = "--new-secret",
        description = "Makes and prints a new signing secret; the old one is invalid at once.")
    private boolean newSecret;

    Accounts.Address over(Accounts.Address before, Optional<String> name, Terminal terminal) {
      if (noGreeting && greeting.isPresent()) {
        throw contradiction("--greeting", "--no-greeting");
      }
      if (inbox && webhook.isPresent()) {
        throw contradiction("--webhook", "--inbox");
      }
      Responder answering = answering(before, terminal);
      return understood(
          "--greeting",
          greeting.orElse(""),
          ignored -> new Accounts.Address(
              before.sid(),
              before.account(),
              name.orElse(before.name()),
              noGreeting ? Optional.empty() : greeting.or(before::greeting),
              answering,
              before.created()));
    }

    private Responder answering(Accounts.Address before, Terminal terminal) {
      if (inbox && newSecret) {
        throw contradiction("--new-secret", "--inbox");
      }
      if (inbox) {
        return new Responder.Inbox();
      }
      Optional<URI> given = webhook.map(
          text -> understood("--webhook", text, url -> Responder.webhookUrl(url, plainHttp)));
      if (plainHttp && given.isEmpty()) {
        throw new UserError("--plain-http is about --webhook URL: give that too");
      }
      return switch (before.answering()) {
        case Responder.Webhook(URI url, WebhookSecret secret) ->
          new Responder.Webhook(
              given.orElse(url), newSecret ? WebhookSecret.next(terminal.random()) : secret);
        case Responder.Inbox none
        when given.isPresent() ->
          new Responder.Webhook(given.get(), WebhookSecret.next(terminal.random()));
        case Responder.Inbox none
        when newSecret ->
          throw new UserError("--new-secret: the inbox answers at %s, without a secret;"
                  .formatted(before.sid().text())
              + " --webhook URL makes one");
        case Responder.Inbox none -> none;
      };
    }

    private static UserError contradiction(String one, String other) {
      return new UserError(
          "%s and %s contradict each other: give one of them".formatted(one, other));
    }

    /** The types say themselves what they cannot hold. */
    private static <T> T understood(String option, String text, Function<String, T> made) {
      try {
        return made.apply(text);
      } catch (IllegalArgumentException e) {
        throw new UserError(option + ": " + e.getMessage());
      }
    }
  }

  record AddressList(List<AddressItem> addresses) {}

  record AddressItem(
      String sid,
      String accountSid,
      String name,
      @Nullable String greeting,
      String answering,
      @Nullable String webhookUrl,
      long conversationsWaiting,
      @Nullable String failingSince,
      @Nullable String lastError,
      String created) {}

  /** An address that was made or changed; a secret only when it was made just now. */
  record ChangedAddress(
      String sid,
      String accountSid,
      String name,
      @Nullable String greeting,
      String answering,
      @Nullable String webhookUrl,
      @Nullable String webhookSecret,
      String created) {}

  record TestedAddress(String sid, String eventId, int status) {}

  @Command(
      name = "create",
      description = "Creates an address; the inbox answers, unless --webhook says where.")
  int create(
      @Option(
              names = "--name",
              required = true,
              paramLabel = "NAME",
              description = "Guests see it above a greeting.")
          String name,
      @Option(
              names = "--account",
              paramLabel = "AC…",
              description = "Whose (default: the only account).")
          Optional<Sid.Account> account,
      @Mixin Changes changes,
      @Mixin ConfigOptions options,
      @Mixin OutputOptions shown) {
    Accounts.Address created = new Instance(options.read(terminal)).accounts(accounts -> {
      Accounts.Address plain = plain(AccountsCommand.choose(accounts, account), name, terminal);
      Accounts.Address address = changes.over(plain, Optional.empty(), terminal);
      accounts.create(address);
      return address;
    });
    return show(shown, created, true);
  }

  @Command(name = "update", description = "Changes what is given, and leaves the rest.")
  int update(
      @Parameters(paramLabel = "SID", description = "The address, IG….") Sid.Address sid,
      @Option(names = "--name", paramLabel = "NAME") Optional<String> name,
      @Mixin Changes changes,
      @Mixin ConfigOptions options,
      @Mixin OutputOptions shown) {
    return new Instance(options.read(terminal)).accounts(accounts -> {
      Accounts.Address before = find(accounts, sid);
      Accounts.Address after = changes.over(before, name, terminal);
      accounts.update(after, terminal.now());
      boolean newSecret = !secret(after).equals(secret(before)) && secret(after).isPresent();
      return show(shown, after, newSecret);
    });
  }

  @Command(
      name = "list",
      description = "Lists the addresses, with what waits for a webhook and why.")
  int list(@Mixin ConfigOptions options, @Mixin OutputOptions shown) {
    record Listed(
        List<Accounts.Address> addresses,
        Map<Sid.Address, WebhookStore.DeliveryStatus> standings) {}
    Listed listed = new Instance(options.read(terminal))
        .webhooks((accounts, webhooks) -> new Listed(
            accounts.addresses(),
            webhooks.statuses().stream()
                .collect(
                    Collectors.toMap(WebhookStore.DeliveryStatus::address, standing -> standing))));
    Table table = new Table(
        "no addresses yet: parlour addresses create",
        "SID",
        "ACCOUNT",
        "NAME",
        "ANSWERED BY",
        "WAITING",
        "FAILING SINCE",
        "LAST ERROR",
        "CREATED");
    for (Accounts.Address address : listed.addresses()) {
      Optional<WebhookStore.DeliveryStatus> standing =
          Optional.ofNullable(listed.standings().get(address.sid()));
      table.row(
          address.sid().text(),
          address.account().text(),
          address.name(),
          url(address).map(URI::toString).orElse("inbox"),
          standing.map(known -> String.valueOf(known.waiting())).orElse("-"),
          Table.time(standing.map(WebhookStore.DeliveryStatus::failingSince).orElse(null)),
          standing.map(WebhookStore.DeliveryStatus::lastError).orElse("-"),
          Table.time(address.created()));
    }
    terminal.show(
        shown,
        new AddressList(listed.addresses().stream()
            .map(address ->
                item(address, Optional.ofNullable(listed.standings().get(address.sid()))))
            .toList()),
        table);
    return 0;
  }

  @Command(
      name = "test",
      description = "Posts one signed event of the type \"test\" to the webhook of an address, from"
          + " here, and says what came back.")
  int test(
      @Parameters(paramLabel = "SID", description = "The address, IG….") Sid.Address sid,
      @Mixin ConfigOptions options,
      @Mixin OutputOptions shown)
      throws InterruptedException {
    Accounts.Address address =
        new Instance(options.read(terminal)).accounts(accounts -> find(accounts, sid));
    if (!(address.answering() instanceof Responder.Webhook webhook)) {
      throw new UserError(
          "the inbox answers at %s: parlour addresses update %s --webhook URL gives it a webhook"
              .formatted(sid.text(), sid.text()));
    }
    String id =
        "%s-test-%s".formatted(sid.text(), RandomHex.next(terminal.random(), TEST_ID_BYTES));
    try (WebhookHttpClient outside = new WebhookHttpClient()) {
      Outcome outcome = new WebhookRequest(outside, terminal.clock()).test(address, webhook, id);
      return switch (outcome) {
        case Outcome.Taken(int status) -> {
          terminal.show(
              shown,
              new TestedAddress(sid.text(), id, status),
              "the webhook took the event %s (%d)".formatted(id, status));
          yield 0;
        }
        case Outcome.Refused() ->
          throw new UserError("the webhook refused the event: answered 410, as for an event that is"
              + " not to be sent again");
        case Outcome.Failed failed ->
          throw new UserError("the webhook did not take the event: " + failed.why());
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
        .orElseThrow(() -> new UserError(
            "there is no address %s: parlour addresses list shows them all".formatted(sid.text())));
  }

  private int show(OutputOptions shown, Accounts.Address address, boolean withSecret) {
    Optional<String> secret = withSecret ? secret(address) : Optional.empty();
    Map<String, String> lines = new LinkedHashMap<>();
    lines.put("address", address.sid().text());
    lines.put("name", address.name());
    lines.put("greeting", address.greeting().orElse("none"));
    lines.put("answered by", url(address).map(URI::toString).orElse("inbox"));
    secret.ifPresent(made -> lines.put("signing secret", made + "   (shown once: keep it)"));
    terminal.show(
        shown,
        new ChangedAddress(
            address.sid().text(),
            address.account().text(),
            address.name(),
            address.greeting().orElse(null),
            word(address),
            url(address).map(URI::toString).orElse(null),
            secret.orElse(null),
            address.created().toString()),
        Table.pairs(lines));
    return 0;
  }

  private static AddressItem item(
      Accounts.Address address, Optional<WebhookStore.DeliveryStatus> standing) {
    return new AddressItem(
        address.sid().text(),
        address.account().text(),
        address.name(),
        address.greeting().orElse(null),
        word(address),
        url(address).map(URI::toString).orElse(null),
        standing.map(WebhookStore.DeliveryStatus::waiting).orElse(0L),
        standing
            .map(WebhookStore.DeliveryStatus::failingSince)
            .map(Object::toString)
            .orElse(null),
        standing.map(WebhookStore.DeliveryStatus::lastError).orElse(null),
        address.created().toString());
  }

  private static String word(Accounts.Address address) {
    return switch (address.answering()) {
      case Responder.Inbox inbox -> "inbox";
      case Responder.Webhook webhook -> "webhook";
    };
  }

  private static Optional<URI> url(Accounts.Address address) {
    return switch (address.answering()) {
      case Responder.Inbox inbox -> Optional.empty();
      case Responder.Webhook(URI url, WebhookSecret secret) -> Optional.of(url);
    };
  }

  private static Optional<String> secret(Accounts.Address address) {
    return switch (address.answering()) {
      case Responder.Inbox inbox -> Optional.empty();
      case Responder.Webhook(URI url, WebhookSecret secret) -> Optional.of(secret.text());
    };
  }
}

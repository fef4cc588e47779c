package parlour.cli;

import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;
import parlour.accounts.Accounts;
import parlour.accounts.Responder;
import parlour.accounts.WebhookSecret;
import picocli.CommandLine.Option;

/** The options of an address. An option that is not given changes nothing. */
final class AddressOptions {
  @Option(
      names = "--greeting",
      paramLabel = "TEXT",
      description =
          "The first message to each new guest, under the address's name; {name} stands for the"
              + " guest's name.")
  private Optional<String> greeting = Optional.empty();

  @Option(names = "--no-greeting", description = "Sends no greeting when a conversation begins.")
  private boolean noGreeting;

  @Option(
      names = "--webhook",
      paramLabel = "URL",
      description =
          "Posts every event to this URL, signed (docs/webhooks.md); of older conversations, only"
              + " new events.")
  private Optional<String> webhook = Optional.empty();

  @Option(names = "--inbox", description = "Lets agents answer in the inbox, and posts no events.")
  private boolean inbox;

  @Option(
      names = "--plain-http",
      description = "Allows http:// for a webhook on another machine, in a private network.")
  private boolean plainHttp;

  @Option(
      names = "--new-secret",
      description = "Creates and prints a new signing secret; the old one is invalid at once.")
  private boolean newSecret;

  @Option(
      names = "--keep",
      paramLabel = "TIME|forever",
      description = "Erases conversations of the address when this time has passed since their last"
          + " change, for example 90d; forever (the default): as their deployments say. The shorter"
          + " time of the two counts.")
  private Optional<String> keep = Optional.empty();

  Accounts.Address appliedTo(Accounts.Address before, Optional<String> name, Terminal terminal) {
    if (noGreeting && greeting.isPresent()) {
      throw contradiction("--greeting", "--no-greeting");
    }
    if (inbox && webhook.isPresent()) {
      throw contradiction("--webhook", "--inbox");
    }
    Responder responder = responder(before, terminal);
    Optional<Duration> kept = kept(before);
    return parsed(
        "--greeting",
        greeting.orElse(""),
        ignored -> new Accounts.Address(
            before.sid(),
            before.account(),
            name.orElse(before.name()),
            noGreeting ? Optional.empty() : greeting.or(before::greeting),
            responder,
            before.attendance(),
            kept,
            before.created()));
  }

  private Optional<Duration> kept(Accounts.Address before) {
    Optional<Duration> time =
        DeploymentOptions.time("--keep", keep, DeploymentOptions.FOREVER, before.keep());
    return parsed("--keep", keep.orElse(""), ignored -> before.keeping(time).keep());
  }

  private Responder responder(Accounts.Address before, Terminal terminal) {
    if (inbox && newSecret) {
      throw contradiction("--new-secret", "--inbox");
    }
    if (inbox) {
      return new Responder.Inbox();
    }
    Optional<URI> given =
        webhook.map(text -> parsed("--webhook", text, url -> Responder.webhookUrl(url, plainHttp)));
    if (plainHttp && given.isEmpty()) {
      throw new UserError("--plain-http needs --webhook URL: give both");
    }
    return switch (before.answering()) {
      case Responder.Webhook(URI url, WebhookSecret secret) ->
        new Responder.Webhook(
            given.orElse(url), newSecret ? WebhookSecret.next(terminal.random()) : secret);
      case Responder.Inbox inbox
      when given.isPresent() ->
        new Responder.Webhook(given.get(), WebhookSecret.next(terminal.random()));
      case Responder.Inbox inbox
      when newSecret ->
        throw new UserError("--new-secret: the address %s has no webhook, and so no secret;"
                .formatted(before.sid().text())
            + " give --webhook URL");
      case Responder.Inbox inbox -> inbox;
    };
  }

  static UserError contradiction(String one, String other) {
    return new UserError("%s and %s contradict each other: give one of them".formatted(one, other));
  }

  /** Parses a value, and turns the error of its type into one that names the option. */
  static <T> T parsed(String option, String text, Function<String, T> parser) {
    try {
      return parser.apply(text);
    } catch (IllegalArgumentException e) {
      throw new UserError(option + ": " + e.getMessage());
    }
  }
}

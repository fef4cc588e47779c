package parlour.cli;

import java.util.List;
import java.util.Optional;
import parlour.Limits;
import parlour.Sid;
import parlour.accounts.Accounts;
import parlour.accounts.Responder;
import parlour.webhooks.GivenUpEvents.GivenUp;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "webhooks",
    description = "Shows the events that webhooks did not accept, and sends them again.",
    footer = {
      "",
      "Examples:",
      "  parlour webhooks given-up IG…      lists events that Parlour no longer sends by itself",
      "  parlour webhooks redeliver IG…     sends waiting events now, and given-up events once more",
      "  parlour webhooks redeliver IG… --event CH…-7-message-added",
      "  parlour addresses test IG…         sends one test event",
    })
final class WebhooksCommand {
  private static final Fields<GivenUp> FIELDS = new Fields<GivenUp>(
          "events", "no events were given up")
      .listed("event_id", "EVENT", GivenUp::eventId)
      .member("type", GivenUp::type)
      .member("address_sid", GivenUp::address)
      .member("conversation_sid", GivenUp::conversation)
      .listed("given_up", "GIVEN UP", GivenUp::at)
      .listed("reason", "REASON", GivenUp::why)
      .member("due", GivenUp::isDue)
      .column("SENT AGAIN", event -> event.isDue() ? "now" : "on request");

  private final Terminal terminal;

  WebhooksCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  record Redelivered(String sid, int conversations, int events, boolean more) {}

  @Command(
      name = "given-up",
      description = "Lists the newest events of an address that were given up, without content.")
  int givenUp(
      @Parameters(paramLabel = "SID", description = "The address, IG….") Sid.Address sid,
      @Mixin ConfigOptions options,
      @Mixin OutputOptions output) {
    List<GivenUp> events = new Instance(options.read(terminal))
        .givenUp((accounts, webhooks, givenUp) -> {
          checkWebhook(accounts, sid);
          return givenUp.newest(sid, Limits.WEBHOOK_GIVEN_UP_LISTED);
        });
    terminal.list(output, FIELDS, events);
    return 0;
  }

  @Command(
      name = "redeliver",
      description =
          "Retries the waiting events of an address now, and sends once more those that were"
              + " given up. The running Parlour sends them.")
  int redeliver(
      @Parameters(paramLabel = "SID", description = "The address, IG….") Sid.Address sid,
      @Option(
              names = "--event",
              paramLabel = "ID",
              description =
                  "Sends only this given-up event: parlour webhooks given-up shows the ids.")
          Optional<String> event,
      @Mixin ConfigOptions options,
      @Mixin OutputOptions output) {
    Instance instance = new Instance(options.read(terminal));
    Redelivered done = instance.givenUp((accounts, webhooks, givenUp) -> {
      checkWebhook(accounts, sid);
      int max = Limits.WEBHOOK_REDELIVERIES;
      int conversations = event.isPresent() ? 0 : webhooks.deliverNow(sid, terminal.now(), max);
      int events = givenUp.deliverAgain(sid, event, terminal.now(), max);
      return new Redelivered(
          sid.text(), conversations, events, conversations == max || events == max);
    });
    if (event.isPresent() && done.events() == 0) {
      throw new UserError(
          "the address %s has no such given-up event, or it is being sent already: parlour webhooks given-up %s"
              .formatted(sid.text(), sid.text()));
    }
    instance.note(terminal, "webhooks redeliver", sid.text());
    terminal.report(
        output,
        done,
        "sent again: %d conversations that waited, %d events that were given up%s"
            .formatted(
                done.conversations(),
                done.events(),
                done.more() ? "; there are more: run the command again" : ""));
    return 0;
  }

  private static void checkWebhook(Accounts accounts, Sid.Address sid) {
    boolean hasWebhook = accounts.addresses().stream()
        .anyMatch(one -> one.sid().equals(sid) && one.answering() instanceof Responder.Webhook);
    if (!hasWebhook) {
      throw new UserError(
          "there is no address %s with a webhook: parlour addresses list shows them all"
              .formatted(sid.text()));
    }
  }
}

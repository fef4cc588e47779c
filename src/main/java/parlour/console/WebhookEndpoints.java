package parlour.console;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import parlour.Limits;
import parlour.Sid;
import parlour.TooManyRequests;
import parlour.Unavailable;
import parlour.console.AccountWebhooks.Again;
import parlour.console.AccountWebhooks.GivenUp;
import parlour.console.AccountWebhooks.Tested;
import parlour.console.AccountWebhooks.Webhook;
import parlour.console.Admins.Admin;
import parlour.errors.ErrorCode;
import parlour.errors.Problem;
import parlour.http.server.ApiRequest;
import parlour.http.server.ApiResponse;
import parlour.ledger.Ledger;
import parlour.ledger.LedgerNote;

/** The endpoints for the webhooks of an admin's account. */
final class WebhookEndpoints {
  private final AccountWebhooks webhooks;
  private final Ledger notes;

  WebhookEndpoints(AccountWebhooks webhooks, Ledger notes) {
    this.webhooks = webhooks;
    this.notes = notes;
  }

  /**
   * A webhook.
   *
   * @param state {@code held-back} while an event fails, otherwise {@code given-up} if events were
   *     given up, otherwise {@code delivering}
   */
  record WebhookForm(
      String addressSid,
      String name,
      String origin,
      String state,
      long waiting,
      @Nullable String waitingSince,
      @Nullable String failingSince,
      @Nullable String lastAccepted,
      @Nullable String lastFailed,
      @Nullable String lastError,
      long givenUp,
      List<GivenUp> newestGivenUp) {

    static WebhookForm of(Webhook webhook) {
      return new WebhookForm(
          webhook.address().text(),
          webhook.name(),
          webhook.origin(),
          state(webhook),
          webhook.waiting(),
          time(webhook.waitingSince()),
          time(webhook.failingSince()),
          time(webhook.accepted()),
          time(webhook.failed()),
          webhook.error().orElse(null),
          webhook.givenUp(),
          webhook.newestGivenUp());
    }

    private static String state(Webhook webhook) {
      if (webhook.failingSince().isPresent()) {
        return "held-back";
      }
      return webhook.givenUp() > 0 ? "given-up" : "delivering";
    }

    private static @Nullable String time(Optional<Instant> time) {
      return time.map(Instant::toString).orElse(null);
    }
  }

  /**
   * The webhooks of the account.
   *
   * @param counted the number that stands for "so many or more"
   */
  record ListAnswer(List<WebhookForm> webhooks, int counted) {}

  ApiResponse list(Admin admin, ApiRequest call) {
    return ApiResponse.json(
        200,
        new ListAnswer(
            webhooks.of(admin.account()).stream().map(WebhookForm::of).toList(),
            Limits.WEBHOOK_COUNTED));
  }

  /** The answer to a test; {@code why} is null if the webhook accepted it. */
  record TestAnswer(
      String eventId, boolean accepted, @Nullable String why) {}

  /** Sends a test to the webhook of {@code address_sid}. */
  ApiResponse test(Admin admin, ApiRequest call) {
    Sid.Address address = address(call);
    Tested tested = tested(admin, address).orElseThrow(WebhookEndpoints::unknown);
    note(admin, "webhook tested", address);
    return ApiResponse.json(
        200,
        new TestAnswer(tested.eventId(), tested.why().isEmpty(), tested.why().orElse(null)));
  }

  private Optional<Tested> tested(Admin admin, Sid.Address address) {
    try {
      return webhooks.test(admin.account(), address);
    } catch (TooManyRequests later) {
      throw new Problem(
              ErrorCode.TOO_MANY_REQUESTS,
              "Another test of a webhook is running. Try again in a few seconds.")
          .retryAfter(later.retryAfter());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Unavailable("the webhook", "interrupted", e);
    }
  }

  /** Sends now what waits for the webhook of {@code address_sid}, and what was given up. */
  ApiResponse deliverAgain(Admin admin, ApiRequest call) {
    Sid.Address address = address(call);
    Again again =
        webhooks.deliverAgain(admin.account(), address).orElseThrow(WebhookEndpoints::unknown);
    note(admin, "webhook events sent again", address);
    return ApiResponse.json(200, again);
  }

  private void note(Admin admin, String what, Sid.Address address) {
    notes.add(LedgerNote.of(LedgerNote.CONSOLE, what).by(admin.name(), address.text()));
  }

  private static Sid.Address address(ApiRequest call) {
    String sid = call.fields(Limits.SMALL_BODY).required("addressSid");
    try {
      return new Sid.Address(sid);
    } catch (IllegalArgumentException e) {
      throw new Problem(ErrorCode.MALFORMED, "The id of an address is IG and 32 hex digits.");
    }
  }

  private static Problem unknown() {
    return new Problem(
        ErrorCode.NOT_FOUND, "Your account has no address with this id that has a webhook.");
  }
}

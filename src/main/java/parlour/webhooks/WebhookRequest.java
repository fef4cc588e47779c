package parlour.webhooks;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import parlour.Limits;
import parlour.RandomHex;
import parlour.Sid;
import parlour.accounts.Accounts;
import parlour.accounts.Responder;
import parlour.http.Header;
import parlour.http.client.PostingHttpClient;
import parlour.http.client.PostingHttpClient.Reply;
import parlour.http.json.Json;

/** Sends one signed event to a webhook. */
public final class WebhookRequest {
  static final String SIGNATURE = "Parlour-Signature";
  static final String EVENT_ID = "Parlour-Event-Id";

  private static final int TEST_ID_BYTES = 8;

  private final PostingHttpClient client;
  private final InstantSource clock;

  public WebhookRequest(PostingHttpClient client, InstantSource clock) {
    this.client = client;
    this.clock = clock;
  }

  /** The result of a call. */
  public sealed interface Outcome {

    /** The webhook has accepted the event: 2xx. */
    record Accepted(int status) implements Outcome {}

    /** The webhook will never accept this event: 410. */
    record Refused() implements Outcome {}

    /**
     * The webhook may accept the event later.
     *
     * @param silent whether there was no answer at all
     * @param retryAfter the least time until the next attempt, which the webhook has requested
     */
    record Failed(String why, boolean silent, Optional<Duration> retryAfter) implements Outcome {}
  }

  Outcome send(Responder.Webhook webhook, WebhookEvent event) throws InterruptedException {
    byte[] body = Json.write(event);
    Reply reply =
        client.post(webhook.url(), headers(webhook, event, body), body, Limits.WEBHOOK_DEADLINE);
    return switch (reply) {
      case Reply.Answered(int status, var retryAfter)
      when status >= 200 && status < 300 -> new Outcome.Accepted(status);
      case Reply.Answered(int status, var retryAfter) when status == 410 -> new Outcome.Refused();
      case Reply.Answered(int status, var retryAfter) ->
        new Outcome.Failed(
            "answered " + status + hint(status),
            false,
            retryAfter.flatMap(text -> PostingHttpClient.retryAfter(text, clock.instant())));
      case Reply.Unanswered(String why) -> new Outcome.Failed(why, true, Optional.empty());
    };
  }

  /** Checks for an operator whether the webhook answers, and accepts our signature. */
  public Outcome test(Accounts.Address address, Responder.Webhook webhook, String id)
      throws InterruptedException {
    return send(webhook, WebhookEvent.test(address, id));
  }

  /** An id for the event of a test, unlike those of all other events. */
  public static String testId(Sid.Address address, SecureRandom random) {
    return "%s-test-%s".formatted(address.text(), RandomHex.next(random, TEST_ID_BYTES));
  }

  List<Header> headers(Responder.Webhook webhook, WebhookEvent event, byte[] body) {
    return List.of(
        new Header(EVENT_ID, event.eventId()),
        new Header(
            SIGNATURE,
            webhook.secret().signature(clock.instant(), webhook.url().toString(), body)));
  }

  private static String hint(int status) {
    return switch (status) {
      case 301, 302, 303, 307, 308 -> " (redirects are not followed: give the address it leads to)";
      case 401, 403 -> " (does it have the secret of this address?)";
      default -> "";
    };
  }
}

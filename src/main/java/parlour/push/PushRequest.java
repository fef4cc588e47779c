package parlour.push;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import parlour.Limits;
import parlour.http.Header;
import parlour.http.client.PostingHttpClient;
import parlour.http.client.PostingHttpClient.Reply;
import parlour.http.json.Json;
import parlour.proof.CanonicalBase64;
import parlour.proof.P256;
import parlour.scopedauth.PushAuthorization;
import parlour.scopedauth.PushKeys;

/** Sends one encrypted push to the push service of a subscription (RFC 8030 §5). */
public final class PushRequest {
  private final PostingHttpClient client;
  private final PushKeys keys;
  private final String contact;
  private final InstantSource clock;
  private final SecureRandom random;

  /** By the origin of the push service. */
  private final Cache<String, Signed> signed =
      Caffeine.newBuilder().maximumSize(Limits.PUSH_AUTHORIZATIONS).build();

  /**
   * @param contact a mailto: or https: address of the operator, for the operators of push services
   */
  public PushRequest(
      PostingHttpClient client,
      PushKeys keys,
      String contact,
      InstantSource clock,
      SecureRandom random) {
    this.client = client;
    this.keys = keys;
    this.contact = contact;
    this.clock = clock;
    this.random = random;
  }

  private record Signed(PushAuthorization authorization, Instant made) {}

  /** The result of a call. */
  sealed interface Outcome {

    /** The push service has the message: 2xx. */
    record Accepted() implements Outcome {}

    /** The subscription has ended: 404 or 410. */
    record Gone() implements Outcome {}

    /** The push service will never accept this message: another 4xx. */
    record Refused(int status) implements Outcome {}

    /**
     * The push service may accept it later.
     *
     * @param silent whether there was no answer at all
     */
    record Failed(String why, boolean silent, Optional<Duration> retryAfter) implements Outcome {}
  }

  /**
   * @throws parlour.Unavailable if ScopedAuthService cannot sign now
   */
  Outcome send(PushSubscription subscription, PushMessage message) throws InterruptedException {
    URI endpoint = URI.create(subscription.endpoint());
    byte[] body = PushEncryption.encrypt(
        Json.write(message),
        CanonicalBase64.readUrl(subscription.browserKey()).flatMap(P256::key).orElseThrow(),
        CanonicalBase64.readUrl(subscription.auth()).orElseThrow(),
        random);
    Reply reply = client.post(
        endpoint,
        List.of(
            new Header("Authorization", authorization(endpoint).header()),
            new Header("Content-Encoding", "aes128gcm"),
            new Header("TTL", String.valueOf(Limits.PUSH_TTL.toSeconds())),
            new Header("Topic", "parlour"), // replaces an earlier one that was not delivered yet
            new Header("Urgency", "high")),
        "application/octet-stream",
        body,
        Limits.PUSH_DEADLINE);
    return switch (reply) {
      case Reply.Answered(int status, var retryAfter) -> outcome(status, retryAfter);
      case Reply.Unanswered(String why) -> new Outcome.Failed(why, true, Optional.empty());
    };
  }

  private Outcome outcome(int status, Optional<String> retryAfter) {
    if (status >= 200 && status < 300) {
      return new Outcome.Accepted();
    }
    return switch (status) {
      case 404, 410 -> new Outcome.Gone();
      case 408, 425, 429 -> failed(status, retryAfter);
      default ->
        status >= 400 && status < 500 ? new Outcome.Refused(status) : failed(status, retryAfter);
    };
  }

  private Outcome failed(int status, Optional<String> retryAfter) {
    return new Outcome.Failed(
        "it answered " + status,
        false,
        retryAfter.flatMap(text -> PostingHttpClient.retryAfter(text, clock.instant())));
  }

  private PushAuthorization authorization(URI endpoint) {
    String audience = PushServices.origin(endpoint);
    Instant now = clock.instant();
    @Nullable Signed known = signed.getIfPresent(audience);
    if (known == null
        || known.made().isAfter(now)
        || !known.made().plus(Limits.PUSH_AUTHORIZATION_USE).isAfter(now)) {
      known =
          new Signed(keys.sign(audience, contact, now.plus(Limits.PUSH_AUTHORIZATION_TTL)), now);
      signed.put(audience, known);
    }
    return known.authorization();
  }
}

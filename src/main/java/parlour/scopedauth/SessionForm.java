package parlour.scopedauth;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import parlour.Sid;

/**
 * A session on a wire between ourselves; no token and no fingerprint is in it. What no session can
 * be made of is an IllegalArgumentException or DateTimeException.
 */
public record SessionForm(
    String sid,
    String accountSid,
    String deploymentKey,
    String identity,
    String conversationSid,
    long generation,
    String confirmations,
    String created,
    String expires,
    String lastSeen,
    @Nullable String revoked,
    @Nullable String revokedWhy,
    int refusals,
    int replays,
    int observed,
    @Nullable String lastRefused,
    @Nullable String lastRefusedWhy) {

  public static SessionForm of(Session session) {
    return new SessionForm(
        session.sid().text(),
        session.account().text(),
        session.deployment().text(),
        session.identity(),
        session.conversation().text(),
        session.generation(),
        session.confirmations(),
        session.created().toString(),
        session.expires().toString(),
        session.lastSeen().toString(),
        textOrNull(session.revoked()),
        session.revokedWhy(),
        session.refusals(),
        session.replays(),
        session.observed(),
        textOrNull(session.lastRefused()),
        session.lastRefusedWhy());
  }

  public Session session() {
    return new Session(
        new Sid.Session(sid),
        new Sid.Account(accountSid),
        new Sid.Deployment(deploymentKey),
        identity,
        new Sid.Conversation(conversationSid),
        generation,
        confirmations,
        Instant.parse(created),
        Instant.parse(expires),
        Instant.parse(lastSeen),
        instantOrNull(revoked),
        revokedWhy,
        refusals,
        replays,
        observed,
        instantOrNull(lastRefused),
        lastRefusedWhy);
  }

  private static @Nullable String textOrNull(@Nullable Instant instant) {
    return instant == null ? null : instant.toString();
  }

  private static @Nullable Instant instantOrNull(@Nullable String text) {
    return text == null ? null : Instant.parse(text);
  }
}

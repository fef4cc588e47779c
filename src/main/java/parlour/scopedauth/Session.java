package parlour.scopedauth;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import parlour.Sid;

/**
 * A guest's session: one line of token generations under one absolute end.
 *
 * @param generation the newest generation that was ever used
 * @param confirmations when the last generations were first used, newest first, as {@code
 *     "7@1763800000000 6@1763799000000 "}; bounded, so its tail may be cut
 */
public record Session(
    Sid.Session sid,
    Sid.Account account,
    Sid.Deployment deployment,
    String identity,
    Sid.Conversation conversation,
    long generation,
    String confirmations,
    Instant created,
    Instant expires,
    Instant lastSeen,
    @Nullable Instant revoked,
    @Nullable String revokedWhy,
    int refusals,
    int replays,
    int observed,
    @Nullable Instant lastRefused,
    @Nullable String lastRefusedWhy) {

  /** A session that begins now, whose first token counts as used. */
  static Session opened(NewSession wanted, Instant now) {
    SessionOwner owner = wanted.owner();
    return new Session(
        wanted.sid(),
        owner.account(),
        owner.deployment(),
        owner.identity(),
        owner.conversation(),
        1,
        TokenLineage.confirmation(1, now),
        now,
        now.plus(wanted.sessionTtl()),
        now,
        null,
        null,
        0,
        0,
        0,
        null,
        null);
  }

  SessionOwner owner() {
    return new SessionOwner(account, deployment, identity, conversation);
  }
}

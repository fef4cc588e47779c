package parlour.scopedauth;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import parlour.Identity;
import parlour.Sid;

/**
 * A guest's session: all tokens of one chat in one browser, under one absolute end.
 *
 * @param generation the newest generation that was ever used
 */
public record Session(
    Sid.Session sid,
    Sid.Account account,
    Sid.Deployment deployment,
    Identity identity,
    Sid.Conversation conversation,
    Generation generation,
    Confirmations confirmations,
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
        Generation.FIRST,
        Confirmations.of(Generation.FIRST, now),
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

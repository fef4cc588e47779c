package parlour.scopedauth;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import parlour.Identity;
import parlour.Limits;
import parlour.Sid;

/**
 * A guest's session: all tokens of one chat in one browser, under one absolute end.
 *
 * @param generation the newest generation that was ever used
 * @param expires when the session ends; if it is bound, every new token that is used moves this
 * @param bound present if the session is bound to a key of its browser
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
    Optional<Bound> bound,
    Instant lastSeen,
    @Nullable Instant revoked,
    @Nullable String revokedWhy,
    int refusals,
    int replays,
    int observed,
    @Nullable String lastObservedWhy,
    @Nullable Instant lastRefused,
    @Nullable String lastRefusedWhy) {

  /**
   * The ends of a session that is bound to a key.
   *
   * @param idleTtl how long it lives without a new token
   * @param ends its absolute end, after which {@link Session#expires} never moves
   */
  public record Bound(Duration idleTtl, Instant ends) {

    /** The end of a session whose newest token is used now. It is kept for one step longer. */
    Instant endAfterUse(Instant now) {
      Instant idle = now.plus(idleTtl).plus(idleTtl.dividedBy(Limits.IDLE_TTL_STEPS));
      return idle.isBefore(ends) ? idle : ends;
    }
  }

  /** A session that begins now, whose first token counts as used. */
  static Session opened(NewSession wanted, Instant now) {
    SessionOwner owner = wanted.owner();
    Instant ends = now.plus(wanted.sessionTtl());
    Optional<Bound> bound = wanted.binding().map(wish -> new Bound(wish.idleTtl(), ends));
    return new Session(
        wanted.sid(),
        owner.account(),
        owner.deployment(),
        owner.identity(),
        owner.conversation(),
        Generation.FIRST,
        Confirmations.of(Generation.FIRST, now),
        now,
        bound.map(limits -> limits.endAfterUse(now)).orElse(ends),
        bound,
        now,
        null,
        null,
        0,
        0,
        0,
        null,
        null,
        null);
  }

  SessionOwner owner() {
    return new SessionOwner(account, deployment, identity, conversation);
  }
}

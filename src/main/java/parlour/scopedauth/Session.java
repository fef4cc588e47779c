package parlour.scopedauth;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import parlour.Durations;
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
    SessionOwner owner,
    Generation generation,
    Confirmations confirmations,
    Instant created,
    Instant expires,
    Optional<Bound> bound,
    Instant lastSeen,
    Optional<Event> revoked,
    Incidents incidents) {

  /**
   * An event in the life of a session.
   *
   * @param why the cause, in words for operators
   */
  public record Event(Instant at, String why) {}

  /**
   * The uses of the session's tokens that did not pass without a note.
   *
   * @param replays how often a superseded token was presented again
   * @param observed how often a signal differed that decides nothing
   * @param lastObserved the signals that differed, in words for operators
   */
  public record Incidents(
      int refusals,
      Optional<Event> lastRefusal,
      int replays,
      int observed,
      Optional<String> lastObserved) {

    static final Incidents NONE = new Incidents(0, Optional.empty(), 0, 0, Optional.empty());
  }

  /**
   * The ends of a session that is bound to a key.
   *
   * @param idleTtl how long it lives without a new token
   * @param ends its absolute end, after which {@link Session#expires} never moves
   */
  public record Bound(Duration idleTtl, Instant ends) {

    /** The end of a session whose newest token is used now. It is kept for one step longer. */
    Instant endAfterUse(Instant now) {
      Instant idle = now.plus(idleTtl).plus(Durations.part(idleTtl, Limits.IDLE_TTL_STEPS));
      return idle.isBefore(ends) ? idle : ends;
    }
  }

  /** A session that begins now, whose first token counts as used. */
  static Session opened(NewSession wanted, Instant now) {
    Instant ends = now.plus(wanted.sessionTtl());
    Optional<Bound> bound = wanted.binding().map(wish -> new Bound(wish.idleTtl(), ends));
    return new Session(
        wanted.sid(),
        wanted.owner(),
        Generation.FIRST,
        Confirmations.of(Generation.FIRST, now),
        now,
        bound.map(limits -> limits.endAfterUse(now)).orElse(ends),
        bound,
        now,
        Optional.empty(),
        Incidents.NONE);
  }
}

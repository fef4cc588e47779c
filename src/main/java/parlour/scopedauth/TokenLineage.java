package parlour.scopedauth;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import parlour.Limits;

/**
 * The part of a session that decides whether a token is valid: the generations of its tokens, its
 * key and its end.
 *
 * @param generation the newest generation that was ever used
 * @param isConfirmedExactly whether the browser that first used it differed in no signal from the
 *     one that it was issued to
 * @param isBound whether the session is bound to a key
 */
record TokenLineage(
    Generation generation,
    Confirmations confirmations,
    boolean isConfirmedExactly,
    Guesses guesses,
    boolean isBound,
    Instant expires,
    @Nullable Instant revoked) {

  /**
   * How often another browser presented a token.
   *
   * @param generation the newest generation that this happened to
   */
  record Guesses(Generation generation, int count) {}

  /**
   * Whether all signals of a browser must agree, because a thief may be guessing the few that
   * usually must.
   */
  boolean demandsAllSignals(Generation presented) {
    return guesses.count() >= Limits.GUESSES_BEFORE_HIGH
        && !presented.isAfter(guesses.generation());
  }

  /** The status of a token of one generation. */
  enum Status {
    /** The generation is newer than any that was used: its first use confirms it. */
    NEXT,
    CURRENT,
    /**
     * Its successor was first used a short time ago: a response was lost, or a second tab is open.
     */
    GRACE,
    /** Its successor was first used in the future, so the clock of this process is behind. */
    AHEAD,
    REPLAYED,
    REVOKED,
    ENDED
  }

  Status status(Generation presented, Instant now) {
    if (revoked != null) {
      return Status.REVOKED;
    }
    if (!now.isBefore(expires)) {
      return Status.ENDED;
    }
    if (presented.isAfter(generation)) {
      return Status.NEXT;
    }
    if (presented.equals(generation)) {
      return Status.CURRENT;
    }
    return confirmations
        .supersededAt(presented)
        .filter(at -> now.isBefore(at.plus(Limits.GENERATION_GRACE)))
        .map(at -> at.isAfter(now.plus(Limits.CLOCK_SKEW)) ? Status.AHEAD : Status.GRACE)
        .orElse(Status.REPLAYED);
  }

  boolean isLive(Instant now) {
    return status(generation, now) == Status.CURRENT;
  }
}

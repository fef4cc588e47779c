package parlour.scopedauth;

import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import parlour.Limits;

/**
 * A session's line of token generations under one absolute end: what decides whether a token holds.
 *
 * @param generation the newest generation that was ever used
 * @param confirmations as of {@link Session}
 */
record TokenLineage(
    long generation,
    String confirmations,
    Instant expires,
    @Nullable Instant revoked) {

  /** Where a token of some generation stands. */
  enum Status {
    /** Newer than any that was used: its first use confirms it. */
    NEXT,
    CURRENT,
    /** Its successor was first used a short while ago: a lost response, or a second tab. */
    GRACE,
    /** By this clock its successor was first used in the future, so the clock is behind. */
    AHEAD,
    REPLAYED,
    REVOKED,
    OVER
  }

  Status status(long presented, Instant now) {
    if (revoked != null) {
      return Status.REVOKED;
    }
    if (!now.isBefore(expires)) {
      return Status.OVER;
    }
    if (presented > generation) {
      return Status.NEXT;
    }
    if (presented == generation) {
      return Status.CURRENT;
    }
    return supersededAt(presented)
        .filter(at -> now.isBefore(at.plus(Limits.GENERATION_GRACE)))
        .map(at -> at.isAfter(now.plus(Limits.CLOCK_SKEW)) ? Status.AHEAD : Status.GRACE)
        .orElse(Status.REPLAYED);
  }

  boolean isGood(Instant now) {
    return status(generation, now) == Status.CURRENT;
  }

  /** When a successor of this generation was first used; empty when that was long ago. */
  private Optional<Instant> supersededAt(long presented) {
    Optional<Instant> superseded = Optional.empty();
    int from = 0;
    int end;
    while ((end = confirmations.indexOf(' ', from)) >= 0) {
      int at = confirmations.indexOf('@', from);
      if (Long.parseLong(confirmations, from, at, 10) <= presented) {
        return superseded;
      }
      superseded =
          Optional.of(Instant.ofEpochMilli(Long.parseLong(confirmations, at + 1, end, 10)));
      from = end + 1;
    }
    // The line was cut before the generation asked for: it is older than all that is remembered.
    return Optional.empty();
  }

  /** The entry that {@link Sessions#confirm} puts in front. */
  static String confirmation(long generation, Instant now) {
    return generation + "@" + now.toEpochMilli() + " ";
  }
}

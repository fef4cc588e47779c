package parlour.scopedauth;

import java.time.Instant;
import java.util.Optional;

/**
 * The instants at which the last generations of a session were first used, newest first.
 *
 * @param text an entry for each generation, such as {@code "7@1763800000000 6@1763799000000 "},
 *     with the instant in epoch milliseconds. {@link Sessions#confirm} bounds its length, so the
 *     last entry may be cut.
 */
public record Confirmations(String text) {

  /** The entry that {@link Sessions#confirm} adds at the front. */
  static Confirmations of(Generation generation, Instant firstUse) {
    return new Confirmations(generation.number() + "@" + firstUse.toEpochMilli() + " ");
  }

  /**
   * Finds the instant of the first use of the next generation that was used after this one. Empty
   * if there was none, or if so many were used since that the entry was cut.
   */
  Optional<Instant> supersededAt(Generation generation) {
    String next = "";
    int from = 0;
    int end;
    while ((end = text.indexOf(' ', from)) >= 0) {
      int at = text.indexOf('@', from);
      if (Long.parseLong(text, from, at, 10) <= generation.number()) {
        return next.isEmpty()
            ? Optional.empty()
            : Optional.of(Instant.ofEpochMilli(Long.parseLong(next)));
      }
      next = text.substring(at + 1, end);
      from = end + 1;
    }
    return Optional.empty();
  }
}

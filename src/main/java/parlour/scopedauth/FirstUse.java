package parlour.scopedauth;

import java.time.Instant;

/**
 * The first use of a token of a new generation.
 *
 * @param issued when the token was issued, by the clock of the node that issued it
 * @param isBound whether the token is bound to a key, as its session must be
 * @param isExact whether the browser differs in no signal from the one that the token was issued to
 */
record FirstUse(TokenGeneration token, Instant issued, boolean isBound, boolean isExact) {

  /**
   * The time of the use, from which on other nodes count the grace of the older tokens. No token is
   * used before it is issued, so a clock that says this is behind.
   *
   * @param now by the clock of the node at which it is used
   */
  Instant at(Instant now) {
    return now.isBefore(issued) ? issued : now;
  }
}

package parlour.scopedauth;

import java.util.Set;
import java.util.stream.Collectors;

/**
 * The comparison of the browser that presents a token with the one that the token was issued to.
 *
 * @param level the sensitivity of the comparison
 * @param nextLevel the sensitivity of the token's successor
 * @param differing the signals that differ, among those that the client has sent
 * @param unsaid the signals that the client does not send, which no level demands
 */
record FingerprintMatch(
    Sensitivity level, Sensitivity nextLevel, Set<Signal> differing, Set<Signal> unsaid) {

  static FingerprintMatch of(Fingerprint bound, Fingerprint presented) {
    return new FingerprintMatch(
        Sensitivity.lower(bound.sensitivity(), presented.sensitivity()),
        presented.sensitivity(),
        bound.differences(presented),
        presented.unsaid());
  }

  /** The same comparison in which every signal counts, unless the level refuses no browser. */
  FingerprintMatch ofAllSignals() {
    return level.refuses()
        ? new FingerprintMatch(Sensitivity.HIGH, nextLevel, differing, unsaid)
        : this;
  }

  /** Whether the browser differs in no signal. */
  boolean isExact() {
    return differing.isEmpty();
  }

  /** Whether this browser can use the token. */
  boolean isAccepted() {
    return isTolerated() || !level.refuses();
  }

  /** Whether it counts as the same browser. If it does not, it can still be {@link #isAccepted}. */
  boolean isTolerated() {
    return level.tolerates(differing);
  }

  /**
   * The signals of which a successor keeps the digest of its predecessor, although the browser
   * differs in them. Otherwise a thief could change one of them with each refresh. None if the
   * successor's level is another one: raising the level must not refuse a browser that was accepted.
   */
  Set<Signal> kept() {
    return level == Sensitivity.MEDIUM && nextLevel == Sensitivity.MEDIUM
        ? Sensitivity.changed(differing)
        : Set.of();
  }

  String description() {
    return level.word()
        + (differing.isEmpty() ? ": nothing differs" : ": differs in " + list(differing))
        + (unsaid.isEmpty() ? "" : "; not sent: " + list(unsaid));
  }

  private static String list(Set<Signal> signals) {
    return signals.stream().map(Signal::description).collect(Collectors.joining(", "));
  }
}

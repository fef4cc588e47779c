package parlour.scopedauth;

import java.util.Set;
import java.util.stream.Collectors;

/**
 * The comparison of the browser that presents a token with the one that the token was issued to.
 *
 * @param level the sensitivity of the comparison
 */
record FingerprintMatch(Sensitivity level, Set<Signal> differing) {

  static FingerprintMatch of(Fingerprint bound, Fingerprint presented) {
    return new FingerprintMatch(
        Sensitivity.lower(bound.sensitivity(), presented.sensitivity()),
        bound.differences(presented));
  }

  /** The same comparison in which every signal counts, unless the level refuses no browser. */
  FingerprintMatch ofAllSignals() {
    return level.refuses() ? new FingerprintMatch(Sensitivity.HIGH, differing) : this;
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

  String description() {
    return level.word()
        + (differing.isEmpty()
            ? ": nothing differs"
            : differing.stream()
                .map(Signal::description)
                .collect(Collectors.joining(", ", ": differs in ", "")));
  }
}

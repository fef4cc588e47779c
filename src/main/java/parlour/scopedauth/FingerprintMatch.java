package parlour.scopedauth;

import java.util.Set;
import java.util.stream.Collectors;

/**
 * What came of comparing the browser that shows a token with the one it was issued to.
 *
 * @param level at which they were compared
 */
record FingerprintMatch(Sensitivity level, Set<Signal> differing) {

  static FingerprintMatch of(Fingerprint bound, Fingerprint presented) {
    return new FingerprintMatch(
        Sensitivity.lower(bound.sensitivity(), presented.sensitivity()),
        bound.differences(presented));
  }

  /** Whether the token may be used from there. */
  boolean holds() {
    return isTolerated() || !level.refuses();
  }

  /** Whether it is taken for the same browser; where not, it may still {@link #holds hold}. */
  boolean isTolerated() {
    return level.tolerates(differing);
  }

  String inWords() {
    return level.word()
        + (differing.isEmpty()
            ? ": nothing differs"
            : differing.stream()
                .map(Signal::inWords)
                .collect(Collectors.joining(", ", ": differs in ", "")));
  }
}

package parlour.scopedauth;

import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The comparison of the browser that presents a token with the one that the token was issued to.
 *
 * @param level the sensitivity of the comparison
 * @param nextLevel the sensitivity of the token's successor
 * @param differing the signals that differ, among those that the client has sent
 * @param unsaid the signals that the client does not send, which no level demands
 * @param observing the signals that only observe in this deployment, which are all of one header
 */
record FingerprintMatch(
    Sensitivity level,
    Sensitivity nextLevel,
    Set<Signal> differing,
    Set<Signal> unsaid,
    Set<Signal> observing) {

  static FingerprintMatch of(Fingerprint bound, Fingerprint presented, Set<Signal> observing) {
    return new FingerprintMatch(
        Sensitivity.lower(bound.sensitivity(), presented.sensitivity()),
        presented.sensitivity(),
        bound.differences(presented),
        presented.unsaid(),
        observing);
  }

  /** The same comparison in which every signal counts, unless the level refuses no browser. */
  FingerprintMatch ofAllSignals() {
    return level.refuses()
        ? new FingerprintMatch(Sensitivity.HIGH, nextLevel, differing, unsaid, observing)
        : this;
  }

  /** Whether the browser differs in no signal. */
  boolean isExact() {
    return differing.isEmpty();
  }

  /** Whether this browser can use the token. */
  boolean isAccepted() {
    return isTolerated() || !level.refuses() || isForgiven();
  }

  /** Whether it counts as the same browser. If it does not, it can still be {@link #isAccepted}. */
  boolean isTolerated() {
    return level.tolerates(differing);
  }

  /** Whether the browser differs only in signals that observe, and has sent all others. */
  private boolean isForgiven() {
    return !observing.isEmpty() // nearly always false
        && hasBudget()
        && isOfOneHeader()
        && observing.containsAll(decisive());
  }

  /**
   * The vote of this call for the signal budget, if the token is good otherwise: the signals for
   * which alone this browser would be refused, and no signal if it would be accepted. Empty if
   * nothing follows from it, because signals of several headers differ or were not sent, or every
   * signal counts.
   */
  Optional<Set<Signal>> vote() {
    if (!hasBudget()) {
      return Optional.empty();
    }
    if (isTolerated()) {
      return Optional.of(Set.of());
    }
    return isOfOneHeader() ? Optional.of(decisive()) : Optional.empty();
  }

  private boolean hasBudget() {
    return level.hasBudget() && unsaid.isEmpty();
  }

  /** Whether a change of one header can be the whole difference, at any level. */
  private boolean isOfOneHeader() {
    return differing.stream().map(Signal::header).distinct().count() <= 1;
  }

  private Set<Signal> decisive() {
    Set<Signal> decisive = EnumSet.copyOf(Signal.DECISIVE);
    decisive.retainAll(differing);
    return decisive;
  }

  /**
   * The signals of which a successor keeps the digest of its predecessor, although the browser
   * differs in them. Otherwise a thief could change one of them with each refresh. None if the
   * successor's level is another one: raising the level must not refuse a browser that was
   * accepted. None if the differing signals observe: they must not refuse the guest when they
   * decide again.
   */
  Set<Signal> kept() {
    return level == Sensitivity.MEDIUM && nextLevel == Sensitivity.MEDIUM && !isForgiven()
        ? Sensitivity.changed(differing)
        : Set.of();
  }

  String description() {
    return level.word()
        + (differing.isEmpty() ? ": nothing differs" : ": differs in " + list(differing))
        + (isTolerated() || !isForgiven() ? "" : "; which only observes: " + list(observing))
        + (unsaid.isEmpty() ? "" : "; not sent: " + list(unsaid));
  }

  private static String list(Set<Signal> signals) {
    return signals.stream().map(Signal::description).collect(Collectors.joining(", "));
  }
}

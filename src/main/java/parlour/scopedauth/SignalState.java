package parlour.scopedauth;

import java.time.Instant;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import parlour.Sid;

/**
 * The signals of a deployment that decide, and those that only observe.
 *
 * @param byVotes the signals that observe because they differed too often
 * @param since when the first of them began to
 * @param alwaysObserve the signals that observe because an operator said so
 * @param alwaysDecide the signals that an operator lets decide
 */
public record SignalState(
    Sid.Deployment deployment,
    Set<Signal> byVotes,
    Optional<Instant> since,
    Set<Signal> alwaysObserve,
    Set<Signal> alwaysDecide) {

  /** The state of a deployment in which every signal decides. */
  static SignalState initial(Sid.Deployment deployment) {
    return new SignalState(deployment, Set.of(), Optional.empty(), Set.of(), Set.of());
  }

  /** The signals that only observe. They are all of one header. */
  public Set<Signal> observing() {
    Set<Signal> observing = EnumSet.noneOf(Signal.class);
    observing.addAll(byVotes);
    observing.addAll(alwaysObserve);
    observing.removeAll(alwaysDecide);
    return observing;
  }

  public SignalRule rule(Signal signal) {
    return alwaysObserve.contains(signal)
        ? SignalRule.OBSERVE
        : alwaysDecide.contains(signal) ? SignalRule.DECIDE : SignalRule.AUTO;
  }
}

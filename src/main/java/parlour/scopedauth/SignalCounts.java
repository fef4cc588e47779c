package parlour.scopedauth;

import java.util.Map;
import parlour.Limits;

/**
 * The votes of a deployment about its signals.
 *
 * @param votes how many networks have voted
 * @param differing in how many of them a signal differed; signals without any are missing
 */
public record SignalCounts(long votes, Map<Signal, Long> differing) {
  public SignalCounts {
    differing = Map.copyOf(differing);
  }

  public long differing(Signal signal) {
    return differing.getOrDefault(signal, 0L);
  }

  /** Whether a signal differs too often to be an accident of some guests. */
  boolean isOverBudget(Signal signal) {
    long many = differing(signal);
    return many >= Limits.SIGNAL_DIFFERENCES && many * Limits.SIGNAL_SHARE >= votes;
  }

  /** Whether less than half of the budget is used, so that the signal can decide again. */
  boolean isBack(Signal signal) {
    long twice = 2 * differing(signal);
    return twice < Limits.SIGNAL_DIFFERENCES || twice * Limits.SIGNAL_SHARE < votes;
  }
}

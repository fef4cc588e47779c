package parlour.scopedauth;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The signals of a deployment that can refuse a browser, as operators see them.
 *
 * @param since when a signal began to only observe because it differed too often
 * @param networks how many networks were counted in the last 24 hours
 */
public record ListedSignals(Optional<Instant> since, long networks, List<ListedSignal> signals) {
  /**
   * A signal.
   *
   * @param observes whether it only observes now, by its rule or because it differed too often
   * @param differing in how many of the counted networks it differed
   */
  public record ListedSignal(Signal signal, SignalRule rule, boolean observes, long differing) {}

  static ListedSignals of(SignalState state, SignalCounts counts) {
    Set<Signal> observing = state.observing();
    return new ListedSignals(
        state.since(),
        counts.votes(),
        Signal.DECISIVE.stream()
            .map(signal -> new ListedSignal(
                signal, state.rule(signal), observing.contains(signal), counts.differing(signal)))
            .toList());
  }
}

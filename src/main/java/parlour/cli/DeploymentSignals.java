package parlour.cli;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import parlour.Sid;
import parlour.scopedauth.Signal;
import parlour.scopedauth.SignalCounts;
import parlour.scopedauth.SignalRule;
import parlour.scopedauth.SignalState;
import parlour.scopedauth.SignalVotes;

/** The signals of a deployment that decide, those that only observe, and why. */
record DeploymentSignals(SignalState state, SignalCounts counts) {
  static final Fields<DeploymentSignals> FIELDS = new Fields<DeploymentSignals>()
      .member("signals", DeploymentSignals::json)
      .member("signals_observing_since", signals -> signals.state().since())
      .member("networks_counted", signals -> signals.counts().votes())
      .line("signals", DeploymentSignals::summary);

  /** A rule for a signal, as an operator types it: {@code browser=decide}. */
  record Change(Signal signal, SignalRule rule) {
    static Change parse(String text) {
      int equals = text.indexOf('=');
      Optional<Signal> signal =
          equals < 0 ? Optional.empty() : Signal.decisive(text.substring(0, equals));
      Optional<SignalRule> rule = Stream.of(SignalRule.values())
          .filter(one -> one.word().equals(text.substring(equals + 1)))
          .findFirst();
      if (signal.isEmpty() || rule.isEmpty()) {
        throw new UserError(
            "--signal: write NAME=RULE, not \"%s\"; the names are %s, and the rules %s"
                .formatted(
                    text,
                    words(Signal.DECISIVE),
                    Stream.of(SignalRule.values())
                        .map(SignalRule::word)
                        .collect(Collectors.joining(", "))));
      }
      return new Change(signal.get(), rule.get());
    }
  }

  static DeploymentSignals read(SignalVotes votes, Sid.Deployment deployment, Instant now) {
    return new DeploymentSignals(votes.state(deployment), votes.counts(deployment, now));
  }

  /**
   * Stores the rules, those first that let a signal decide.
   *
   * @throws UserError if signals of two headers would observe; the rules before it are stored
   */
  static void change(SignalVotes votes, Sid.Deployment deployment, List<Change> changes) {
    List<Change> ordered = new ArrayList<>(changes);
    ordered.sort((one, other) ->
        Boolean.compare(one.rule() == SignalRule.OBSERVE, other.rule() == SignalRule.OBSERVE));
    for (Change change : ordered) {
      if (!votes.rule(deployment, change.signal(), change.rule())) {
        throw new UserError(
            ("%s cannot observe while a signal of another header does (%s): let that one decide"
                    + " first, or use --sensitivity observe to refuse no browser")
                .formatted(change.signal().word(), words(votes.state(deployment).observing())));
      }
    }
  }

  private static List<Map<String, Object>> json(DeploymentSignals signals) {
    Set<Signal> observing = signals.state().observing();
    return Signal.DECISIVE.stream()
        .map(signal -> {
          Map<String, Object> object = new LinkedHashMap<>();
          object.put("signal", signal.word());
          object.put("rule", signals.state().rule(signal).word());
          object.put("observes", observing.contains(signal));
          object.put("networks_that_differed", signals.counts().differing(signal));
          return object;
        })
        .toList();
  }

  private static String summary(DeploymentSignals signals) {
    SignalState state = signals.state();
    Set<Signal> observing = state.observing();
    List<String> parts = new ArrayList<>();
    parts.add(observing.isEmpty() ? "all decide" : "only observing: " + words(observing));
    state.since().ifPresent(since -> parts.add("since " + Table.time(since)));
    for (SignalRule rule : new SignalRule[] {SignalRule.OBSERVE, SignalRule.DECIDE}) {
      List<Signal> ruled =
          Signal.DECISIVE.stream().filter(signal -> state.rule(signal) == rule).toList();
      if (!ruled.isEmpty()) {
        parts.add("by an operator %s: %s".formatted(rule.word(), words(ruled)));
      }
    }
    List<Signal> differing = Signal.DECISIVE.stream()
        .filter(signal -> signals.counts().differing(signal) > 0)
        .toList();
    if (!differing.isEmpty()) {
      parts.add("of %d networks counted in 24 hours %s"
          .formatted(
              signals.counts().votes(),
              differing.stream()
                  .map(signal -> "%d differed in %s"
                      .formatted(signals.counts().differing(signal), signal.word()))
                  .collect(Collectors.joining(", "))));
    }
    return String.join("; ", parts);
  }

  private static String words(Iterable<Signal> signals) {
    List<String> words = new ArrayList<>();
    signals.forEach(signal -> words.add(signal.word()));
    return String.join(", ", words);
  }
}

package parlour.scopedauth;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import parlour.ClockWatch;
import parlour.Limits;
import parlour.Sid;
import parlour.ledger.Ledger;
import parlour.ledger.LedgerNote;

/**
 * Decides which signals only observe, because they differ in so many networks that a browser
 * release or a proxy must be the cause (ADR 0044).
 *
 * <p>Calls only add votes in memory and read the last known states. {@link #update}, a periodic
 * task of every node, stores the votes, changes the states, and reads the states that other nodes
 * and operators have changed. Safe for use by several threads.
 */
public final class SignalBudget {
  private static final Logger log = LoggerFactory.getLogger(ScopedAuthService.class);

  private static final Comparator<SignalVotes.Vote> IN_ORDER_OF_ROWS = Comparator.comparing(
          (SignalVotes.Vote vote) -> vote.deployment().text())
      .thenComparingLong(SignalVotes.Vote::slot);

  private record Slot(Sid.Deployment deployment, long number) {}

  private final SignalVotes store;
  private final Ledger ledger;
  private final ClockWatch clock;

  /** The votes that were not stored yet, at most {@link Limits#SIGNAL_VOTES_PENDING}. */
  private final Map<Slot, SignalVotes.Vote> pending = new ConcurrentHashMap<>();

  /** Only deployments in which a signal observes. */
  private volatile Map<Sid.Deployment, Set<Signal>> observing = Map.of();

  private volatile int observingByVotes;

  @GuardedBy("this")
  private Instant returnsChecked = Instant.EPOCH;

  public SignalBudget(SignalVotes store, Ledger ledger, InstantSource clock) {
    this.store = store;
    this.ledger = ledger;
    this.clock = ClockWatch.of(clock);
  }

  /** The signals that only observe in a deployment. */
  Set<Signal> observing(Sid.Deployment deployment) {
    return observing.getOrDefault(deployment, Set.of());
  }

  /** In how many deployments a signal only observes because of its votes, not by an operator's rule. */
  public int deploymentsObserving() {
    return observingByVotes;
  }

  /**
   * Adds the vote of a network from which a call was right, except that these signals may have
   * differed. The vote is lost if too many others wait.
   */
  void vote(Sid.Deployment deployment, NetworkDigest network, Set<Signal> differing) {
    long slot = Long.remainderUnsigned(network.bits(), Limits.SIGNAL_VOTES);
    long voter = network.bits() >>> 33; // other bits than those of the slot
    Slot key = new Slot(deployment, slot);
    if (pending.size() < Limits.SIGNAL_VOTES_PENDING || pending.containsKey(key)) {
      pending.merge(
          key,
          new SignalVotes.Vote(deployment, slot, voter, differing, clock.instant()),
          SignalBudget::heard);
    }
  }

  /** Of two votes for one slot the one that counts, as the store decides it. */
  private static SignalVotes.Vote heard(SignalVotes.Vote one, SignalVotes.Vote other) {
    if (one.voter() != other.voter()) {
      return one.voter() < other.voter() ? one : other;
    }
    return other.differing().isEmpty() ? one : other;
  }

  /**
   * Stores the votes, and changes the states accordingly. If the store fails, the votes stay, and
   * the last known states apply.
   */
  public synchronized void update() {
    Set<Sid.Deployment> changed = new LinkedHashSet<>();
    List<SignalVotes.Vote> votes = drained();
    for (int from = 0; from < votes.size(); from += Limits.SIGNAL_VOTES_AT_ONCE) {
      List<SignalVotes.Vote> some =
          votes.subList(from, Math.min(votes.size(), from + Limits.SIGNAL_VOTES_AT_ONCE));
      try {
        store.store(some);
      } catch (RuntimeException e) {
        votes.subList(from, votes.size()).forEach(this::keep);
        throw e;
      }
      some.stream()
          .filter(vote -> !vote.differing().isEmpty())
          .forEach(vote -> changed.add(vote.deployment()));
    }
    changed.forEach(this::beginObserving);
    List<SignalState> states = store.observing(Limits.SIGNAL_STATES_READ);
    if (isTimeForReturns()) {
      states.forEach(this::decideAgain);
      states = store.observing(Limits.SIGNAL_STATES_READ);
    }
    Map<Sid.Deployment, Set<Signal>> known = new HashMap<>();
    states.forEach(state -> known.put(state.deployment(), state.observing()));
    observing = Map.copyOf(known);
    observingByVotes =
        (int) states.stream().filter(state -> !state.byVotes().isEmpty()).count();
  }

  private List<SignalVotes.Vote> drained() {
    List<SignalVotes.Vote> votes = new ArrayList<>();
    for (Slot slot : List.copyOf(pending.keySet())) {
      Optional.ofNullable(pending.remove(slot)).ifPresent(votes::add);
    }
    votes.sort(IN_ORDER_OF_ROWS); // so that two nodes never wait for each other's rows
    return votes;
  }

  private void keep(SignalVotes.Vote vote) {
    if (pending.size() < Limits.SIGNAL_VOTES_PENDING) {
      pending.merge(new Slot(vote.deployment(), vote.slot()), vote, SignalBudget::heard);
    }
  }

  /** Lets signals that are over the budget observe, but only those of one header. */
  private void beginObserving(Sid.Deployment deployment) {
    if (clock.isInDoubt()) {
      return;
    }
    Instant now = clock.instant();
    SignalState state = store.state(deployment);
    SignalCounts counts = store.counts(deployment, now);
    Set<Signal> over = EnumSet.noneOf(Signal.class);
    Signal.DECISIVE.stream()
        .filter(signal -> state.rule(signal) == SignalRule.AUTO && counts.isOverBudget(signal))
        .forEach(over::add);
    state.observing().stream()
        .findFirst()
        .or(() -> over.stream().max(Comparator.comparingLong(counts::differing)))
        .ifPresent(one -> over.retainAll(one.ofSameHeader()));
    Set<Signal> begun = EnumSet.copyOf(over);
    begun.removeAll(state.byVotes());
    over.addAll(state.byVotes());
    if (!begun.isEmpty() && store.change(state, over, Optional.of(state.since().orElse(now)))) {
      note(LedgerNote.SIGNAL_OBSERVES, "differed in too many networks", deployment, begun);
      log.atWarn()
          .addKeyValue("event.action", "signal-observes")
          .addKeyValue("deployment", deployment.text())
          .log(
              "{} only observes from now on, because it differed in calls from too many networks in"
                  + " which everything else was right: {}. Find out what changes it, for example a proxy;"
                  + " parlour deployments update {} --signal {}=decide lets it decide again",
              descriptions(begun),
              numbers(begun, counts),
              deployment.text(),
              begun.iterator().next().word());
    }
  }

  /** Once a minute. */
  @GuardedBy("this")
  private boolean isTimeForReturns() {
    Instant now = clock.instant();
    boolean isRecent = !now.isBefore(returnsChecked)
        && now.isBefore(returnsChecked.plus(Limits.SIGNAL_RETURNS_CHECK));
    if (!isRecent) {
      returnsChecked = now;
    }
    return !isRecent && clock.maySweep();
  }

  /** Lets the signals decide again whose rate is back. */
  private void decideAgain(SignalState state) {
    Instant now = clock.instant();
    if (state.since().isEmpty()
        || now.isBefore(state.since().get().plus(Limits.MIN_SIGNAL_OBSERVING))) {
      return;
    }
    SignalCounts counts = store.counts(state.deployment(), now);
    Set<Signal> back = EnumSet.noneOf(Signal.class);
    state.byVotes().stream().filter(counts::isBack).forEach(back::add);
    Set<Signal> left = EnumSet.noneOf(Signal.class);
    left.addAll(state.byVotes());
    left.removeAll(back);
    Optional<Instant> since = left.isEmpty() ? Optional.empty() : state.since();
    if (!back.isEmpty() && store.change(state, left, since)) {
      note(LedgerNote.SIGNAL_DECIDES, "differs in few networks again", state.deployment(), back);
      log.atWarn()
          .addKeyValue("event.action", "signal-decides")
          .addKeyValue("deployment", state.deployment().text())
          .log(
              "{} decides again in deployment {}: {}",
              descriptions(back),
              state.deployment().text(),
              numbers(back, counts));
    }
  }

  private void note(String event, String cause, Sid.Deployment deployment, Set<Signal> signals) {
    ledger.add(LedgerNote.of(event, cause)
        .ofGuest(Optional.empty(), Optional.of(deployment))
        .differingIn(signals.stream().map(Signal::word).toList()));
  }

  private static String descriptions(Set<Signal> signals) {
    return signals.stream().map(Signal::description).collect(Collectors.joining(" and "));
  }

  private static String numbers(Set<Signal> signals, SignalCounts counts) {
    return signals.stream()
        .map(signal -> "%s in %d of %d networks in %d hours"
            .formatted(
                signal.word(),
                counts.differing(signal),
                counts.votes(),
                Limits.SIGNAL_WINDOW.toHours()))
        .collect(Collectors.joining(", "));
  }
}

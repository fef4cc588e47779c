package parlour.scopedauth;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import parlour.Sid;

/**
 * The store of the votes by which {@link SignalBudget} decides that a signal only observes, and of
 * these decisions. Every method throws {@link parlour.store.StoreUnavailable}.
 */
public interface SignalVotes {

  /**
   * The vote of one network.
   *
   * @param slot from 0 to {@link parlour.Limits#SIGNAL_VOTES} - 1; of several voters with one slot,
   *     the smallest one has it
   * @param differing the signals in which a session differed, while everything else was right;
   *     empty if it did not
   */
  record Vote(
      Sid.Deployment deployment, long slot, long voter, Set<Signal> differing, Instant at) {}

  /** Stores votes in one transaction. Storing a vote again changes nothing. */
  void store(List<Vote> votes);

  /** Counts the votes of a deployment that are valid now. */
  SignalCounts counts(Sid.Deployment deployment, Instant now);

  /** The state of a deployment's signals; at first all of them decide. */
  SignalState state(Sid.Deployment deployment);

  /** The states of the deployments in which a signal observes, at most {@code limit}. */
  List<SignalState> observing(int limit);

  /**
   * Changes which signals observe because of their votes; false if the state is not {@code before}
   * any more.
   *
   * @param since empty if no signal observes
   */
  boolean change(SignalState before, Set<Signal> observing, Optional<Instant> since);

  /**
   * Stores an operator's rule for one signal, which replaces what the votes said; false if a signal
   * of another header observes.
   */
  boolean rule(Sid.Deployment deployment, Signal signal, SignalRule rule);

  /** Deletes all votes of a deployment, and its state. */
  void delete(Sid.Deployment deployment);

  /** Deletes votes that were cast before this instant, at most {@code limit}; returns how many. */
  int sweep(Instant before, int limit);
}

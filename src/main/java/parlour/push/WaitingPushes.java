package parlour.push;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The push subscriptions of guests or of agents, and which of them wait for a push: at most one push
 * waits for each. Several processes may use one store: the one that holds the lease of a
 * subscription sends. Every method throws {@link parlour.store.StoreUnavailable}.
 *
 * @param <O> the owner of a subscription
 */
public interface WaitingPushes<O> {

  /**
   * A push that this process sends until the lease ends.
   *
   * @param wanted the number of messages that have asked for a push, to notice a later one
   * @param failures how often it has failed
   * @param unanswered how many calls had no answer while other hosts of the same group answered
   * @param failingSince when it failed first
   */
  record Claim<O>(
      O owner,
      PushSubscription subscription,
      String lease,
      long wanted,
      long failures,
      long unanswered,
      Optional<Instant> failingSince) {}

  /**
   * Whether a host of a {@linkplain PushServices#isGroup group} has accepted a push to a
   * subscription that is still stored, or a listed host has a subscription.
   */
  boolean hasAccepted(String host);

  /** The push services for which a push is due. */
  List<String> due(Instant now);

  /**
   * Acquires the leases of pushes that are due, the longest waiting first. Leaves out those for
   * which a message is being stored, which are due a moment later.
   */
  List<Claim<O>> claim(String service, String lease, Instant now, Instant until, int limit);

  /**
   * Records that nothing has to be sent any more, and releases the lease. If messages have asked
   * for a push meanwhile, another one is due then.
   *
   * @param service for which the next push is due
   * @param quietUntil the earliest time of the next push
   */
  void done(Claim<O> claim, String service, Instant quietUntil);

  /**
   * Releases the lease after a failure.
   *
   * @param unanswered as {@link Claim} has it, for the next attempt
   * @param next the time of the next attempt
   */
  void failed(Claim<O> claim, long unanswered, Instant now, Instant next);

  /**
   * Releases the lease without a result.
   *
   * @param next the time of the next attempt
   */
  void release(Claim<O> claim, Instant next);

  /** Deletes the subscription of a claim, unless the browser has renewed it meanwhile. */
  void delete(Claim<O> claim);

  /** The number of pushes that wait. */
  long waiting();
}

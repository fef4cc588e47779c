package parlour.push;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import parlour.Identity;
import parlour.Sid;

/**
 * The subscriptions of guests, and which of them wait for a push: at most one push waits for each.
 * Several processes may use one store: the one that holds the lease of a subscription sends. Every
 * method throws {@link parlour.store.StoreUnavailable}.
 */
public interface PushQueue {

  /** The guest whose browser a subscription belongs to. */
  record Owner(
      Sid.Session session, Sid.Account account, Sid.Conversation conversation, Identity identity) {}

  /**
   * A push that this process sends until the lease ends.
   *
   * @param wanted the number of messages that have asked for a push, to notice a later one
   * @param failures how often it has failed
   * @param unanswered how many calls had no answer while other hosts of the same group answered
   * @param failingSince when it failed first
   */
  record Claim(
      Owner owner,
      PushSubscription subscription,
      String lease,
      long wanted,
      long failures,
      long unanswered,
      Optional<Instant> failingSince) {}

  /**
   * Stores the only subscription of a session, in place of an earlier one; the same endpoint then
   * belongs to no other session of the account. Below a group, a host that {@linkplain #hasAccepted
   * has accepted} a push is the service.
   *
   * @param service as {@link PushServices} names it
   * @return false if the conversation was erased
   */
  boolean subscribe(Owner owner, PushSubscription subscription, String service, Instant now);

  /**
   * Whether a host of a {@linkplain PushServices#isGroup group} has accepted a push to a
   * subscription that is still stored, or a listed host has a subscription.
   */
  boolean hasAccepted(String host);

  /** Whether a session has a subscription. */
  boolean isSubscribed(Sid.Session session);

  /** Deletes the subscription of a session; returns whether there was one. */
  boolean unsubscribe(Sid.Session session);

  /** Deletes the subscriptions of sessions that have ended. */
  void unsubscribe(List<Sid.Session> sessions);

  /** Deletes the subscriptions of all sessions of a conversation. */
  void unsubscribeAll(Sid.Conversation conversation);

  /** The push services for which a push is due. */
  List<String> due(Instant now);

  /**
   * Acquires the leases of pushes that are due, the longest waiting first. Leaves out those for
   * which a message is being stored, which are due a moment later.
   */
  List<Claim> claim(String service, String lease, Instant now, Instant until, int limit);

  /** Whether the guest has not read all messages of the others, and can read them. */
  boolean isUnread(Owner owner);

  /**
   * Records that nothing has to be sent any more, and releases the lease. If messages have asked
   * for a push meanwhile, another one is due then.
   *
   * @param service for which the next push is due
   * @param quietUntil the earliest time of the next push
   */
  void done(Claim claim, String service, Instant quietUntil);

  /**
   * Releases the lease after a failure.
   *
   * @param unanswered as {@link Claim} has it, for the next attempt
   * @param next the time of the next attempt
   */
  void failed(Claim claim, long unanswered, Instant now, Instant next);

  /**
   * Releases the lease without a result.
   *
   * @param next the time of the next attempt
   */
  void release(Claim claim, Instant next);

  /** Deletes the subscription of a claim, unless the browser has renewed it meanwhile. */
  void delete(Claim claim);

  /** The number of pushes that wait. */
  long waiting();

  /**
   * Finds sessions whose subscription was not checked since an instant, those of the longest time
   * first. No other process gets them, until {@code before} has reached {@code until}.
   */
  List<Sid.Session> claimUnchecked(Instant before, Instant until, int limit);

  /** Records that a session has not ended. */
  void checked(Sid.Session session, Instant now);

  /**
   * Deletes subscriptions that were first made before an instant.
   *
   * @param limit of one call
   * @return how many were deleted
   */
  int deleteMadeBefore(Instant before, int limit);
}

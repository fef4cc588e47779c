package parlour.push;

import java.time.Instant;
import java.util.List;
import parlour.Identity;
import parlour.Sid;

/** The subscriptions of guests, and which of them wait for a push. */
public interface PushQueue extends WaitingPushes<PushQueue.Owner> {

  /** The guest whose browser a subscription belongs to. */
  record Owner(
      Sid.Session session, Sid.Account account, Sid.Conversation conversation, Identity identity) {}

  /**
   * Stores the only subscription of a session, in place of an earlier one; the same endpoint then
   * belongs to no other session of the account. Below a group, a host that {@linkplain #hasAccepted
   * has accepted} a push is the service.
   *
   * @param service as {@link PushServices} names it
   * @return false if the conversation was erased
   */
  boolean subscribe(Owner owner, PushSubscription subscription, String service, Instant now);

  /** Whether a session has a subscription. */
  boolean isSubscribed(Sid.Session session);

  /** Deletes the subscription of a session; returns whether there was one. */
  boolean unsubscribe(Sid.Session session);

  /** Deletes the subscriptions of sessions that have ended. */
  void unsubscribe(List<Sid.Session> sessions);

  /** Deletes the subscriptions of all sessions of a conversation. */
  void unsubscribeAll(Sid.Conversation conversation);

  /** Whether the guest has not read all messages of the others, and can read them. */
  boolean isUnread(Owner owner);

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

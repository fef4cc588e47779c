package parlour.inbox;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import parlour.Identity;
import parlour.Sid;
import parlour.push.PushSubscription;
import parlour.push.WaitingPushes;

/**
 * The store of the push subscriptions of agents' browsers, and of the messages of guests that ask
 * for pushes. A subscription ends with the sign-in of its browser, in the same transaction.
 */
public interface AgentPushes extends WaitingPushes<AgentPushes.Owner> {

  /**
   * A browser in which an agent was signed in.
   *
   * @param digest of its cookie
   * @param decidedUntil messages that were recorded until then need no push any more
   * @param claimed when its push was claimed
   */
  record Owner(String digest, Instant decidedUntil, Instant claimed) {}

  /** The outcome of a subscription. */
  enum Outcome {
    SUBSCRIBED,
    /** The agent has as many browsers with a subscription as an agent can have. */
    TOO_MANY,
    /** The browser is not signed in any more. */
    SIGNED_OUT
  }

  /**
   * Stores the only subscription of a browser, in place of an earlier one; the same endpoint then
   * belongs to no other browser of the account.
   *
   * @param service as {@link parlour.push.PushServices} names it
   */
  Outcome subscribe(String digest, PushSubscription subscription, String service, Instant now);

  /** Whether a browser has a subscription. */
  boolean isSubscribed(String digest);

  /** Deletes the subscription of a browser, if it has one. */
  void unsubscribe(String digest);

  /** The accounts whose agents have subscriptions, each with the instant of its first one. */
  Map<Sid.Account, Instant> accounts();

  /** Up to when the messages of an account's guests are recorded; empty if none ever were. */
  Optional<Instant> recordedUntil(Sid.Account account);

  /**
   * The newest message of a guest in a conversation.
   *
   * @param assignee the agent who works on the conversation
   * @param mark grows with each message of the guest, and never falls
   * @param sent when it was sent
   */
  record GuestMessage(
      Sid.Conversation conversation,
      Sid.Address desk,
      Optional<Identity> assignee,
      long mark,
      Instant sent) {}

  /**
   * Records messages, each once, whatever process records it. A new one asks for a push to each
   * agent who sees the desk, if the agent or nobody works on the conversation, in browsers that had
   * a subscription when it was sent.
   *
   * @param until as {@link #recordedUntil} returns it afterwards
   * @param erased conversations whose record is deleted
   */
  void record(
      Sid.Account account,
      Instant until,
      List<GuestMessage> messages,
      List<Sid.Conversation> erased,
      Instant now);

  /**
   * A message that an agent perhaps needs a push for.
   *
   * @param desk the name of the desk of its conversation
   */
  record Candidate(Sid.Conversation conversation, String desk, Instant recorded) {}

  /**
   * The messages that were recorded after an instant, the newest first, in desks that the agent sees
   * now. The agent or nobody worked on their conversations when they were recorded.
   *
   * @param before the last one of the page before; empty for the first page
   */
  List<Candidate> candidates(Identity agent, Instant after, Optional<Candidate> before, int limit);

  /** When a browser last had the inbox open; empty if it never had, or is not signed in. */
  Optional<Instant> lastOpen(String digest);

  /**
   * Deletes the records of messages.
   *
   * @param limit of one call
   * @return how many were deleted
   */
  int sweep(Instant recordedBefore, int limit);
}

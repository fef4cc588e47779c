package parlour.conversations;

import java.util.Optional;
import parlour.Identity;
import parlour.Sid;

/**
 * The conversations of a list of the inbox, and their order. All of them have a message of
 * their guest.
 */
public sealed interface InboxList {

  /** Those in a state, the one with the latest activity first. */
  record InState(Conversation.State state) implements InboxList {}

  /** The open ones that an agent works on, the one with the latest activity first. */
  record AssignedTo(Identity agent) implements InboxList {}

  /** The open ones that no agent works on, the one with the latest activity first. */
  record Unassigned() implements InboxList {}

  /** The open ones in which the guest waits for an answer. */
  record Waiting(Order order) implements InboxList {}

  /** The open and closed ones with a label, the one that began last first. */
  record Labelled(String label) implements InboxList {}

  /**
   * Open and closed conversations that meet all conditions. With a state and without a label, the conversation with
   * the latest activity comes first; otherwise the one that began last.
   */
  record Filtered(
      Optional<Conversation.State> state,
      Optional<Worker> worker,
      Optional<String> label,
      Optional<Sid.Address> desk)
      implements InboxList {
    boolean isByActivity() {
      return state.isPresent() && label.isEmpty();
    }
  }

  /**
   * A condition about who works on a conversation.
   *
   * @param agent empty: nobody
   */
  record Worker(Optional<Identity> agent) {}

  /** The order of guests who wait. */
  enum Order {
    /** The guest who waits longest comes first. */
    OLDEST,
    /** The guest who began to wait last comes first. */
    NEWEST
  }

  /** The place of a conversation in this list: the next page begins after it. */
  default Conversations.Place place(Conversations.Overview overview) {
    Conversation conversation = overview.conversation();
    return new Conversations.Place(
        switch (this) {
          case InState _, AssignedTo _, Unassigned _ -> conversation.activity().last();
          case Labelled _ -> conversation.created();
          case Filtered filtered ->
            filtered.isByActivity() ? conversation.activity().last() : conversation.created();
          case Waiting _ -> overview.teamwork().waitingSince().orElseThrow();
        },
        conversation.sid());
  }
}

package parlour.events;

import java.util.OptionalLong;
import parlour.Identity;
import parlour.Sid;

/**
 * An event that one process publishes to the others: a hint that something in the store changed.
 *
 * <p>No decision depends on an event: a subscriber reads the store, which has the truth. So a lost
 * event costs only time, and a forged one only a read.
 */
public sealed interface BusEvent {

  /**
   * A conversation changed, and so did its account's list.
   *
   * @param added the revision of the message that was added, if this process added one
   */
  record ConversationChanged(Sid.Account account, Sid.Conversation conversation, OptionalLong added)
      implements BusEvent {
    public ConversationChanged(Sid.Account account, Sid.Conversation conversation) {
      this(account, conversation, OptionalLong.empty());
    }
  }

  /** A participant is typing. This is not stored, and expires within seconds. */
  record ParticipantTyping(
      Sid.Account account, Sid.Conversation conversation, Sid.Participant participant)
      implements BusEvent {}

  /** An agent looks at a conversation. This is not stored, and expires within seconds. */
  record AgentViewing(Sid.Account account, Sid.Conversation conversation, Identity agent)
      implements BusEvent {}

  /** A session was revoked; ScopedAuth knows which. */
  record SessionRevoked() implements BusEvent {}

  /** The configuration behind a deployment key may have changed. */
  record DirectoryChanged() implements BusEvent {}

  /**
   * From now on the events of a conversation or an account arrive from other processes; earlier ones
   * may have been lost. Only for the subscribers of the process that follows it.
   */
  record EventsArrive(Sid of) implements BusEvent {}

  /** Events of any kind may have been lost: every subscriber must read the store once. */
  record EventsMissed() implements BusEvent {}
}

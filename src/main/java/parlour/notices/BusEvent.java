package parlour.notices;

import parlour.Sid;

/**
 * What one process tells all of them: where it is worth looking again.
 *
 * <p>Nothing is decided by a notice: whoever hears one looks into the store, and finds there what
 * is true. So a notice that is lost costs time and nothing else, and a forged one a look.
 */
public sealed interface BusEvent {

  /** Something in a conversation changed, and so in what its account sees. */
  record ConversationChanged(Sid.Account account, Sid.Conversation conversation)
      implements BusEvent {}

  /** Someone is typing: the one thing that is kept nowhere, and gone in seconds. */
  record ParticipantTyping(
      Sid.Account account, Sid.Conversation conversation, Sid.Participant participant)
      implements BusEvent {}

  /** Some session was revoked; which one, ScopedAuth says. */
  record SessionRevoked() implements BusEvent {}

  /** What a deployment key stands for may have changed. */
  record DirectoryChanged() implements BusEvent {}

  /** Notices may have been lost, of any kind: everybody is to look once. */
  record SomeMissed() implements BusEvent {}
}

package parlour.notices;

import parlour.Sid;

/**
 * What one process tells all of them: where it is worth looking again.
 *
 * <p>Nothing is decided by a notice: whoever hears one looks into the store, and finds there what
 * is true. So a notice that is lost costs time and nothing else, and a forged one a look.
 */
public sealed interface Notice {

  /** Something in a conversation changed, and so in what its account sees. */
  record ConversationChanged(Sid.Account account, Sid.Conversation conversation)
      implements Notice {}

  /** Someone is typing: the one thing that is kept nowhere, and gone in seconds. */
  record ParticipantTyping(
      Sid.Account account, Sid.Conversation conversation, Sid.Participant participant)
      implements Notice {}

  /** Some session was revoked; which one, ScopedAuth says. */
  record SessionRevoked() implements Notice {}

  /** What a deployment key stands for may have changed. */
  record DirectoryChanged() implements Notice {}

  /** Notices may have been lost, of any kind: everybody is to look once. */
  record SomeMissed() implements Notice {}
}

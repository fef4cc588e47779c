package parlour.conversations;

/** The outcome of a guest's request to edit or remove a message that they wrote. */
public sealed interface EditOutcome {

  /** It was changed, or removed before; this is the message after that. */
  record Done(Message message) implements EditOutcome {}

  /** The conversation is closed, or the guest was removed from it. */
  record Closed() implements EditOutcome {}

  /** The conversation would exceed {@link parlour.Limits#CONVERSATION_BYTES}. */
  record Full() implements EditOutcome {}

  /** There is no such message, or it was removed, or somebody else wrote it. */
  record NotFound() implements EditOutcome {}
}

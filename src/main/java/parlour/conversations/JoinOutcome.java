package parlour.conversations;

/** The outcome of a request to add a participant. */
public sealed interface JoinOutcome {

  /** The identity was not in the conversation, or had left it, and is in it now. */
  record Joined(Participant participant) implements JoinOutcome {}

  /** The identity was in it already; nothing was changed. */
  record AlreadyThere() implements JoinOutcome {}

  /** The conversation has {@link parlour.Limits#CONVERSATION_PARTICIPANTS}; nothing was changed. */
  record Full() implements JoinOutcome {}

  /** There is no such conversation. */
  record NotFound() implements JoinOutcome {}
}

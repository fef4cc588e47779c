package parlour.conversations;

/** The outcome of a request to change a conversation. */
public sealed interface UpdateOutcome {

  /** The whole change was made; this is the conversation right after it. */
  record Updated(Conversation conversation) implements UpdateOutcome {}

  /** The conversation is closed and could not be reopened; nothing was changed. */
  record NotReopened() implements UpdateOutcome {}

  /** There is no such conversation. */
  record NotFound() implements UpdateOutcome {}
}

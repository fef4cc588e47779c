package parlour.conversations;

/** The outcome of a request to change a conversation. */
public sealed interface UpdateOutcome {

  /** The whole change was made; this is the conversation right after it. */
  record Updated(Conversation conversation) implements UpdateOutcome {}

  /** The conversation is closed and could not be reopened; nothing was changed. */
  record NotReopened(Obstacle obstacle) implements UpdateOutcome {}

  /** Why a conversation was not reopened. */
  enum Obstacle {
    /**
     * It ended longer ago than its deployment allows, or its deployment never allows it, was deleted,
     * or is not known.
     */
    TOO_LATE,
    /** Its guest could neither read nor write in it. */
    SESSION_OVER,
    /** The guest who wants to reopen it was removed from it. */
    REMOVED
  }

  /** There is no such conversation. */
  record NotFound() implements UpdateOutcome {}
}

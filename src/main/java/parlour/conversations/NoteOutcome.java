package parlour.conversations;

/** The outcome of a request to add a note to a conversation. */
public sealed interface NoteOutcome {

  /** The conversation has this note, perhaps since an earlier call with the same client id. */
  record Added(Note note) implements NoteOutcome {}

  /** The conversation has as many notes as it can have; nothing was added. */
  record Full() implements NoteOutcome {}

  /** There is no such conversation. */
  record NotFound() implements NoteOutcome {}
}

package parlour.conversations;

/** The outcome of a request to give a label to a conversation, or to remove it. */
public sealed interface LabelOutcome {

  /** The conversation has the label now, or no longer, as requested; perhaps it was so before. */
  record Done() implements LabelOutcome {}

  /** The conversation has as many labels as it can have; nothing was changed. */
  record Full() implements LabelOutcome {}

  /** There is no such conversation. */
  record NotFound() implements LabelOutcome {}
}

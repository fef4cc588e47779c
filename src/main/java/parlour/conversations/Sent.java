package parlour.conversations;

/** What became of a message. */
public sealed interface Sent {

  /** It is in the log, durably. */
  record Added(Message message) implements Sent {}

  /** It had been sent before, under the same id: this is what was kept then. */
  record Duplicate(Message message) implements Sent {}

  /** The conversation is closed, or its guest, who is the author, was removed from it. */
  record Closed() implements Sent {}

  /** The conversation would exceed {@link parlour.Limits#CONVERSATION_MESSAGES} or its bytes. */
  record Full() implements Sent {}

  /** There is no such conversation. */
  record NotFound() implements Sent {}
}

package parlour.conversations;

/** The outcome of sending a message. */
public sealed interface Sent {

  /** It was added, durably. */
  record Added(Message message) implements Sent {}

  /** It was added before under the same client id; this is the message of then. */
  record Duplicate(Message message) implements Sent {}

  /** The conversation is closed, or its guest, who is the author, was removed from it. */
  record Closed() implements Sent {}

  /** The conversation would exceed {@link parlour.Limits#CONVERSATION_MESSAGES} or its bytes. */
  record Full() implements Sent {}

  /**
   * Nothing was added: one of the files is not stored, was sent before, or was uploaded by somebody
   * else.
   */
  record NoSuchFile() implements Sent {}

  /** There is no such conversation. */
  record NotFound() implements Sent {}
}

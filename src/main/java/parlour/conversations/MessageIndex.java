package parlour.conversations;

/**
 * The place of a message in its conversation: the first message is 0, and there are no gaps.
 *
 * <p>The constructor throws {@link IllegalArgumentException} on a number below that of {@link
 * #NONE}.
 */
public record MessageIndex(long number) implements Comparable<MessageIndex> {
  /** Before the first message: the read index of a participant who has read none. */
  public static final MessageIndex NONE = new MessageIndex(-1);

  public static final MessageIndex FIRST = new MessageIndex(0);

  /** After every message. */
  public static final MessageIndex END = new MessageIndex(Long.MAX_VALUE);

  public MessageIndex {
    if (number < -1) {
      throw new IllegalArgumentException("a message index must be at least -1");
    }
  }

  /** The index of this number; {@link #NONE} for any number below the first. */
  public static MessageIndex orNone(long number) {
    return number < 0 ? NONE : new MessageIndex(number);
  }

  public boolean isBefore(MessageIndex other) {
    return number < other.number;
  }

  public MessageIndex earlierOf(MessageIndex other) {
    return isBefore(other) ? this : other;
  }

  public MessageIndex laterOf(MessageIndex other) {
    return isBefore(other) ? other : this;
  }

  /** Of the message before this one; {@link #NONE} for the first message. */
  public MessageIndex previous() {
    return new MessageIndex(number - 1);
  }

  @Override
  public int compareTo(MessageIndex other) {
    return Long.compare(number, other.number);
  }
}

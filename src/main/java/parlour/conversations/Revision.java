package parlour.conversations;

/**
 * The number of a change within one conversation: the first change, which creates the conversation,
 * is 1, and each later one has the next number.
 *
 * <p>The constructor throws {@link IllegalArgumentException} on a negative number.
 */
public record Revision(long number) implements Comparable<Revision> {
  /** Before the first change: a reader at this revision has read nothing yet. */
  public static final Revision NONE = new Revision(0);

  /** The change that creates a conversation, with its guest in it. */
  public static final Revision CREATED = new Revision(1);

  public Revision {
    if (number < 0) {
      throw new IllegalArgumentException("a revision must not be negative");
    }
  }

  /** The revision of this number; {@link #NONE} for any number below the first. */
  public static Revision orNone(long number) {
    return number < 1 ? NONE : new Revision(number);
  }

  public boolean isAfter(Revision other) {
    return number > other.number;
  }

  public Revision earlierOf(Revision other) {
    return isAfter(other) ? other : this;
  }

  public Revision laterOf(Revision other) {
    return isAfter(other) ? this : other;
  }

  @Override
  public int compareTo(Revision other) {
    return Long.compare(number, other.number);
  }
}

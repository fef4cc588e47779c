package parlour.conversations;

/**
 * Which messages, by index: the last {@code limit} below an index, or the first above one.
 */
public sealed interface PageOfMessages {
  /** From 1 to {@link parlour.Limits#PAGE_MOST}. */
  int limit();

  record Before(long index, int limit) implements PageOfMessages {}

  record After(long index, int limit) implements PageOfMessages {}

  static PageOfMessages newest(int limit) {
    return new Before(Long.MAX_VALUE, limit);
  }
}

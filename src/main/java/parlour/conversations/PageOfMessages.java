package parlour.conversations;

import java.util.List;

/**
 * Which messages, by index: the last {@code limit} below an index, or the first above one.
 */
public sealed interface PageOfMessages {
  /** From 1 to {@link parlour.Limits#MAX_PAGE}. */
  int limit();

  record Before(MessageIndex index, int limit) implements PageOfMessages {}

  record After(MessageIndex index, int limit) implements PageOfMessages {}

  /**
   * Whether there are more messages in the direction of this page.
   *
   * @param messages the messages that were read for it
   * @param nextIndex of the conversation, read before the messages
   */
  default boolean goesOn(List<Message> messages, MessageIndex nextIndex) {
    return !messages.isEmpty()
        && switch (this) {
          case Before before -> MessageIndex.FIRST.isBefore(messages.getFirst().index());
          case After after -> messages.getLast().index().isBefore(nextIndex.previous());
        };
  }

  static PageOfMessages newest(int limit) {
    return new Before(MessageIndex.END, limit);
  }
}

package parlour.realtime;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import parlour.conversations.Changes.Change;
import parlour.conversations.GuestConversations.PollResult;
import parlour.conversations.Message;
import parlour.conversations.MessageIndex;
import parlour.conversations.Revision;

/**
 * Finds the edited messages among those that one part of the log adds, in the order in which they
 * were added. The log lists a message at its latest change, which can be in a later part; but the
 * client must receive it before any event that followed its addition.
 */
final class EditedMessages {
  private final Map<Long, Message> part = new HashMap<>();
  private final PollResult.News news;
  private final Replay.Log log;
  private long index;
  private long last;
  private boolean isOver;

  /** The message of the index, if it was read already. */
  private @Nullable Message next;

  /**
   * @param known the last message of the earlier parts
   * @param log reads the messages whose last change is in a later part
   */
  EditedMessages(PollResult.News news, MessageIndex known, Replay.Log log) {
    this.news = news;
    this.log = log;
    index = known.number() + 1;
    last = known.number();
    for (Change change : news.changes()) {
      if (change instanceof Change.OfMessage(Message message)) {
        part.put(message.index().number(), message);
        last = Math.max(last, message.index().number());
      }
    }
  }

  /** The next one that was added before a revision; empty after the last such one. */
  Optional<Message> addedBefore(Revision revision) {
    while (!isOver) {
      @Nullable Message message = next();
      if (message != null && !revision.isAfter(message.addedRevision())) {
        next = message;
        return Optional.empty();
      }
      next = null;
      isOver = message == null && index >= last;
      index++;
      if (message != null && Replay.wasChanged(message)) {
        return Optional.of(message);
      }
    }
    return Optional.empty();
  }

  private @Nullable Message next() {
    if (next != null) {
      return next;
    }
    @Nullable Message inPart = part.get(index);
    return inPart != null || !news.more()
        ? inPart
        : log.message(new MessageIndex(index)).orElse(null);
  }
}

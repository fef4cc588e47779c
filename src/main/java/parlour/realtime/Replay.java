package parlour.realtime;

import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import parlour.conversations.Changes.Change;
import parlour.conversations.GuestConversations.PollResult;
import parlour.conversations.Message;
import parlour.conversations.MessageIndex;
import parlour.conversations.Revision;

/**
 * The changes of a conversation's messages after a revision, up to another one, as events in the
 * order of their ids. The log has each message once, at its last change; but a client whose last
 * event has the id 39 counts as knowing each message that was added before. So a message that was
 * added at 11 and edited at 40 has two events: one with the id 11, and one with the id 40. A client
 * whose replay breaks in between misses nothing when it comes back.
 */
final class Replay {
  private final Revision known;
  private final Revision upTo;
  private final Log log;

  /** The indexes of the messages that were added before their last change, and are not sent yet. */
  private final BitSet addedBefore = new BitSet();

  /** The first of these, if it was read already. */
  private @Nullable Message firstAdded;

  private PollResult.News part;
  private int position;

  /** Reads the log to its end. It is read again, part by part, while the events are sent. */
  Replay(Revision known, Revision upTo, Log log) {
    this.known = known;
    this.upTo = upTo;
    this.log = log;
    this.part = log.after(known);
    PollResult.News read = part;
    note(read.changes());
    while (read.more() || upTo.isAfter(read.cursor().revision())) {
      read = log.after(read.cursor().revision());
      note(read.changes());
    }
  }

  /** Reads the messages of the conversation; throws Unavailable if they cannot be read just now. */
  interface Log {
    /** The next changes, of which there are some. */
    PollResult.News after(Revision revision);

    /** A message as it is now; empty if there is none that the guest may see. */
    Optional<Message> message(MessageIndex index);
  }

  /**
   * A change of a message.
   *
   * @param message as it is at this revision, or later
   */
  record Event(Message message, Revision id) {}

  /** The next event; empty after the last one. */
  Optional<Event> next() {
    while (true) {
      if (position == part.changes().size()) {
        if (!upTo.isAfter(part.cursor().revision())) {
          return nextAdded(upTo);
        }
        part = log.after(part.cursor().revision());
        position = 0;
      } else if (part.changes().get(position) instanceof Change.OfMessage(Message message)
          && !message.revision().isAfter(upTo)) {
        Optional<Event> added = nextAdded(message.revision());
        if (added.isPresent()) {
          return added;
        }
        position++;
        return Optional.of(new Event(message, message.revision()));
      } else {
        position++;
      }
    }
  }

  private void note(List<Change> changes) {
    for (Change change : changes) {
      if (change instanceof Change.OfMessage(Message message)
          && message.addedRevision().isAfter(known)
          && !message.addedRevision().isAfter(upTo)
          && wasChanged(message)) {
        addedBefore.set(Math.toIntExact(message.index().number()));
      }
    }
  }

  /** Whether the message was edited since it was added; one that was removed is not added. */
  static boolean wasChanged(Message message) {
    return message.revision().isAfter(message.addedRevision()) && !message.removed();
  }

  /** The next message that was added up to a revision; in the order of indexes, so of ids. */
  private Optional<Event> nextAdded(Revision revision) {
    for (int index = addedBefore.nextSetBit(0); index >= 0; index = addedBefore.nextSetBit(0)) {
      @Nullable Message message = firstAdded;
      if (message == null) {
        message = log.message(new MessageIndex(index)).orElse(null);
      }
      if (message != null && message.addedRevision().isAfter(revision)) {
        firstAdded = message;
        return Optional.empty();
      }
      firstAdded = null;
      addedBefore.clear(index);
      if (message != null && !message.removed()) {
        return Optional.of(new Event(message, message.addedRevision()));
      }
    }
    return Optional.empty();
  }
}

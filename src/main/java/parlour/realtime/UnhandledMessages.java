package parlour.realtime;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import parlour.Limits;
import parlour.conversations.Message;
import parlour.conversations.MessageIndex;
import parlour.conversations.Revision;

/**
 * The messages that a socket's client may not have handled yet. The client handles a page at once,
 * and an event a timer later; an event of a message that a page has shown meanwhile is dropped as
 * old, and the page's program never learns of the message. So a page must leave out each message
 * whose event was sent, or will be, until a moment after the client acknowledged it.
 */
final class UnhandledMessages {
  private record Event(int index, long acknowledgedNanos) {}

  private final LongSupplier nanoTime;

  @GuardedBy("this")
  private Optional<Revision> known = Optional.empty();

  @GuardedBy("this")
  private boolean isFollowed;

  @GuardedBy("this")
  private final Map<String, Integer> awaited = new HashMap<>();

  @GuardedBy("this")
  private final Deque<Event> acknowledged = new ArrayDeque<>();

  @GuardedBy("this")
  private final BitSet handled = new BitSet();

  UnhandledMessages(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /** The client has read the list's root, which said this revision. */
  synchronized void rootRead(Revision revision) {
    if (!isFollowed) {
      begin(revision);
    }
  }

  /** The client follows the list, and knows everything up to this revision. */
  synchronized void followed(Revision revision) {
    isFollowed = true;
    begin(revision);
  }

  @GuardedBy("this")
  private void begin(Revision revision) {
    known = Optional.of(revision);
    awaited.clear();
    acknowledged.clear();
    handled.clear();
    notifyAll();
  }

  synchronized void unfollowed() {
    isFollowed = false;
  }

  /** Called before the event of a new message is sent in this frame. */
  synchronized void sending(String frame, MessageIndex index) {
    awaited.put(frame, Math.toIntExact(index.number()));
  }

  synchronized void acknowledged(String frame) {
    @Nullable Integer index = awaited.remove(frame);
    if (index != null) {
      acknowledged.add(new Event(index, nanoTime.getAsLong()));
    }
  }

  /** Whether a page may show the message. */
  synchronized boolean mayShow(Message message) {
    long before = nanoTime.getAsLong() - Limits.REALTIME_HANDLING.toNanos();
    while (!acknowledged.isEmpty() && acknowledged.peek().acknowledgedNanos() - before <= 0) {
      handled.set(acknowledged.remove().index());
    }
    return !message.addedRevision().isAfter(known.orElse(Revision.NONE))
        || handled.get(Math.toIntExact(message.index().number()));
  }

  /**
   * Waits a moment until the client has read the list's root or follows it: after a reconnect its
   * first page can be asked for before its subscription arrives, and only that says what it knows.
   * Returns whether it has; otherwise no page must be shown.
   */
  synchronized boolean awaitKnown() {
    long giveUp = System.nanoTime() + Limits.REALTIME_SUBSCRIPTION.toNanos();
    try {
      while (known.isEmpty()) {
        long left = (giveUp - System.nanoTime()) / 1_000_000;
        if (left <= 0) {
          return false;
        }
        wait(left);
      }
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}

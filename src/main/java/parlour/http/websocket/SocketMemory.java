package parlour.http.websocket;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import parlour.Limits;

/**
 * The memory that one socket's long messages hold, in reservations of one size: from the arrival of
 * their first parts until the handler receives the next message. A closed socket holds none.
 */
final class SocketMemory {
  private final MessageMemory shared;

  @GuardedBy("this")
  private final Deque<MessageMemory.Held> held = new ArrayDeque<>();

  @GuardedBy("this")
  private boolean closed;

  SocketMemory(MessageMemory shared) {
    this.shared = shared;
  }

  /** Makes one more reservation; false if there is no memory, or the socket is closed. */
  synchronized boolean reserve() {
    if (closed) {
      return false;
    }
    Optional<MessageMemory.Held> more = shared.reserve(Limits.BODY_RESERVATION);
    more.ifPresent(held::add);
    return more.isPresent();
  }

  /** Gives back the reservations of the oldest message. */
  synchronized void release(int reservations) {
    for (int i = 0; i < reservations && !held.isEmpty(); i++) {
      held.remove().close();
    }
  }

  synchronized void close() {
    closed = true;
    release(held.size());
  }
}

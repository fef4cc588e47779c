package parlour.http.websocket;

import java.io.ByteArrayOutputStream;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.thread.Scheduler;
import org.eclipse.jetty.websocket.core.Frame;
import org.jspecify.annotations.Nullable;
import parlour.Limits;

/**
 * A message of which parts have arrived. A long one holds memory that all clients share, so it must
 * keep arriving.
 *
 * <p>One thread at a time adds parts; any thread can {@link #abandon} it.
 */
final class ArrivingMessage {
  private final Sockets sockets;
  private final SocketMemory memory;
  private final Runnable tooSlow;
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private int reservations;
  private volatile int arrived;
  private volatile boolean over;
  private volatile Scheduler.@Nullable Task pace;

  /**
   * @param tooSlow called on a thread for deadlines if a long message stops arriving
   */
  ArrivingMessage(Sockets sockets, SocketMemory memory, Runnable tooSlow) {
    this.sockets = sockets;
    this.memory = memory;
    this.tooSlow = tooSlow;
  }

  /** Adds a part; false if there is no memory for it. */
  boolean add(Frame part) {
    byte[] more = BufferUtil.toArray(part.getPayload());
    int size = bytes.size() + more.length;
    while (size > Limits.BODY_UNRESERVED_BYTES + reservations * Limits.BODY_RESERVATION) {
      if (!memory.reserve()) {
        return false;
      }
      reservations++;
      if (reservations == 1) {
        expectMore();
      }
    }
    bytes.writeBytes(more);
    arrived = size;
    return true;
  }

  private void expectMore() {
    int before = arrived;
    pace = sockets.after(sockets.limits().step(), () -> {
      if (over) {
        return;
      }
      if (arrived - before < Limits.BODY_STEP) {
        tooSlow.run();
      } else {
        expectMore();
      }
    });
  }

  /** The whole message, after its last part. */
  byte[] complete() {
    abandon();
    return bytes.toByteArray();
  }

  /** The number of reservations of the socket's memory that this message holds. */
  int reservations() {
    return reservations;
  }

  /** Expects no further parts. */
  void abandon() {
    over = true;
    Scheduler.Task task = pace;
    if (task != null) {
      task.cancel();
    }
  }
}

package parlour.realtime;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import parlour.Limits;
import parlour.http.websocket.Socket;

/**
 * The requests of one client: a few are answered at once, each on a virtual thread, and some wait.
 * While as many wait as may, the socket is not read.
 */
final class RequestQueue {
  private final Consumer<TwilsockFrame> answer;

  /**
   * A request that waits.
   *
   * @param isAwaited whether answers to other requests may wait for it
   */
  private record Waiting(TwilsockFrame frame, boolean isAwaited) {}

  @GuardedBy("this")
  private final Deque<Waiting> waiting = new ArrayDeque<>();

  @GuardedBy("this")
  private long waitingBytes;

  @GuardedBy("this")
  private int running;

  @GuardedBy("this")
  private long runningBytes;

  /**
   * @param answer answers one request; must not throw
   */
  RequestQueue(Consumer<TwilsockFrame> answer) {
    this.answer = answer;
  }

  /** Takes a request, and returns when the socket can be read again. */
  synchronized void add(TwilsockFrame request) {
    waiting.addLast(new Waiting(request, false));
    waitWhileFull(request);
  }

  /**
   * The same, for a request without which others are not answered: it overtakes those that wait, and
   * is answered beside as many as are answered at once.
   */
  synchronized void addAwaited(TwilsockFrame request) {
    waiting.addFirst(new Waiting(request, true));
    waitWhileFull(request);
  }

  @GuardedBy("this")
  private void waitWhileFull(TwilsockFrame added) {
    waitingBytes += added.bytes();
    startNext();
    long giveUp =
        System.nanoTime() + Limits.REALTIME_PATIENCE.plus(Limits.SOCKET_SEND).toNanos();
    while (waiting.size() > Limits.REALTIME_REQUESTS_WAITING
        || (waiting.size() > 1 && waitingBytes > Limits.REALTIME_WAITING_BYTES)) {
      long left = (giveUp - System.nanoTime()) / 1_000_000;
      if (left <= 0) {
        throw new Socket.Silent();
      }
      try {
        wait(left);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new Socket.Silent();
      }
    }
  }

  /** Starts the request that waits longest; a long one only when few others are being answered. */
  @GuardedBy("this")
  private void startNext() {
    @Nullable Waiting first = waiting.peek();
    if (first == null) {
      return;
    }
    TwilsockFrame next = first.frame();
    if (running >= Limits.REALTIME_REQUESTS + (first.isAwaited() ? 1 : 0)
        || (running > 0 && runningBytes + next.bytes() > Limits.REALTIME_WAITING_BYTES)) {
      return;
    }
    waiting.remove();
    waitingBytes -= next.bytes();
    running++;
    runningBytes += next.bytes();
    notifyAll();
    Thread.ofVirtual().start(() -> {
      try {
        answer.accept(next);
      } finally {
        finished(next);
      }
    });
  }

  private synchronized void finished(TwilsockFrame request) {
    running--;
    runningBytes -= request.bytes();
    for (int free = Limits.REALTIME_REQUESTS + 1 - running; free > 0; free--) {
      startNext();
    }
  }

  /** Drops the requests that wait, because the socket is closed. */
  synchronized void close() {
    waiting.clear();
    waitingBytes = 0;
    notifyAll();
  }
}

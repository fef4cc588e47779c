package parlour.realtime;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import parlour.Limits;
import parlour.http.server.BytePool;
import parlour.http.websocket.Socket;

/**
 * The requests of one client: a few are answered at once, each on a virtual thread, and some wait.
 * While as many wait as may, the socket is not read.
 */
final class RequestQueue {
  private final Consumer<TwilsockFrame> answer;
  private final Memory memory;

  /** Memory that all sockets share. */
  @FunctionalInterface
  interface Memory {
    /** Waits for memory; empty if none became free in time. */
    Optional<BytePool.Held> hold(int bytes);
  }

  /**
   * A request that waits, or is being answered.
   *
   * @param held is empty if the request is among the few bytes that each socket has without memory
   * @param isAwaited whether answers to other requests may wait for it
   */
  private record Request(TwilsockFrame frame, Optional<BytePool.Held> held, boolean isAwaited) {
    int bytes() {
      return frame.bytes();
    }
  }

  @GuardedBy("this")
  private final Deque<Request> waiting = new ArrayDeque<>();

  @GuardedBy("this")
  private long waitingBytes;

  @GuardedBy("this")
  private int running;

  @GuardedBy("this")
  private long runningBytes;

  /** Of the requests that hold no shared memory. */
  @GuardedBy("this")
  private int unreservedBytes;

  /**
   * @param answer answers one request; must not throw
   */
  RequestQueue(Consumer<TwilsockFrame> answer, Memory memory) {
    this.answer = answer;
    this.memory = memory;
  }

  /** Takes a request, and returns when the socket can be read again. */
  void add(TwilsockFrame frame) {
    add(new Request(frame, reserved(frame), false));
  }

  /**
   * Adds a request that others depend on. It overtakes the waiting requests, and can be answered in addition to the usual
   * number at once.
   */
  void addAwaited(TwilsockFrame frame) {
    add(new Request(frame, reserved(frame), true));
  }

  private Optional<BytePool.Held> reserved(TwilsockFrame frame) {
    return needsNoMemory(frame)
        ? Optional.empty()
        : Optional.of(memory.hold(frame.bytes()).orElseThrow(Socket.Silent::new));
  }

  private synchronized boolean needsNoMemory(TwilsockFrame frame) {
    boolean isFree = unreservedBytes + frame.bytes() <= Limits.REALTIME_UNRESERVED_BYTES;
    if (isFree) {
      unreservedBytes += frame.bytes();
    }
    return isFree;
  }

  private synchronized void add(Request request) {
    if (request.isAwaited()) {
      waiting.addFirst(request);
    } else {
      waiting.addLast(request);
    }
    waitingBytes += request.bytes();
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
    @Nullable Request next = waiting.peek();
    if (next == null
        || running >= Limits.REALTIME_REQUESTS + (next.isAwaited() ? 1 : 0)
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
        answer.accept(next.frame());
      } finally {
        finished(next);
      }
    });
  }

  private synchronized void finished(Request request) {
    running--;
    runningBytes -= request.bytes();
    release(request);
    notifyAll();
    for (int free = Limits.REALTIME_REQUESTS + 1 - running; free > 0; free--) {
      startNext();
    }
  }

  /** Waits until all requests are answered, or the time is over. */
  synchronized void awaitAnswers(Duration timeout) {
    long giveUp = System.nanoTime() + timeout.toNanos();
    try {
      while (running > 0 || !waiting.isEmpty()) {
        long left = (giveUp - System.nanoTime()) / 1_000_000;
        if (left <= 0) {
          return;
        }
        wait(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @GuardedBy("this")
  private void release(Request request) {
    if (request.held().isPresent()) {
      request.held().get().close();
    } else {
      unreservedBytes -= request.bytes();
    }
  }

  /** Drops the requests that wait, because the socket is closed. */
  synchronized void close() {
    for (Request request : waiting) {
      release(request);
    }
    waiting.clear();
    waitingBytes = 0;
    notifyAll();
  }
}

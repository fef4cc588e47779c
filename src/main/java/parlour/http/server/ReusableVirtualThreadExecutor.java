package parlour.http.server;

import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import parlour.Limits;

/**
 * Virtual threads that serve one request after another, a new one where none is free. Some are kept
 * for what they know: the ciphers, random sources and buffers that libraries make for each thread
 * (docs/adr/0019).
 */
final class ReusableVirtualThreadExecutor implements Executor, AutoCloseable {
  /** Those without work; who came last goes first, so that few do most of it. */
  private final ConcurrentLinkedDeque<Carrier> idle = new ConcurrentLinkedDeque<>();

  private final AtomicInteger reusable = new AtomicInteger();
  private volatile boolean closed;

  @Override
  public void execute(Runnable task) {
    Carrier last = take();
    if (last != null) {
      last.serve(task);
    } else {
      var first = new Carrier(task);
      first.thread.start();
    }
  }

  /** Ends those without work now, and the others after it. What is still given to it is done. */
  @Override
  public void close() {
    closed = true;
    for (Carrier last = take(); last != null; last = take()) {
      last.serve(null);
    }
  }

  private @Nullable Carrier take() {
    Carrier last = idle.pollFirst();
    if (last != null) {
      reusable.decrementAndGet();
    }
    return last;
  }

  private final class Carrier implements Runnable {
    private final Thread thread = Thread.ofVirtual().unstarted(this);
    private volatile boolean called;

    /** Null: no more. Written before {@link #called}, and read after it. */
    private @Nullable Runnable task;

    Carrier(Runnable first) {
      serve(first);
    }

    final void serve(@Nullable Runnable next) {
      task = next;
      called = true;
      LockSupport.unpark(thread); // Nothing happens before it is started.
    }

    @Override
    public void run() {
      for (Runnable next = await(); next != null; next = await()) {
        next.run();
        Thread.interrupted(); // It was for this request, not for the next.
        if (!keep()) {
          return;
        }
      }
    }

    private @Nullable Runnable await() {
      while (!called) {
        LockSupport.park(this);
        Thread.interrupted(); // Or it would not park again.
      }
      called = false;
      Runnable given = task;
      task = null; // Nobody's connection is held while this waits.
      return given;
    }

    private boolean keep() {
      if (reusable.incrementAndGet() > Limits.REUSABLE_THREADS) {
        reusable.decrementAndGet();
        return false;
      }
      idle.addFirst(this);
      if (closed) {
        close(); // Who closed it may have looked before this one was there.
      }
      return true;
    }
  }
}

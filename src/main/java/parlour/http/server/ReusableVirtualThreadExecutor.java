package parlour.http.server;

import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import parlour.Limits;

/**
 * Runs requests on virtual threads, each of which serves one request after another. Some are kept
 * when they have no work, because libraries cache ciphers, random sources and buffers for each
 * thread (docs/adr/0019).
 */
final class ReusableVirtualThreadExecutor implements Executor, AutoCloseable {
  /**
   * The threads without work. The last one is used first, so that few threads do most of the work.
   */
  private final ConcurrentLinkedDeque<Worker> idle = new ConcurrentLinkedDeque<>();

  private final AtomicInteger reusable = new AtomicInteger();
  private volatile boolean closed;

  @Override
  public void execute(Runnable task) {
    Worker last = take();
    if (last != null) {
      last.serve(task);
    } else {
      var first = new Worker(task);
      first.thread.start();
    }
  }

  /** Ends idle threads now, and the others after their work. Later tasks still run. */
  @Override
  public void close() {
    closed = true;
    for (Worker last = take(); last != null; last = take()) {
      last.serve(null);
    }
  }

  private @Nullable Worker take() {
    Worker last = idle.pollFirst();
    if (last != null) {
      reusable.decrementAndGet();
    }
    return last;
  }

  private final class Worker implements Runnable {
    private final Thread thread = Thread.ofVirtual().unstarted(this);
    private volatile boolean called;

    /** The next task; null ends the thread. Written before {@link #called}, and read after it. */
    private @Nullable Runnable task;

    Worker(Runnable first) {
      serve(first);
    }

    final void serve(@Nullable Runnable next) {
      task = next;
      called = true;
      LockSupport.unpark(thread); // does nothing before the thread is started
    }

    @Override
    public void run() {
      for (Runnable next = await(); next != null; next = await()) {
        next.run();
        Thread.interrupted(); // the interrupt was meant for this request
        if (!keep()) {
          return;
        }
      }
    }

    private @Nullable Runnable await() {
      while (!called) {
        LockSupport.park(this);
        Thread.interrupted(); // an interrupted thread does not park
      }
      called = false;
      Runnable given = task;
      task = null; // an idle thread must not keep a connection in memory
      return given;
    }

    private boolean keep() {
      if (reusable.incrementAndGet() > Limits.REUSABLE_THREADS) {
        reusable.decrementAndGet();
        return false;
      }
      idle.addFirst(this);
      if (closed) {
        close(); // close() may have run before this thread was in the list
      }
      return true;
    }
  }
}

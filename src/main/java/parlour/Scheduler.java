package parlour;

import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the periodic tasks of a process on one thread. A task that fails runs again at its next
 * time; the log shows its failures as an {@linkplain OutageLog outage}.
 */
public final class Scheduler implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Scheduler.class);

  private final ScheduledThreadPoolExecutor thread;

  /**
   * @param name the name of the thread
   */
  public Scheduler(String name) {
    thread = new ScheduledThreadPoolExecutor(
        1, Thread.ofPlatform().daemon().name(name).factory());
  }

  /**
   * Runs a task repeatedly, waiting {@code pause} between runs.
   *
   * @param task the task as a verb phrase, which follows "cannot" in the log
   * @return an action that requests one more run as soon as possible, unless one is already
   *     requested; it returns at once
   */
  @SuppressWarnings("FutureReturnValueIgnored") // a task logs its own failures
  public Runnable every(Duration pause, String task, Runnable work) {
    OutageLog outage = new OutageLog(log, "cannot " + task);
    Runnable safe = () -> {
      try {
        work.run();
        outage.worked();
      } catch (Throwable e) { // if it left this method, the task would never run again
        outage.failed(e);
      }
    };
    thread.scheduleWithFixedDelay(safe, pause.toMillis(), pause.toMillis(), TimeUnit.MILLISECONDS);
    AtomicBoolean requested = new AtomicBoolean();
    return () -> {
      if (requested.compareAndSet(false, true)) {
        try {
          thread.execute(() -> {
            requested.set(false); // first, so that a request during the run causes another one
            safe.run();
          });
        } catch (RejectedExecutionException closed) {
          // The process stops, so the task is not needed any more.
        }
      }
    };
  }

  /**
   * Sweeps in batches of {@link Limits#SWEEP_BATCH}, until one is not full: the next run of the task goes on
   * after {@link Limits#SWEEP_BATCHES}.
   *
   * @param sweep sweeps a batch, and returns how much it has swept
   */
  public static void inBatches(IntSupplier sweep) {
    int batches = 0;
    while (batches < Limits.SWEEP_BATCHES && sweep.getAsInt() >= Limits.SWEEP_BATCH) {
      batches++;
    }
  }

  @Override
  public void close() {
    thread.shutdown();
    try {
      if (!thread.awaitTermination(5, TimeUnit.SECONDS)) {
        thread.shutdownNow();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

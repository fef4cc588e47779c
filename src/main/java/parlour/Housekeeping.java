package parlour;

import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a process does by itself, now and then, on one thread. A failure is logged and retried. */
final class Housekeeping implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Housekeeping.class);

  private final ScheduledThreadPoolExecutor thread = new ScheduledThreadPoolExecutor(
      1, Thread.ofPlatform().daemon().name("housekeeping").factory());

  /**
   * Does it with a pause between twice.
   *
   * @return does it once now, as far as it does not wait to be done already; returns at once
   */
  @SuppressWarnings("FutureReturnValueIgnored") // a chore's failure is logged by the chore
  Runnable every(Duration pause, String chore, Runnable work) {
    Runnable safe = () -> {
      try {
        work.run();
      } catch (Throwable e) { // thrown out of here, it would end the chore for ever
        log.atWarn().addKeyValue("chore", chore).setCause(e).log("did not work this time");
      }
    };
    thread.scheduleWithFixedDelay(safe, pause.toMillis(), pause.toMillis(), TimeUnit.MILLISECONDS);
    AtomicBoolean waits = new AtomicBoolean();
    return () -> {
      if (waits.compareAndSet(false, true)) {
        try {
          thread.execute(() -> {
            waits.set(false); // first: what happens from here on needs another look
            safe.run();
          });
        } catch (RejectedExecutionException closed) {
          // Nobody needs it any more, and whoever asked has other things to do.
        }
      }
    };
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

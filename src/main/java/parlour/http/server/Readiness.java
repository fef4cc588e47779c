package parlour.http.server;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import parlour.Limits;

/** Whether this process should get calls, and whether a load balancer polls that. */
public final class Readiness {
  private final Supplier<Optional<String>> notReady;
  private final Supplier<Optional<String>> warning;

  // Anybody can poll at any rate: one caller at a time checks, the others get the last result.
  private final AtomicBoolean checking = new AtomicBoolean();
  private volatile @Nullable Result lastResult;
  private volatile @Nullable Long lastPoll;
  private volatile boolean draining;

  private record Result(Optional<String> reason, long nanoTime) {}

  /**
   * @param notReady why the process should get no calls, in a few words; empty if it is ready
   * @param warning text for the operator about a process that gets calls nevertheless
   */
  public Readiness(Supplier<Optional<String>> notReady, Supplier<Optional<String>> warning) {
    this.notReady = notReady;
    this.warning = warning;
  }

  /** Asks for no further calls from now on. Calls that come nevertheless are still answered. */
  public void drain() {
    draining = true;
  }

  /** Whether somebody polls regularly, and so will notice that the answer has changed. */
  public boolean isWatched() {
    Long last = lastPoll;
    return last != null && System.nanoTime() - last < Limits.READINESS_WATCH.toNanos();
  }

  /**
   * Whether the process should get calls now, for a caller that cannot wait for a store: not ready if
   * the check takes longer. Does not count as a poll of a load balancer.
   */
  public boolean isReadyWithin(Duration patience) {
    long end = System.nanoTime() + patience.toNanos();
    Thread check = Thread.ofVirtual().name("readiness").start(() -> {
      var _ = recentReason();
    });
    try {
      boolean isChecked = check.join(patience);
      while (isChecked && checking.get() && System.nanoTime() < end) {
        Thread.sleep(1); // another caller checks
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    Result last = lastResult;
    return !draining
        && last != null
        && last.reason().isEmpty()
        && System.nanoTime() - last.nanoTime()
            < Limits.READINESS_AGE.plus(patience).toNanos();
  }

  /** Why the process should get no calls now; empty if it should get them. */
  Optional<String> reason() {
    lastPoll = System.nanoTime();
    return draining ? Optional.of("draining") : recentReason();
  }

  /** A problem that does not prevent calls. */
  Optional<String> warning() {
    return warning.get();
  }

  private Optional<String> recentReason() {
    Result last = lastResult;
    if (last != null && System.nanoTime() - last.nanoTime() < Limits.READINESS_AGE.toNanos()) {
      return last.reason();
    }
    if (!checking.compareAndSet(false, true)) {
      return last == null ? Optional.of("starting") : last.reason();
    }
    try {
      Optional<String> reason = notReady.get();
      lastResult = new Result(reason, System.nanoTime());
      return reason;
    } finally {
      checking.set(false);
    }
  }
}

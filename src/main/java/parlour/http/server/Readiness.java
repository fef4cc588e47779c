package parlour.http.server;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import parlour.Limits;

/** Whether this process should get calls, and whether there is anybody who wants to know. */
public final class Readiness {
  private final Supplier<Optional<String>> notReady;
  private final Supplier<Optional<String>> warning;

  // Anyone may ask, as often as they like: one of them looks, the others are told what was seen.
  private final AtomicBoolean looking = new AtomicBoolean();
  private volatile @Nullable Seen seen;
  private volatile @Nullable Long lastAsked;
  private volatile boolean draining;

  private record Seen(Optional<String> reason, long nanoTime) {}

  /**
   * @param notReady why not, in a few words; empty when ready
   * @param warning text for the operator about a process that gets calls nevertheless
   */
  public Readiness(Supplier<Optional<String>> notReady, Supplier<Optional<String>> warning) {
    this.notReady = notReady;
    this.warning = warning;
  }

  /** From now on it should get no more calls, though it still answers those that come. */
  public void drain() {
    draining = true;
  }

  /** Whether somebody asks regularly, and so will notice that the answer has changed. */
  public boolean isWatched() {
    Long last = lastAsked;
    return last != null && System.nanoTime() - last < Limits.READINESS_WATCH.toNanos();
  }

  /** Why it should get no calls now; empty when it should. */
  Optional<String> reason() {
    lastAsked = System.nanoTime();
    return draining ? Optional.of("draining") : lately();
  }

  /** A problem that is not a reason to send calls elsewhere. */
  Optional<String> warning() {
    return warning.get();
  }

  private Optional<String> lately() {
    Seen last = seen;
    if (last != null && System.nanoTime() - last.nanoTime() < Limits.READINESS_AGE.toNanos()) {
      return last.reason();
    }
    if (!looking.compareAndSet(false, true)) {
      return last == null ? Optional.of("starting") : last.reason();
    }
    try {
      Optional<String> reason = notReady.get();
      seen = new Seen(reason, System.nanoTime());
      return reason;
    } finally {
      looking.set(false);
    }
  }
}

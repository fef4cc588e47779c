package parlour;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;

/**
 * Ends the waits of virtual threads that last too long. A timed wait of a virtual thread wakes
 * another thread when it begins, and again when it ends early, as nearly all do. So waits that
 * happen for each call have no timeout, and one thread of the process regularly checks all of them.
 */
public final class OverdueWaits {
  private static final Set<Wait> WAITS = ConcurrentHashMap.newKeySet();

  static {
    Thread.ofPlatform().daemon().name("overdue waits").start(OverdueWaits::watch);
  }

  private OverdueWaits() {}

  /** A wait that has begun. Its thread closes it when it has ended. */
  public static final class Wait implements AutoCloseable {
    private final long end;
    private final Runnable action;

    private Wait(long end, Runnable action) {
      this.end = end;
      this.action = action;
    }

    private void check(long now) {
      if (now - end >= 0) {
        try {
          action.run();
        } catch (Throwable unexpected) {
          // For example out of memory. The next check repeats it.
        }
      }
    }

    @Override
    public void close() {
      WAITS.remove(this);
    }
  }

  /**
   * Begins a wait.
   *
   * @param end as of {@link System#nanoTime()}; the wait ends up to {@link Limits#WAIT_CHECK} later
   * @param action ends the wait; must return at once, and can run more than once
   */
  public static Wait until(long end, Runnable action) {
    var wait = new Wait(end, action);
    WAITS.add(wait);
    return wait;
  }

  private static void watch() {
    while (true) {
      LockSupport.parkNanos(Limits.WAIT_CHECK.toNanos());
      long now = System.nanoTime();
      for (Wait wait : WAITS) {
        wait.check(now);
      }
    }
  }
}

package parlour.rates;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import parlour.Limits;

/**
 * One token bucket as one number: the instant at which it is full again (the theoretical arrival
 * time of the generic cell rate algorithm, ITU-T I.371). Taking drops moves that instant later; a
 * bucket whose instant is more than its window away would hold less than nothing, so the call is
 * refused. Safe for use by several threads.
 *
 * <p>The caller passes the time, in nanoseconds of any origin. Only differences of times are used,
 * so the clock may overflow. If it goes backwards, no bucket fills: one that was in use counts as
 * empty until its instant is a window away.
 */
public final class Bucket {
  private final long window;

  @GuardedBy("this")
  private long fullAt;

  /** A full bucket, whose window is {@link Limits#RATE_WINDOW}. */
  public Bucket(long now) {
    this(now, Limits.RATE_WINDOW.toNanos());
  }

  /**
   * A full bucket.
   *
   * @param window the nanoseconds in which it is refilled
   */
  public Bucket(long now, long window) {
    this.fullAt = now;
    this.window = window;
  }

  /** Takes drops from the whole bucket; see {@link #tryAcquire(long, long, long)}. */
  public long tryAcquire(long now, long cost) {
    return tryAcquire(now, cost, window);
  }

  /**
   * Takes drops from the upper part of a bucket, or nothing if that holds too few.
   *
   * @param cost the nanoseconds in which the drops are refilled ({@link Rate#refillNanos})
   * @param part the nanoseconds in which this part of the bucket is refilled
   * @return 0 if the drops were taken; otherwise the nanoseconds until they can be
   */
  public synchronized long tryAcquire(long now, long cost, long part) {
    long used = Math.clamp(fullAt - now, 0, window) + cost;
    if (used > part) {
      return used - part;
    }
    fullAt = now + used;
    return 0;
  }

  /** Gives drops back; the bucket is never fuller than full. */
  public synchronized void giveBack(long now, long cost) {
    fullAt = now + Math.max(0, Math.clamp(fullAt - now, 0, window) - cost);
  }

  /**
   * Fills the bucket at once.
   *
   * @return the nanoseconds in which it would have been full by itself
   */
  public synchronized long fill(long now) {
    long used = Math.clamp(fullAt - now, 0, window);
    fullAt = now;
    return used;
  }

  /**
   * Learns that others used the bucket: it is not full before {@code used} nanoseconds from now.
   */
  public synchronized void use(long now, long used) {
    fullAt = now + Math.clamp(used, Math.clamp(fullAt - now, 0, window), window);
  }
}

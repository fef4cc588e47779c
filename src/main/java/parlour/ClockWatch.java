package parlour;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The wall clock, and whether Parlour can trust it. It cannot for a while after the clock has
 * jumped, or after a start at which the clock contradicts a store's last use: a virtual machine
 * was resumed, or the hardware clock is wrong and NTP has not set it yet.
 *
 * <p>Each call detects jumps by comparing the wall clock with the machine's uptime, which nobody
 * can set. Safe for use by several threads.
 */
public final class ClockWatch implements InstantSource {
  /** The clock of a test, which has its own uptime. */
  public interface WithUptime extends InstantSource {
    /** As {@link System#nanoTime()}. */
    long nanoTime();
  }

  private static final Logger log = LoggerFactory.getLogger(ClockWatch.class);

  private final InstantSource clock;
  private final LongSupplier uptime;

  /** The clock at the last comparison. */
  @GuardedBy("this")
  private Instant wall;

  /** The uptime at the last comparison. */
  @GuardedBy("this")
  private long nanos;

  @GuardedBy("this")
  private boolean doubted;

  @GuardedBy("this")
  private long doubtedSince;

  private ClockWatch(InstantSource clock, LongSupplier uptime) {
    this.clock = clock;
    this.uptime = uptime;
    this.wall = clock.instant();
    this.nanos = uptime.getAsLong();
  }

  /** Wraps a clock, or returns it if it is a ClockWatch already. */
  public static ClockWatch of(InstantSource clock) {
    return clock instanceof ClockWatch watch ? watch : watching(clock);
  }

  private static ClockWatch watching(InstantSource clock) {
    return new ClockWatch(
        clock, clock instanceof WithUptime test ? test::nanoTime : System::nanoTime);
  }

  @Override
  public Instant instant() {
    return clock.instant();
  }

  /**
   * Whether the clock has just jumped, so that no decision may depend on it. A jump that an NTP
   * client corrects is corrected within {@link Limits#CLOCK_SETTLING}.
   */
  public boolean isInDoubt() {
    return !isBelieved(Limits.CLOCK_SETTLING);
  }

  /**
   * Whether data may be deleted for its age: the clock has been steady for {@link
   * Limits#CLOCK_STEADY}, or there was never a reason to doubt it.
   */
  public boolean maySweep() {
    return isBelieved(Limits.CLOCK_STEADY);
  }

  /** Runs work that deletes by age or cannot be undone, unless the clock is doubted. */
  public Runnable sweeping(Runnable sweep) {
    return () -> {
      if (maySweep()) {
        sweep.run();
      }
    };
  }

  /**
   * Compares the clock with the last use that a store has recorded, at a start.
   *
   * @param who the store, for the log
   * @param alive when a process last recorded that it was running
   */
  public synchronized void compareWith(String who, Instant alive) {
    Instant now = clock.instant();
    boolean behind = now.isBefore(alive.minus(Limits.CLOCK_SKEW));
    if (behind || now.isAfter(alive.plus(Limits.MAX_CLOCK_DOWNTIME))) {
      doubt(uptime.getAsLong());
      log.warn(
          "the {} was last in use at {}, and the clock says {}: if the clock is wrong, set it"
              + " (NTP). Until it has been steady for {} min, nothing is deleted for its age",
          who,
          alive,
          now,
          Limits.CLOCK_STEADY.toMinutes());
    }
  }

  private synchronized boolean isBelieved(Duration steady) {
    Instant nowWall = clock.instant();
    long nowNanos = uptime.getAsLong();
    Duration jump = Duration.between(wall, nowWall).minusNanos(nowNanos - nanos);
    wall = nowWall;
    nanos = nowNanos;
    if (jump.abs().compareTo(Limits.CLOCK_JUMP) > 0) {
      doubt(nowNanos);
      log.warn(
          "the clock jumped by {} s, to {}: until it has been steady for {} min, no token is refused"
              + " for its age, and for {} min nothing is deleted for its age",
          jump.toSeconds(),
          nowWall,
          Limits.CLOCK_SETTLING.toMinutes(),
          Limits.CLOCK_STEADY.toMinutes());
    }
    return !doubted || nowNanos - doubtedSince >= steady.toNanos();
  }

  @GuardedBy("this")
  private void doubt(long nowNanos) {
    doubted = true;
    doubtedSince = nowNanos;
  }
}

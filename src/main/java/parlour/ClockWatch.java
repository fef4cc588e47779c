package parlour;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The wall clock, and whether it can be believed. It cannot for a while after it has jumped, or when
 * a start finds that a store was written at a time that does not fit: a virtual machine was resumed,
 * or the clock of the hardware is wrong and has not been set by NTP yet.
 *
 * <p>A jump is found by comparing the wall clock with the machine's uptime, which nobody sets, each
 * time that somebody asks. Safe for use by several threads.
 */
public final class ClockWatch implements InstantSource {
  /** A clock of a test, which has an uptime of its own. */
  public interface WithUptime extends InstantSource {
    /** As {@link System#nanoTime()}. */
    long nanoTime();
  }

  private static final Logger log = LoggerFactory.getLogger(ClockWatch.class);

  private final InstantSource clock;
  private final LongSupplier uptime;

  // As of the last comparison, guarded by this.
  private Instant wall;
  private long nanos;
  private boolean doubted;
  private long doubtedSince;

  private ClockWatch(InstantSource clock, LongSupplier uptime) {
    this.clock = clock;
    this.uptime = uptime;
    this.wall = clock.instant();
    this.nanos = uptime.getAsLong();
  }

  /** The watch over a clock; the clock itself if it is one already. */
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
   * Whether nothing may be decided by what the clock says now, because it has just jumped; what an
   * NTP client corrects it corrects within {@link Limits#CLOCK_SETTLES}.
   */
  public boolean isInDoubt() {
    return !isBelieved(Limits.CLOCK_SETTLES);
  }

  /**
   * Whether what is too old by the clock may be deleted: it has been steady for {@link
   * Limits#CLOCK_STEADY}, or there was never a reason to doubt it.
   */
  public boolean maySweep() {
    return isBelieved(Limits.CLOCK_STEADY);
  }

  /** Deletes by age, or does any other work that cannot be undone, unless the clock is doubted. */
  public Runnable sweeping(Runnable sweep) {
    return () -> {
      if (maySweep()) {
        sweep.run();
      }
    };
  }

  /**
   * Compares the clock with what a store says at a start.
   *
   * @param who the store, for the log
   * @param alive when a process last noted in it that it was running
   */
  public synchronized void compareWith(String who, Instant alive) {
    Instant now = clock.instant();
    boolean behind = now.isBefore(alive.minus(Limits.CLOCK_SKEW));
    if (behind || now.isAfter(alive.plus(Limits.CLOCK_AWAY))) {
      doubt(uptime.getAsLong());
      log.warn(
          "the {} was last in use at {}, and the clock says {}: if that is wrong, set the clock"
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
          Limits.CLOCK_SETTLES.toMinutes(),
          Limits.CLOCK_STEADY.toMinutes());
    }
    return !doubted || nowNanos - doubtedSince >= steady.toNanos();
  }

  private void doubt(long nowNanos) {
    doubted = true;
    doubtedSince = nowNanos;
  }
}

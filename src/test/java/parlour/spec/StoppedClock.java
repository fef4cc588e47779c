package parlour.spec;

import java.time.Duration;
import java.time.Instant;
import parlour.ClockWatch;

/** A clock that moves only when a test moves it, for events at an exact instant. */
public final class StoppedClock implements ClockWatch.WithUptime {
  private static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00Z");

  private volatile Instant now = BEGIN;
  private volatile Duration jumped = Duration.ZERO;

  @Override
  public Instant instant() {
    return now;
  }

  /** Forward, or with a negative time backward. */
  public synchronized void pass(Duration time) {
    now = now.plus(time);
  }

  @Override
  public long nanoTime() {
    return Duration.between(BEGIN, now).minus(jumped).toNanos();
  }

  /** Somebody sets the clock, and no time passes. */
  public synchronized void jump(Duration by) {
    jumped = jumped.plus(by);
    now = now.plus(by);
  }

  public void set(Instant instant) {
    now = instant;
  }
}

package parlour.spec;

import java.time.Duration;
import java.time.Instant;
import parlour.ClockWatch;

/** A clock that is moved by hand, from the present on. */
public final class TestClock implements ClockWatch.WithUptime {
  private volatile Duration ahead = Duration.ZERO;
  private volatile Duration passed = Duration.ZERO;

  @Override
  public Instant instant() {
    return Instant.now().plus(ahead);
  }

  @Override
  public long nanoTime() {
    return System.nanoTime() + passed.toNanos();
  }

  public synchronized void pass(Duration time) {
    ahead = ahead.plus(time);
    passed = passed.plus(time);
  }

  /** Somebody sets the clock, and no time passes. */
  public synchronized void jump(Duration by) {
    ahead = ahead.plus(by);
  }
}

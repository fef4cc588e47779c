package parlour.trace;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Instant;
import java.time.InstantSource;
import parlour.Limits;

/**
 * Lets {@link Limits#SECURITY_LINES} lines of one kind into the log each minute and counts the
 * others, so that an attacker cannot fill the disk. Safe for use by several threads.
 */
public final class LinesPerMinute {
  private final InstantSource clock;

  @GuardedBy("this")
  private Instant began = Instant.EPOCH;

  @GuardedBy("this")
  private int lines;

  @GuardedBy("this")
  private long leftOut;

  public LinesPerMinute(InstantSource clock) {
    this.clock = clock;
  }

  /** How many lines were omitted before this one; -1 if this one must be omitted, too. */
  public synchronized long admitted() {
    Instant now = clock.instant();
    if (!now.isBefore(began.plus(Limits.RATE_WINDOW)) || now.isBefore(began)) {
      began = now;
      lines = 0;
    }
    if (lines >= Limits.SECURITY_LINES) {
      leftOut++;
      return -1;
    }
    lines++;
    long before = leftOut;
    leftOut = 0;
    return before;
  }
}

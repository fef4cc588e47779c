package parlour.redis;

import parlour.Limits;

/** Allows one log line per {@link Limits#REDIS_LOG_INTERVAL}. Not safe for several threads. */
final class LogInterval {
  private long next = System.nanoTime();

  boolean isDue() {
    long now = System.nanoTime();
    if (now - next < 0) {
      return false;
    }
    next = now + Limits.REDIS_LOG_INTERVAL.toNanos();
    return true;
  }
}

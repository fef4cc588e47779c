package parlour.redis;

import parlour.Limits;

/** Lets one log line through per {@link Limits#REDIS_LOG_INTERVAL}. For one thread. */
final class LogPace {
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

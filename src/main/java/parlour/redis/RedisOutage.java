package parlour.redis;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.HashSet;
import java.util.Set;
import org.slf4j.LoggerFactory;
import parlour.OutageLog;

/**
 * Logs one outage of Redis for all connections of this process: it begins when one of them fails,
 * and ends when all of them work. Safe for use by several threads.
 */
final class RedisOutage {
  private final OutageLog log;

  @GuardedBy("this")
  private final Set<RedisThread> failing = new HashSet<>();

  RedisOutage(RedisAddress address) {
    log = new OutageLog(LoggerFactory.getLogger(Redis.class), "redis " + address);
  }

  synchronized void failed(RedisThread connection, Throwable failure) {
    failing.add(connection);
    log.failed("not connected, reconnecting (" + failure.getMessage() + ")");
  }

  synchronized void worked(RedisThread connection) {
    if (failing.remove(connection) && failing.isEmpty()) {
      log.worked();
    }
  }
}

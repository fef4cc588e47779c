package parlour.store;

import java.time.Duration;
import parlour.Durations;
import parlour.Limits;

/**
 * The bounds of one store; the reasons for the values are in {@link Limits}.
 *
 * @param queue changes that may wait for the writer
 * @param group changes in one commit
 * @param readers concurrent reads; in PostgreSQL also concurrent groups of changes
 * @param statements prepared statements kept per connection
 * @param timeout how long a caller waits for its read or change
 * @param busy how long to wait for another process's lock
 * @param migration how long to wait, at open, while another process migrates, and for the first
 *     connections to a server
 */
public record StoreLimits(
    int queue,
    int group,
    int readers,
    int statements,
    Duration timeout,
    Duration busy,
    Duration migration) {

  public static final StoreLimits DEFAULT = new StoreLimits(
      Limits.STORE_QUEUE,
      Limits.STORE_GROUP,
      Limits.STORE_READERS,
      Limits.STORE_STATEMENTS,
      Limits.STORE_TIMEOUT,
      Limits.STORE_LOCK_TIMEOUT,
      Limits.STORE_MIGRATION_TIMEOUT);

  /**
   * The bounds of a store in PostgreSQL.
   *
   * @param connections concurrent reads, and as many concurrent groups of changes
   */
  public static StoreLimits ofServer(int connections) {
    return new StoreLimits(
        Limits.STORE_QUEUE,
        Limits.POSTGRES_GROUP,
        connections,
        Limits.STORE_STATEMENTS,
        Limits.STORE_TIMEOUT,
        Limits.STORE_LOCK_TIMEOUT,
        Limits.STORE_MIGRATION_TIMEOUT);
  }

  /** The same, with another wait for another process's lock. */
  StoreLimits busyFor(Duration wait) {
    return new StoreLimits(queue, group, readers, statements, timeout, wait, migration);
  }

  /** The longest wait for a connection: the work has the other half of the caller's time. */
  Duration connection() {
    return Durations.part(timeout, 2);
  }

  /** How long a server may run one statement: shorter, so that it can still report the reason. */
  Duration statement() {
    return Durations.part(Durations.times(timeout, 5), 6);
  }

  /** The difference between two successive timeouts: the time in which an answer arrives. */
  Duration margin() {
    return timeout.minus(statement());
  }

  public StoreLimits {
    if (queue < 1 || group < 1 || readers < 1 || statements < 1) {
      throw new IllegalArgumentException("a store needs at least one of everything");
    }
    // Otherwise every caller gives up before the answer that another process holds the lock.
    if (!busy.isPositive() || busy.compareTo(timeout) >= 0) {
      throw new IllegalArgumentException("busy must be shorter than the timeout");
    }
  }
}

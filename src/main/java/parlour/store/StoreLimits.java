package parlour.store;

import java.time.Duration;
import parlour.Limits;

/**
 * How much of everything one store may use; the reasons for the values are in {@link Limits}.
 *
 * @param queue changes that may wait for the writer
 * @param group changes in one commit
 * @param readers reads at the same time; of a server, groups of changes too
 * @param statements prepared statements kept per connection
 * @param timeout how long a caller waits for its read or change
 * @param busy how long to wait for another process's lock
 * @param migration how long to wait, at open, while another process migrates
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
   * Of a PostgreSQL.
   *
   * @param connections that read at the same time; as many change
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

  /** How long a server works on one statement: it ends it, and reports why, before we give up. */
  Duration statement() {
    return timeout.multipliedBy(5).dividedBy(6);
  }

  /** From one timeout to the next one: the time in which an answer arrives. */
  Duration margin() {
    return timeout.minus(statement());
  }

  public StoreLimits {
    if (queue < 1 || group < 1 || readers < 1 || statements < 1) {
      throw new IllegalArgumentException("a store needs at least one of everything");
    }
    // Otherwise every caller gives up before it can be told that another process holds the lock.
    if (!busy.isPositive() || busy.compareTo(timeout) >= 0) {
      throw new IllegalArgumentException("busy must be shorter than patience");
    }
  }
}

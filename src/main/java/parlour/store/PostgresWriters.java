package parlour.store;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * The threads that change PostgreSQL's tables, each on a connection of the pool. They are platform
 * threads, for which waiting costs less than for virtual ones. A thread takes all queued changes,
 * runs them in one transaction and commits them together. If that fails, nothing is kept, and each
 * change is handed back to its caller, who makes it alone.
 *
 * <p>Groups of several threads and nodes may wait for each other's rows, even in a circle: the
 * server ends such a wait, and then each change is made alone, with few locks.
 */
final class PostgresWriters {
  private final DataSource pool;
  private final PostgresServer server;
  private final String who;
  private final StoreLimits limits;
  private final WriteQueue queue;

  PostgresWriters(DataSource pool, PostgresServer server, String who, StoreLimits limits) {
    this.pool = pool;
    this.server = server;
    this.who = who;
    this.limits = limits;
    queue = new WriteQueue(who, limits);
  }

  void start() {
    queue.start(limits.readers(), this::serve);
  }

  /** Returns after the change is settled or handed back. */
  <T extends @Nullable Object> T write(PendingWrite<T> write) {
    return queue.run(write);
  }

  StoreActivity activity() {
    return queue.activity();
  }

  /** Finishes the queued changes, as far as the server allows. */
  void close() {
    boolean _ = queue.close();
  }

  private void serve() {
    while (queue.isOpen()) {
      try {
        serveNext();
      } catch (Throwable unexpected) {
        // For example out of memory, or an interrupt that work left behind. The next changes are
        // served.
      }
    }
    queue.wakeNext();
  }

  private void serveNext() throws InterruptedException {
    List<PendingWrite<?>> group = queue.next();
    if (group.isEmpty()) {
      return;
    }
    try {
      settle(group);
    } finally {
      group.forEach(PendingWrite::handBack); // Those that are not settled.
    }
  }

  /**
   * Finds the changes that can be made together. No caller waits for another one of the group, so their
   * order does not matter; changes of the same row keep it.
   */
  private static List<List<PendingWrite<?>>> together(List<PendingWrite<?>> group) {
    List<List<PendingWrite<?>>> parts = new ArrayList<>();
    for (PendingWrite<?> write : group) {
      parts.stream()
          .filter(write::fits)
          .findFirst()
          .ifPresentOrElse(
              part -> part.add(write), () -> parts.add(new ArrayList<>(List.of(write))));
    }
    return parts;
  }

  /** Runs one change, or several together; returns those that it ran. */
  private static List<PendingWrite<?>> run(
      List<PendingWrite<?>> part, PostgresTransaction transaction) throws SQLException {
    // The callers of the others no longer wait, and they could fail the rest.
    List<PendingWrite<?>> inTime =
        part.stream().filter(write -> !write.isLate()).toList();
    if (inTime.size() == 1) {
      inTime.getFirst().run(transaction);
    } else if (!inTime.isEmpty()) {
      long latest = inTime.stream().mapToLong(PendingWrite::deadline).max().orElseThrow();
      new PendingWrite<>(PostgresDatabase.marked(PendingWrite.together(inTime)), latest)
          .run(transaction);
    }
    return inTime;
  }

  private void settle(List<PendingWrite<?>> group) {
    PostgresTransaction transaction;
    try {
      transaction = PostgresTransaction.on(pool, Statements.CHANGES, limits);
    } catch (SQLException unreachable) {
      // Alone they would not reach the server either, and wait for it a second time.
      var outage = PostgresFaults.explain(who, server, unreachable);
      group.forEach(write -> write.fail(outage));
      return;
    }
    boolean committing = false;
    try (transaction) {
      List<PendingWrite<?>> made = new ArrayList<>();
      for (List<PendingWrite<?>> part : together(group)) {
        made.addAll(run(part, transaction));
      }
      committing = true;
      transaction.commit();
      made.forEach(PendingWrite::succeed);
    } catch (SQLException failure) {
      if (committing && !PostgresFaults.isUndone(failure)) {
        var unknown = new StoreUnavailable(who, PostgresDatabase.UNKNOWN, failure);
        group.forEach(write -> write.fail(unknown));
      }
    } catch (RuntimeException | Error oneOfThem) {
      // Its caller gets the exception when it makes the change alone.
    }
  }
}

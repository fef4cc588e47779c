package parlour.store;

import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import parlour.store.Database.Work;
import parlour.store.SqliteConnection.Use;

/**
 * The one thread that changes a SQLite file. It takes all queued changes, runs them in one
 * transaction and commits them with one flush of the disk: group commit. It is a platform thread,
 * because calls into SQLite would block the carrier of a virtual one.
 */
final class GroupCommitWriter {
  private final Path file;
  private final String who;
  private final StoreLimits limits;
  private final WriteQueue queue;
  private final AtomicLong commits = new AtomicLong();

  /** Used by the writer thread only; null before the first change and after an outage. */
  private @Nullable SqliteConnection connection;

  GroupCommitWriter(Path file, String who, StoreLimits limits) {
    this.file = file;
    this.who = who;
    this.limits = limits;
    queue = new WriteQueue(who, limits);
  }

  void start() {
    queue.start(1, this::serve);
  }

  <T extends @Nullable Object> T write(Work<T> work) {
    if (isThisThread()) {
      throw new IllegalStateException("a change inside a change would wait for itself");
    }
    return queue.run(
        new PendingWrite<>(work, System.nanoTime() + limits.timeout().toNanos()));
  }

  boolean isThisThread() {
    return queue.isWriter();
  }

  long commits() {
    return commits.get();
  }

  int waiting() {
    return queue.waiting();
  }

  StoreActivity activity() {
    return queue.activity();
  }

  /**
   * Finishes the queued changes.
   *
   * @throws StoreUnavailable if the disk is too slow for that
   */
  void close() {
    if (!queue.close()) {
      throw new StoreUnavailable(who, "still writing", null);
    }
  }

  private void serve() {
    while (queue.isOpen()) {
      try {
        serveNext();
      } catch (Throwable unexpected) {
        // For example out of memory, or an interrupt that work left behind. Even the callers could
        // not be notified, and wait until their deadlines. The next changes are served.
      }
    }
    checkpointAndClose();
  }

  private void serveNext() throws InterruptedException {
    List<PendingWrite<?>> group = queue.next();
    try {
      if (!group.isEmpty()) {
        settle(group);
      }
    } catch (Throwable unexpected) {
      discard();
      var fault = new StoreUnavailable(who, "failed unexpectedly", unexpected);
      group.forEach(write -> write.fail(fault));
    }
  }

  /** Commits all changes together or, if one of them fails, each by itself. */
  private void settle(List<PendingWrite<?>> group) {
    if (commit(group)) {
      return;
    }
    for (PendingWrite<?> write : group) {
      // Each may wait for a lock, but none longer than its caller waits.
      if (write.isLate()) {
        write.fail(new StoreUnavailable(who, "out of time, nothing was changed", null));
      } else {
        commit(List.of(write));
      }
    }
  }

  /**
   * Commits the changes in one transaction and then notifies their callers.
   *
   * @return false if one of several failed: nothing is changed, and no caller is notified
   */
  private boolean commit(List<PendingWrite<?>> group) {
    boolean alone = group.size() == 1;
    try {
      SqliteConnection open = connected();
      open.begin();
      for (PendingWrite<?> write : group) {
        try {
          write.run(open);
        } catch (Throwable failure) {
          undo(failure);
          if (alone) {
            write.fail(fault(failure));
          }
          return alone;
        }
      }
      open.commit();
    } catch (SQLException failure) {
      undo(failure);
      RuntimeException fault = SqliteConnection.explain(who, file, failure);
      // A constraint that is checked at the commit was violated by one of them.
      if (!alone && !(fault instanceof StoreUnavailable)) {
        return false;
      }
      group.forEach(write -> write.fail(fault));
      return true;
    }
    commits.incrementAndGet();
    group.forEach(PendingWrite::succeed);
    return true;
  }

  private Throwable fault(Throwable failure) {
    return failure instanceof SQLException sql ? SqliteConnection.explain(who, file, sql) : failure;
  }

  private SqliteConnection connected() throws SQLException {
    if (connection == null) {
      connection = SqliteConnection.open(file, Use.WRITE, limits);
    }
    return connection;
  }

  /** Rolls back. After an outage the connection is not used again. */
  private void undo(Throwable failure) {
    boolean outage = fault(failure) instanceof StoreUnavailable;
    if (connection != null && (!connection.rollBack() || outage)) {
      discard();
    }
  }

  private void discard() {
    SqliteConnection broken = connection;
    connection = null;
    if (broken != null) {
      broken.closeQuietly();
    }
  }

  private void checkpointAndClose() {
    try {
      connected().checkpoint();
    } catch (SQLException | RuntimeException laterThen) {
      // Committed changes are in the log, which the next start reads.
    }
    discard();
  }
}

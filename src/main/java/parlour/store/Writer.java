package parlour.store;

import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import parlour.store.Database.Work;
import parlour.store.SqliteConnection.Use;

/**
 * The one thread that changes a SQLite file. It takes all changes that wait, runs them in one
 * transaction and makes them durable by one flush of the disk: group commit. Calls into SQLite pin
 * their carrier, so it is a platform thread.
 */
final class Writer {
  private final Path file;
  private final String who;
  private final StoreLimits limits;
  private final BlockingQueue<Change<?>> queue;
  private final AtomicLong commits = new AtomicLong();
  private final Thread thread;
  private volatile boolean closed;

  /** Belongs to the thread; null before the first change and after an outage. */
  private @Nullable SqliteConnection connection;

  Writer(Path file, String who, StoreLimits limits) {
    this.file = file;
    this.who = who;
    this.limits = limits;
    queue = new ArrayBlockingQueue<>(limits.queue());
    thread = Thread.ofPlatform().name(who + " writer").daemon().unstarted(this::serve);
  }

  void start() {
    thread.start();
  }

  <T extends @Nullable Object> T write(Work<T> work) {
    long deadline = System.nanoTime() + limits.patience().toNanos();
    var change = new Change<T>(work, deadline);
    if (isThisThread()) {
      throw new IllegalStateException("a change inside a change would wait for itself");
    }
    if (closed) {
      throw new StoreUnavailable(who, "closed", null);
    }
    if (!queue.offer(change)) {
      throw new StoreUnavailable(who, "its queue is full", null);
    }
    // The thread may have ended between the look and the offer; if it has not, it serves this.
    if (closed && change.giveUp()) {
      throw new StoreUnavailable(who, "closed", null);
    }
    return change.await(who);
  }

  boolean isThisThread() {
    return Thread.currentThread().equals(thread);
  }

  long commits() {
    return commits.get();
  }

  int waiting() {
    return queue.size();
  }

  /** Finishes what is queued. @throws StoreUnavailable if the disk does not let it in time */
  void close() {
    closed = true;
    queue.offer(Change.NONE); // Wakes the thread; behind a full queue it is awake.
    // Once for what it is doing, once for what is queued: all of that has its deadline.
    long end = System.nanoTime() + 2 * limits.patience().plus(limits.busy()).toNanos();
    boolean interrupted = false;
    while (thread.isAlive() && System.nanoTime() - end < 0) {
      try {
        TimeUnit.NANOSECONDS.timedJoin(thread, end - System.nanoTime());
      } catch (InterruptedException shuttingDown) {
        interrupted = true; // Closing is what a shutdown asks for: it goes on.
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    if (thread.isAlive()) {
      throw new StoreUnavailable(who, "still writing", null);
    }
  }

  private void serve() {
    while (!closed || !queue.isEmpty()) {
      try {
        serveNext();
      } catch (Throwable unexpected) {
        // Not even the callers could be told, who wait no longer than their deadline; but whatever
        // it is (memory, an interrupt left behind by work), the next changes are served.
      }
    }
    checkpointAndClose();
  }

  private void serveNext() throws InterruptedException {
    List<Change<?>> group = new ArrayList<>();
    group.add(queue.take());
    queue.drainTo(group, limits.group() - 1);
    group.removeIf(change -> !change.begin());
    try {
      if (!group.isEmpty()) {
        settle(group);
      }
    } catch (Throwable unexpected) {
      discard();
      var fault = new StoreUnavailable(who, "failed unexpectedly", unexpected);
      group.forEach(change -> change.fail(fault));
    }
  }

  /** Settles all changes together or, if one of them fails, each by itself. */
  private void settle(List<Change<?>> group) {
    if (commit(group)) {
      return;
    }
    for (Change<?> change : group) {
      // A lock may make each of them wait; together they wait no longer than their callers.
      if (change.isLate()) {
        change.fail(new StoreUnavailable(who, "out of time, nothing was changed", null));
      } else {
        commit(List.of(change));
      }
    }
  }

  /**
   * Commits the changes in one transaction and then tells their callers.
   *
   * @return false if one of several failed: nothing is changed, and nobody told
   */
  private boolean commit(List<Change<?>> group) {
    boolean alone = group.size() == 1;
    try {
      SqliteConnection open = connected();
      open.begin();
      for (Change<?> change : group) {
        try {
          change.run(open);
        } catch (Throwable failure) {
          undo(failure);
          if (alone) {
            change.fail(fault(failure));
          }
          return alone;
        }
      }
      open.commit();
    } catch (SQLException failure) {
      undo(failure);
      RuntimeException fault = SqliteConnection.explain(who, file, failure);
      // A constraint that is checked at the commit is the mistake of one of them.
      if (!alone && !(fault instanceof StoreUnavailable)) {
        return false;
      }
      group.forEach(change -> change.fail(fault));
      return true;
    }
    commits.incrementAndGet();
    group.forEach(Change::succeed);
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

  /** Rolls back. After an outage nothing about the connection is believed any more. */
  private void undo(Throwable failure) {
    boolean outage = fault(failure) instanceof StoreUnavailable;
    if (connection != null && (!connection.rolledBack() || outage)) {
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
      // What is committed is in the log, which the next start reads.
    }
    discard();
  }
}

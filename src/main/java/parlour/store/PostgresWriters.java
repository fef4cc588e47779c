package parlour.store;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * The threads that change a PostgreSQL's tables, each on a connection of the pool. They wait for
 * the server all the time, which costs a platform thread less than a virtual one. One takes all
 * changes that wait, runs them in one transaction and makes them durable by one commit. Where that
 * fails, nothing is kept, and each is handed back to its caller, who makes it alone.
 *
 * <p>Groups of several threads and nodes may wait for each other's rows, even in a circle: the
 * server ends that, and the changes go alone, each holding few locks.
 */
final class PostgresWriters {
  private final DataSource pool;
  private final PostgresServer server;
  private final String who;
  private final StoreLimits limits;
  private final BlockingQueue<Change<?>> queue;
  private final List<Thread> threads = new ArrayList<>();
  private final AtomicLong commits = new AtomicLong();
  private volatile boolean closed;

  PostgresWriters(DataSource pool, PostgresServer server, String who, StoreLimits limits) {
    this.pool = pool;
    this.server = server;
    this.who = who;
    this.limits = limits;
    queue = new ArrayBlockingQueue<>(limits.queue());
  }

  void start() {
    for (int i = 0; i < limits.readers(); i++) {
      threads.add(Thread.ofPlatform().daemon().name(who + " writer").start(this::serve));
    }
  }

  /** Returns it settled, or handed back. */
  <T extends @Nullable Object> T write(Change<T> change) {
    if (closed) {
      throw new StoreUnavailable(who, "closed", null);
    }
    if (!queue.offer(change)) {
      throw new StoreUnavailable(who, "its queue is full", null);
    }
    // The threads may have ended between the look and the offer; if not, they serve this.
    if (closed && change.giveUp()) {
      throw new StoreUnavailable(who, "closed", null);
    }
    return change.await(who);
  }

  long commits() {
    return commits.get();
  }

  /** Finishes what is queued: all of that has its deadline. */
  void close() {
    closed = true;
    queue.offer(Change.NONE); // Wakes one, who wakes the next; behind a full queue they are awake.
    long end = System.nanoTime() + 2 * limits.patience().plus(limits.busy()).toNanos();
    boolean interrupted = false;
    for (Thread thread : threads) {
      try {
        TimeUnit.NANOSECONDS.timedJoin(thread, end - System.nanoTime());
      } catch (InterruptedException shuttingDown) {
        interrupted = true; // Closing is what a shutdown asks for: it goes on.
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void serve() {
    while (!closed || !queue.isEmpty()) {
      try {
        serveNext();
      } catch (Throwable unexpected) {
        // Whatever it is (memory, an interrupt left behind by work), the next changes are served.
      }
    }
    queue.offer(Change.NONE);
  }

  private void serveNext() throws InterruptedException {
    List<Change<?>> group = new ArrayList<>();
    group.add(queue.take());
    queue.drainTo(group, limits.group() - 1);
    group.removeIf(change -> !change.begin());
    if (group.isEmpty()) {
      return;
    }
    try {
      settle(group);
    } finally {
      group.forEach(Change::handBack); // Those that are not settled.
    }
  }

  private void settle(List<Change<?>> group) {
    PostgresTransaction transaction;
    try {
      transaction = PostgresTransaction.on(pool, Statements.CHANGES, limits);
    } catch (SQLException unreachable) {
      // Alone they would find no server either, and wait for it a second time.
      var outage = PostgresFaults.explain(who, server, unreachable);
      group.forEach(change -> change.fail(outage));
      return;
    }
    boolean committing = false;
    try (transaction) {
      List<Change<?>> made = new ArrayList<>();
      for (Change<?> change : group) {
        if (!change.isLate()) { // One whose caller is gone would only fail the others.
          change.run(transaction);
          made.add(change);
        }
      }
      committing = true;
      transaction.commit(System.nanoTime() + limits.patience().toNanos());
      commits.incrementAndGet();
      made.forEach(Change::succeed);
    } catch (SQLException failure) {
      if (committing && !PostgresFaults.isUndone(failure)) {
        var unknown = new StoreUnavailable(who, PostgresDatabase.UNKNOWN, failure);
        group.forEach(change -> change.fail(unknown));
      }
    } catch (RuntimeException | Error oneOfThem) {
      // Which says so to its caller when it runs alone.
    }
  }
}

package parlour.store;

import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import parlour.store.Database.Work;
import parlour.store.SqliteConnection.Use;

/** The connections that read a SQLite file: few, because each call blocks a carrier thread. */
final class ReaderPool {
  private final Path file;
  private final String who;
  private final StoreLimits limits;
  private final BlockingQueue<Reader> idle;
  private final AtomicInteger waiting = new AtomicInteger();
  private volatile boolean closed;

  ReaderPool(Path file, String who, StoreLimits limits) {
    this.file = file;
    this.who = who;
    this.limits = limits;
    // In the order of their calls: nobody who reads again at once passes those who wait.
    idle = new ArrayBlockingQueue<>(limits.readers(), true);
    for (int i = 0; i < limits.readers(); i++) {
      idle.add(new Reader());
    }
  }

  /** How many statements a read has. */
  enum Reading {
    /** At most one, which needs no BEGIN and ROLLBACK. */
    ONE,
    /** Any number, in a transaction, so that all of them see the same state. */
    SEVERAL
  }

  <T extends @Nullable Object> T read(Work<T> work, Reading reading) {
    long deadline = System.nanoTime() + limits.timeout().toNanos();
    Reader reader = take(deadline);
    try {
      return reader.read(work, reading, deadline);
    } finally {
      if (closed) {
        reader.discard();
      }
      idle.add(reader);
    }
  }

  /** Waits for the running reads; a read that takes longer closes its own connection. */
  void close() {
    closed = true;
    long deadline = System.nanoTime() + limits.timeout().toNanos();
    List<Reader> readers = new ArrayList<>();
    try {
      while (readers.size() < limits.readers()) {
        Reader reader = idle.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
        if (reader == null) {
          break;
        }
        reader.discard();
        readers.add(reader);
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
    idle.addAll(readers); // Callers that wait for one are refused.
  }

  int running() {
    return limits.readers() - idle.size();
  }

  int waiting() {
    return waiting.get();
  }

  private Reader take(long deadline) {
    Reader reader;
    waiting.incrementAndGet();
    try {
      reader = idle.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new StoreUnavailable(who, "interrupted", interrupted);
    } finally {
      waiting.decrementAndGet();
    }
    if (reader == null) {
      throw new StoreUnavailable(who, "all its readers are busy", null);
    }
    return reader;
  }

  /** A place in the pool. Its connection is opened when needed, and again after an outage. */
  private final class Reader {
    private @Nullable SqliteConnection connection;

    <T extends @Nullable Object> T read(Work<T> work, Reading reading, long deadline) {
      if (closed) {
        throw new StoreUnavailable(who, "closed", null);
      }
      try {
        if (connection == null) {
          connection = SqliteConnection.open(file, Use.READ, limits);
        }
        return switch (reading) {
          case ONE -> connection.runOne(work, deadline);
          case SEVERAL -> readSeveral(connection, work, deadline);
        };
      } catch (SQLException failure) {
        discard();
        throw SqliteConnection.explain(who, file, failure);
      }
    }

    private <T extends @Nullable Object> T readSeveral(
        SqliteConnection open, Work<T> work, long deadline) throws SQLException {
      open.begin();
      try {
        return open.run(work, deadline);
      } finally {
        if (!open.rollBack()) {
          discard();
        }
      }
    }

    void discard() {
      SqliteConnection broken = connection;
      connection = null;
      if (broken != null) {
        broken.closeQuietly();
      }
    }
  }
}

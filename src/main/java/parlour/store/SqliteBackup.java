package parlour.store;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;
import parlour.Limits;
import parlour.store.SqliteConnection.Use;

/** Copies of SQLite files that other processes are using. */
public final class SqliteBackup {
  private SqliteBackup() {}

  /**
   * Copies several files as they were at one moment. It keeps all their writers waiting for some
   * milliseconds, until it has a snapshot of each file; they go on while the snapshots are copied.
   *
   * @param copies from each file to its copy, which must not exist
   * @param beforeEach is called with the number of bytes of a file before it is copied
   * @throws StoreUnavailable if that cannot be done
   */
  public static void copy(Map<Path, Path> copies, LongConsumer beforeEach) {
    // The largest one last: each snapshot keeps the log of its file from being emptied.
    List<Path> files = copies.keySet().stream()
        .sorted(Comparator.comparingLong(file -> file.toFile().length()))
        .toList();
    Deque<SqliteConnection> snapshots = new ArrayDeque<>();
    try {
      snapshots(files, snapshots);
      for (Path file : files) {
        beforeEach.accept(bytes(file));
        try (SqliteConnection snapshot = snapshots.remove();
            Statement copy = snapshot.connection().createStatement()) {
          copy.executeUpdate("backup to " + quoted(Objects.requireNonNull(copies.get(file))));
        }
      }
    } catch (SQLException failure) {
      throw new StoreUnavailable(
          "the backup", "a store cannot be copied: " + failure.getMessage(), failure);
    } finally {
      snapshots.forEach(SqliteConnection::closeQuietly);
    }
  }

  /** The bytes of a file with the log beside it, which is the most that its copy can have. */
  public static long bytes(Path file) {
    return file.toFile().length() + Path.of(file + "-wal").toFile().length();
  }

  /**
   * Opens a snapshot of each file. If a file is busy, all others are released, because their writers
   * would wait for it, too; then all are locked again.
   */
  private static void snapshots(List<Path> files, Deque<SqliteConnection> snapshots)
      throws SQLException {
    List<SqliteConnection> writers = new ArrayList<>();
    try {
      StoreLimits limits = StoreLimits.DEFAULT.busyFor(Limits.STORE_BACKUP_LOCK);
      for (Path file : files) {
        writers.add(SqliteConnection.open(file, Use.WRITE, limits));
        snapshots.add(SqliteConnection.open(file, Use.READ, StoreLimits.DEFAULT));
      }
      lock(writers);
      for (SqliteConnection snapshot : snapshots) {
        snapshot.begin();
        try (Statement first = snapshot.connection().createStatement();
            ResultSet row = first.executeQuery("SELECT count(*) FROM sqlite_schema")) {
          row.next(); // the snapshot begins with the first read
        }
      }
      release(writers);
    } finally {
      writers.forEach(SqliteConnection::closeQuietly);
    }
  }

  /** Locks all files; from then on nobody else changes them. */
  private static void lock(List<SqliteConnection> writers) throws SQLException {
    long end = System.nanoTime() + Limits.STORE_BACKUP_LOCKS.toNanos();
    while (!tryLock(writers, end)) {
      LockSupport.parkNanos(Limits.STORE_BACKUP_LOCK.toNanos()); // the released writers go first
    }
  }

  /** Locks all files, or none. Fails if one is still busy after the end. */
  private static boolean tryLock(List<SqliteConnection> writers, long end) throws SQLException {
    for (SqliteConnection writer : writers) {
      try {
        writer.begin();
      } catch (SQLiteException failure) {
        if ((failure.getResultCode().code & 0xff) != SQLiteErrorCode.SQLITE_BUSY.code
            || System.nanoTime() - end >= 0) {
          throw failure;
        }
        release(writers.subList(0, writers.indexOf(writer)));
        return false;
      }
    }
    return true;
  }

  private static void release(List<SqliteConnection> locked) throws SQLException {
    for (SqliteConnection writer : locked) {
      if (!writer.rollBack()) {
        throw new SQLException("a lock cannot be released");
      }
    }
  }

  private static String quoted(Path file) throws SQLException {
    String path = file.toAbsolutePath().toString();
    if (path.contains("\"")) {
      throw new SQLException("the name of the folder has a quotation mark");
    }
    return '"' + path + '"';
  }

  /**
   * Reads the first column of a copy that nobody uses, and changes nothing.
   *
   * @throws StoreUnavailable if it cannot be read
   */
  public static void read(Path copy, String query, Consumer<String> each) {
    try (Connection connection = open(copy);
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      while (row.next()) {
        each.accept(row.getString(1));
      }
    } catch (SQLException unreadable) {
      throw new StoreUnavailable(
          "the backup", copy + " cannot be read: " + unreadable.getMessage(), unreadable);
    }
  }

  private static Connection open(Path copy) throws SQLException {
    SqliteDatabase.load();
    String address = "jdbc:sqlite:file:" + copy.toAbsolutePath().toUri().getRawPath();
    return DriverManager.getConnection(address + "?immutable=1");
  }

  /** Lets SQLite check a copy, and changes nothing. Returns the fault; empty if there is none. */
  public static Optional<String> fault(Path copy) {
    try (Connection connection = open(copy);
        Statement check = connection.createStatement();
        ResultSet row = check.executeQuery("PRAGMA quick_check(1)")) {
      String found = row.next() ? row.getString(1) : "no answer";
      return Optional.of(found).filter(text -> !text.equals("ok"));
    } catch (SQLException unreadable) {
      return Optional.of(String.valueOf(unreadable.getMessage()));
    }
  }
}

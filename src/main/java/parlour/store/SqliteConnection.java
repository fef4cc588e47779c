package parlour.store;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.sqlite.ProgressHandler;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;
import org.sqlite.SQLiteOpenMode;
import parlour.Limits;

/** A connection to a SQLite file, with our settings. For one thread at a time. */
final class SqliteConnection implements PendingWrite.Runner, AutoCloseable {
  /** The purpose of a connection. */
  enum Use {
    READ("BEGIN"),
    // A transaction that begins as a read fails at its first change if another process wrote
    // meanwhile. One that begins with the lock does not.
    WRITE("BEGIN IMMEDIATE"),
    MIGRATION("BEGIN IMMEDIATE");

    final String begin;

    Use(String begin) {
      this.begin = begin;
    }
  }

  /** Steps of SQLite's virtual machine between two checks of the deadline: about 1 ms. */
  private static final int STEPS_PER_CHECK = 100_000;

  private final Connection connection;
  private final Statements statements;
  private final PreparedStatement begin;
  private final PreparedStatement commit;
  private final PreparedStatement rollback;
  private @Nullable Long deadline;

  static SqliteConnection open(Path file, Use use, StoreLimits limits) throws SQLException {
    SqliteDatabase.load();
    var config = new SQLiteConfig();
    config.setGetGeneratedKeys(false); // The driver would search each statement for an INSERT.
    // A file that vanished is an outage, not a new and empty database.
    config.resetOpenMode(SQLiteOpenMode.CREATE);
    Connection connection = connect(config, file);
    try {
      return new SqliteConnection(connection, use, limits);
    } catch (SQLException | RuntimeException failure) {
      try (connection) {
        throw failure;
      }
    }
  }

  private static Connection connect(SQLiteConfig config, Path file) throws SQLException {
    try {
      return config.createConnection("jdbc:sqlite:" + file.toAbsolutePath());
    } catch (SQLiteException failure) {
      throw failure;
    } catch (SQLException noFolder) {
      // The driver found this itself, so the exception has no SQLite code.
      throw unusable(noFolder.getMessage());
    }
  }

  private static SQLiteException unusable(@Nullable String why) {
    return new SQLiteException(why, SQLiteErrorCode.SQLITE_CANTOPEN);
  }

  private SqliteConnection(Connection connection, Use use, StoreLimits limits) throws SQLException {
    this.connection = connection;
    boolean migrates = use == Use.MIGRATION;
    Duration busy = migrates ? limits.migration() : limits.busy();
    pragma("busy_timeout", busy.toMillis());
    pragma("synchronous", "FULL"); // A commit returns once the log is on the disk …
    pragma("fullfsync", "ON"); // … and on macOS not only in the disk's own cache.
    // Off while tables are rebuilt: dropping the old one would delete its children.
    pragma("foreign_keys", migrates ? "OFF" : "ON");
    pragma("trusted_schema", "OFF");
    pragma("temp_store", "MEMORY");
    pragma("wal_autocheckpoint", Limits.STORE_LOG_PAGES);
    pragma("journal_size_limit", Limits.STORE_LOG_BYTES);
    if (migrates) {
      if (isNew()) { // an older file keeps its mode; setting it would wait for its writer
        pragma("auto_vacuum", "INCREMENTAL");
      }
      useWriteAheadLog(busy);
    }
    if (use == Use.READ) {
      pragma("query_only", "ON");
    } else {
      pragma("secure_delete", "ON"); // overwrites deleted content
    }
    begin = connection.prepareStatement(use.begin);
    commit = connection.prepareStatement("COMMIT");
    rollback = connection.prepareStatement("ROLLBACK");
    statements = new Statements(
        connection, use == Use.READ ? Statements.READS : Statements.CHANGES, limits.statements());
    ProgressHandler.setHandler(connection, STEPS_PER_CHECK, new ProgressHandler() {
      @Override
      protected int progress() {
        return deadline != null && System.nanoTime() - deadline >= 0 ? 1 : 0;
      }
    });
  }

  /** Whether the file is still empty. */
  private boolean isNew() throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet pages = statement.executeQuery("PRAGMA page_count")) {
      return pages.next() && pages.getLong(1) == 0;
    }
  }

  Connection connection() {
    return connection;
  }

  void begin() throws SQLException {
    begin.execute();
  }

  void commit() throws SQLException {
    commit.execute();
  }

  /** Ends the transaction; false if that failed, and the connection must not be used again. */
  boolean rollBack() {
    try {
      rollback.execute();
      return true;
    } catch (SQLException | RuntimeException broken) {
      return false;
    }
  }

  /**
   * Runs work in the transaction that has begun.
   *
   * @param until as of {@link System#nanoTime()}: its SQL is interrupted then
   * @throws SQLException if one of its statements failed, even if the work caught the exception
   */
  @Override
  public <T extends @Nullable Object> T run(Database.Work<T> work, long until) throws SQLException {
    deadline = until;
    try {
      return Sql.run(work, statements, until);
    } finally {
      deadline = null; // COMMIT and ROLLBACK run to their end.
    }
  }

  /**
   * Runs work of one statement, which is a transaction of its own, as {@link #run} runs the
   * statements of a transaction that has begun.
   */
  <T extends @Nullable Object> T runOne(Database.Work<T> work, long until) throws SQLException {
    statements.allow(Statements.Allowance.ONE);
    try {
      return run(work, until);
    } finally {
      statements.allow(Statements.Allowance.ANY);
    }
  }

  /** Moves the log into the database, as far as other connections allow. */
  void checkpoint() throws SQLException {
    pragma("wal_checkpoint", "TRUNCATE");
  }

  /**
   * Gives free pages back to the disk, and empties the log, which still contains deleted content.
   *
   * @return false if other connections prevented it for longer than
   *     {@link Limits#STORE_SCRUB_TIMEOUT}
   */
  boolean scrub() throws SQLException {
    pragma("busy_timeout", Limits.STORE_SCRUB_TIMEOUT.toMillis());
    try (Statement statement = connection.createStatement()) {
      statement.executeUpdate("PRAGMA incremental_vacuum(" + Limits.STORE_SCRUB_PAGES + ")");
      return "0".equals(pragma("wal_checkpoint", "TRUNCATE"));
    } catch (SQLiteException failure) {
      if ((failure.getResultCode().code & 0xff) == SQLiteErrorCode.SQLITE_BUSY.code) {
        return false;
      }
      throw failure;
    }
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }

  /** Closes a connection that may be broken. Its transaction has been rolled back. */
  void closeQuietly() {
    try {
      connection.close();
    } catch (SQLException | RuntimeException alreadyBroken) {
      // There is nothing else to release.
    }
  }

  /**
   * Turns a failure into an outage ({@link StoreUnavailable}) or, if a statement is wrong, into an
   * {@link IllegalStateException}.
   *
   * @param who the store, for the operator
   */
  static RuntimeException explain(String who, Path file, SQLException failure) {
    SQLException cause = failure.getCause() instanceof SQLException inner ? inner : failure;
    if (cause instanceof SQLTimeoutException) {
      return new StoreUnavailable(who, "out of time", failure);
    }
    if (!(cause instanceof SQLiteException sqlite)) {
      return Sql.programmingError(cause.getMessage(), failure);
    }
    SQLiteErrorCode code = sqlite.getResultCode();
    return switch (SQLiteErrorCode.getErrorCode(code.code & 0xff)) {
      case SQLITE_BUSY, SQLITE_LOCKED, SQLITE_PROTOCOL, SQLITE_SCHEMA ->
        new StoreUnavailable(who, "another process holds the lock (" + code.name() + ")", failure);
      case SQLITE_INTERRUPT -> new StoreUnavailable(who, "out of time", failure);
      case SQLITE_FULL -> new StoreUnavailable(who, "the disk is full", failure);
      case SQLITE_CORRUPT, SQLITE_NOTADB ->
        new StoreUnavailable(
            who, file + " is damaged (" + code.name() + "): restore a backup", failure);
      case SQLITE_IOERR, SQLITE_CANTOPEN, SQLITE_READONLY, SQLITE_PERM, SQLITE_NOMEM ->
        new StoreUnavailable(who, file + " cannot be used (" + code.name() + ")", failure);
      default -> {
        boolean quotes = failure instanceof Sql.Failed failed && failed.withArguments;
        yield Sql.programmingError(quotes ? code.name() : sqlite.getMessage(), failure);
      }
    };
  }

  /**
   * Repeats the statement while the file is busy: if two processes create it, SQLite reports that
   * here at once, in spite of the busy timeout.
   */
  private void useWriteAheadLog(Duration busy) throws SQLException {
    long end = System.nanoTime() + busy.toNanos();
    while (true) {
      try {
        String mode = pragma("journal_mode", "WAL");
        if (!"wal".equals(mode)) {
          throw unusable("no write-ahead log on this file system, only: " + mode);
        }
        return;
      } catch (SQLiteException failure) {
        if ((failure.getResultCode().code & 0xff) != SQLiteErrorCode.SQLITE_BUSY.code
            || System.nanoTime() - end >= 0) {
          throw failure;
        }
        LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
      }
    }
  }

  /** Sets a pragma; returns the first column of the result, if it has one. */
  private @Nullable String pragma(String name, Object value) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      if (!statement.execute("PRAGMA " + name + "=" + value)) {
        return null;
      }
      try (ResultSet answer = statement.getResultSet()) {
        return answer.next() ? answer.getString(1) : null;
      }
    }
  }
}

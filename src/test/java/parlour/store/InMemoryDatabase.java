package parlour.store;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;

/**
 * SQLite without a disk, for tests that make millions of changes. Each read and change runs on its
 * caller's thread. A test can return to an earlier state.
 */
public final class InMemoryDatabase implements Database {
  private static final Path NAME = Path.of(":memory:");

  private final String who;

  @GuardedBy("this")
  private final Connection connection;

  @GuardedBy("this")
  private final Statements statements;

  @GuardedBy("this")
  private final PreparedStatement begin;

  @GuardedBy("this")
  private final PreparedStatement commit;

  @GuardedBy("this")
  private final PreparedStatement rollback;

  @GuardedBy("this")
  private boolean isKept;

  public InMemoryDatabase(Schema schema) {
    Migrations migrations = Migrations.of(schema);
    who = migrations.role() + " store";
    try {
      SqliteDatabase.load();
      connection = DriverManager.getConnection("jdbc:sqlite:" + NAME);
      execute("PRAGMA foreign_keys=ON");
      migrations.migrate(connection, who, "BEGIN", "PRAGMA foreign_key_check");
      statements = new Statements(connection, Statements.CHANGES, StoreLimits.DEFAULT.statements());
      begin = connection.prepareStatement("SAVEPOINT change");
      commit = connection.prepareStatement("RELEASE change");
      rollback = connection.prepareStatement("ROLLBACK TO change");
    } catch (SQLException failure) {
      throw SqliteConnection.explain(who, NAME, failure);
    }
  }

  @Override
  public synchronized <T extends @Nullable Object> T read(Work<T> work) {
    try {
      return run(work);
    } catch (SQLException failure) {
      throw SqliteConnection.explain(who, NAME, failure);
    }
  }

  @Override
  public synchronized <T extends @Nullable Object> T write(Work<T> work) {
    try {
      begin.execute();
      boolean isDone = false;
      try {
        T result = run(work);
        isDone = true;
        return result;
      } finally {
        if (!isDone) {
          rollback.execute();
        }
        commit.execute();
      }
    } catch (SQLException failure) {
      throw SqliteConnection.explain(who, NAME, failure);
    }
  }

  private synchronized <T extends @Nullable Object> T run(Work<T> work) throws SQLException {
    return Sql.run(
        work, statements, System.nanoTime() + StoreLimits.DEFAULT.timeout().toNanos());
  }

  /** Keeps the present state, in place of the one that was kept before. */
  public synchronized void keep() {
    try {
      if (isKept) {
        execute("COMMIT");
      }
      execute("BEGIN");
      isKept = true;
    } catch (SQLException failure) {
      throw SqliteConnection.explain(who, NAME, failure);
    }
  }

  /** Returns to the state that was kept. */
  public synchronized void goBack() {
    try {
      execute("ROLLBACK");
      execute("BEGIN");
    } catch (SQLException failure) {
      throw SqliteConnection.explain(who, NAME, failure);
    }
  }

  private synchronized void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  @Override
  public void scrubSoon() {
    // Nothing is on a disk.
  }

  @Override
  public boolean scrub() {
    return true;
  }

  @Override
  public synchronized void close() {
    try {
      connection.close();
    } catch (SQLException failure) {
      throw SqliteConnection.explain(who, NAME, failure);
    }
  }
}

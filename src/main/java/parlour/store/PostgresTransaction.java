package parlour.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import parlour.store.Database.Work;

/**
 * One transaction on a connection of a pool. The driver begins it with its first statement, in the
 * same message; closed without a commit, it is rolled back.
 */
final class PostgresTransaction implements Change.Runner, AutoCloseable {
  private final Connection connection;
  private final Timed statements;

  static PostgresTransaction on(DataSource pool, Statements.Allowed allowed, StoreLimits limits)
      throws SQLException {
    return new PostgresTransaction(pool.getConnection(), allowed, limits.statements());
  }

  private PostgresTransaction(Connection connection, Statements.Allowed allowed, int capacity) {
    this.connection = connection;
    this.statements = new Timed(connection, allowed, capacity);
  }

  @Override
  public <T extends @Nullable Object> T run(Work<T> work, long deadline) throws SQLException {
    statements.deadline = deadline;
    return Sql.run(work, statements, deadline);
  }

  /** Before its first statement: for how long each of them may wait for another transaction. */
  void waitForLocks(Duration patience, long deadline) throws SQLException {
    answerBy(connection, deadline);
    try (Statement statement = connection.createStatement()) {
      statement.execute("SET LOCAL lock_timeout = " + patience.toMillis());
    }
  }

  /**
   * @throws SQLException with an unknown outcome, unless {@link PostgresFaults#isUndone} knows it
   */
  void commit(long deadline) throws SQLException {
    answerBy(connection, deadline);
    connection.commit();
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }

  /** The server ends what takes too long; this is for a server, or a network, that says nothing. */
  private static void answerBy(Connection connection, long deadline) throws SQLException {
    long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
    connection.setNetworkTimeout(Runnable::run, Math.toIntExact(Math.max(1, left)));
  }

  private static final class Timed extends Statements {
    private long deadline;

    Timed(Connection connection, Allowed allowed, int capacity) {
      super(connection, allowed, capacity);
    }

    @Override
    Prepared prepare(String sql) throws SQLException {
      Prepared prepared = super.prepare(sql);
      answerBy(connection(), deadline);
      return prepared;
    }
  }
}

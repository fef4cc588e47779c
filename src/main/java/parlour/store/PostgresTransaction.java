package parlour.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import parlour.store.Database.Work;

/**
 * One transaction on a connection of a pool. The driver begins it with its first statement, in the
 * same message; closed without a commit, it is rolled back.
 *
 * <p>The shortest timeout is that of the server's wait for a lock, then that of a statement, then
 * our own for the server's answer. The last one costs the connection, because its work may go on in
 * the server and keep its locks.
 */
final class PostgresTransaction implements PendingWrite.Runner, AutoCloseable {
  private final Connection connection;
  private final StoreLimits limits;
  private final Timed statements;

  static PostgresTransaction on(DataSource pool, Statements.Allowed allowed, StoreLimits limits)
      throws SQLException {
    return new PostgresTransaction(pool.getConnection(), allowed, limits);
  }

  /** How a transaction begins on a connection of a pool. */
  @FunctionalInterface
  interface Opening {
    PostgresTransaction on(DataSource pool, Statements.Allowed allowed, StoreLimits limits)
        throws SQLException;
  }

  /** A transaction of one statement, without messages for its beginning and its end. */
  static PostgresTransaction ofOneStatement(
      DataSource pool, Statements.Allowed allowed, StoreLimits limits) throws SQLException {
    PostgresTransaction transaction = on(pool, allowed, limits);
    try {
      transaction.connection.setAutoCommit(true); // the pool resets it
    } catch (SQLException lost) {
      try (transaction) {
        throw lost;
      }
    }
    transaction.statements.allow(Statements.Allowance.ONE);
    return transaction;
  }

  private PostgresTransaction(
      Connection connection, Statements.Allowed allowed, StoreLimits limits) {
    this.connection = connection;
    this.limits = limits;
    this.statements = new Timed(connection, allowed, limits);
  }

  @Override
  public <T extends @Nullable Object> T run(Work<T> work, long deadline) throws SQLException {
    return Sql.run(work, statements, deadline);
  }

  /**
   * Sets limits before the first statement, so that no statement runs or waits for a lock past the
   * deadline.
   */
  void endBy(long deadline) throws SQLException {
    long margin = limits.margin().toMillis();
    long left = Duration.ofNanos(deadline - System.nanoTime()).toMillis();
    long each = Math.clamp(left - margin, margin, limits.statement().toMillis());
    long lock = Math.clamp(each - margin, 1, limits.busy().toMillis());
    waitFor(connection, limits);
    connection.setAutoCommit(false); // SET LOCAL holds for a transaction
    try (Statement statement = connection.createStatement()) {
      statement.execute(
          "SET LOCAL statement_timeout = %d; SET LOCAL lock_timeout = %d".formatted(each, lock));
    }
  }

  /** Sets these limits only if much of the time has passed, because it costs a round trip. */
  void endByIfLate(long deadline) throws SQLException {
    Duration left = Duration.ofNanos(deadline - System.nanoTime());
    if (left.compareTo(limits.statement().minus(limits.margin())) < 0) {
      endBy(deadline);
    }
  }

  /**
   * @throws SQLException if the outcome is unknown, or {@link PostgresFaults#isUndone} is true
   */
  void commit() throws SQLException {
    waitFor(connection, limits);
    connection.commit();
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }

  /**
   * Bounds the wait for an answer if the server, or the network, does not even report a timeout.
   */
  private static void waitFor(Connection connection, StoreLimits limits) throws SQLException {
    connection.setNetworkTimeout(Runnable::run, Math.toIntExact(limits.timeout().toMillis()));
  }

  private static final class Timed extends Statements {
    private final StoreLimits limits;

    Timed(Connection connection, Allowed allowed, StoreLimits limits) {
      super(connection, allowed, limits.statements());
      this.limits = limits;
    }

    @Override
    boolean areRoundTrips() {
      return true;
    }

    @Override
    Prepared prepare(String sql, boolean returning) throws SQLException {
      Prepared prepared = super.prepare(sql, returning);
      waitFor(connection(), limits);
      return prepared;
    }
  }
}

package parlour.store;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.pool.HikariPool.PoolInitializationException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import parlour.Durations;
import parlour.Limits;

/**
 * A database in one schema of a PostgreSQL: changes in groups on some connections, reads on others.
 * Any number of processes may use it at the same time.
 *
 * <p>Each statement of a change sees everything that was committed before it (READ COMMITTED). A
 * change of several rows must first lock the row that they belong to. A read sees one state
 * (REPEATABLE READ).
 */
public final class PostgresDatabase implements Database {
  /** The reason if a commit got no answer. */
  static final String UNKNOWN = "lost at the commit, the change may still be made";

  /** Whether this thread is inside a change. */
  private static final ThreadLocal<Boolean> CHANGING = ThreadLocal.withInitial(() -> false);

  private final PostgresServer server;
  private final String who;
  private final StoreLimits limits;
  private final HikariDataSource changes;
  private final HikariDataSource reads;
  private final PostgresWriters writers;
  private final Semaphore calls;

  /** Bounds the changes that are made alone, so that groups always find a connection. */
  private final Semaphore alone;

  private final AtomicBoolean closed = new AtomicBoolean();

  /** Opens a role's schema, and applies its migrations. */
  public static PostgresDatabase open(PostgresServer server, Schema schema) {
    return open(
        server,
        Migrations.of(schema),
        MigrationMode.APPLY,
        StoreLimits.ofServer(Limits.STORE_CONNECTIONS));
  }

  /**
   * Opens the schema, and creates or migrates it if {@code migrate} allows that.
   *
   * @throws SchemaMismatch if it does not fit this program and cannot be migrated
   * @throws StoreUnavailable if the server cannot be reached or used, with the remedy
   * @throws IllegalStateException if a migration is wrong; nothing of it is kept
   */
  public static PostgresDatabase open(
      PostgresServer server, Migrations migrations, MigrationMode migrate, StoreLimits limits) {
    var schema = new PostgresSchema(server, migrations);
    try (Connection connection = withoutTimeouts(server, schema, limits).getConnection()) {
      checkPooler(server, schema, limits, connection);
      schema.prepare(connection, migrate);
      schema.checkComplete(connection);
    } catch (SQLException failure) {
      throw PostgresFaults.explain(migrations.role() + " store", server, failure);
    }
    return new PostgresDatabase(server, schema, migrations.role(), limits);
  }

  /**
   * Detects a pooler that lends connections for a transaction (pgbouncer's {@code pool_mode =
   * transaction}): it would apply our settings, such as the schema, to other clients, and theirs to
   * us.
   */
  private static void checkPooler(
      PostgresServer server, PostgresSchema schema, StoreLimits limits, Connection connection)
      throws SQLException {
    int first = backend(connection);
    if (first == connection.unwrap(PGConnection.class).getBackendPID()) {
      return; // no pooler is between us and the server
    }
    try (Connection other = withoutTimeouts(server, schema, limits).getConnection()) {
      for (int i = 0; i < Limits.POSTGRES_POOLER_CHECKS; i++) {
        if (backend(other) == first || backend(connection) != first) {
          throw new SchemaMismatch(
              server.toString(),
              "it is a pooler that lends connections only for a transaction or a statement, but"
                  + " each connection of the store must stay the same for a session",
              "Set pool_mode = session for this database in the pooler (pgbouncer.ini), or name the"
                  + " server itself in database.url");
        }
      }
    }
  }

  /** The process of the server that serves a connection. */
  private static int backend(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT pg_backend_pid()")) {
      row.next();
      return row.getInt(1);
    }
  }

  /** Connections without timeouts, for migrations and copies. */
  static DataSource withoutTimeouts(
      PostgresServer server, PostgresSchema schema, StoreLimits limits) {
    Duration never = Duration.ZERO;
    return server.connections(
        schema.name(), "parlour migrations", never, limits.migration(), never);
  }

  private PostgresDatabase(
      PostgresServer server, PostgresSchema schema, String role, StoreLimits limits) {
    this.server = server;
    this.who = role + " store";
    this.limits = limits;
    calls = new Semaphore(limits.readers());
    alone = new Semaphore(Limits.STORE_SINGLE_CONNECTIONS + limits.readers() / 2);
    DataSource connections = server.connections(
        schema.name(),
        "parlour " + role,
        limits.statement(),
        Limits.POSTGRES_GROUP_LOCK_TIMEOUT,
        limits.timeout());
    reads = pool(connections, role + " reads", limits.readers(), true);
    try {
      changes = pool(
          connections,
          role + " changes",
          limits.readers() + Limits.STORE_SINGLE_CONNECTIONS,
          false);
    } catch (StoreUnavailable failure) {
      reads.close();
      throw failure;
    }
    writers = new PostgresWriters(changes, server, who, limits);
    writers.start();
  }

  private HikariDataSource pool(DataSource connections, String name, int max, boolean reads) {
    var config = new HikariConfig();
    config.setPoolName(name);
    config.setDataSource(connections);
    config.setMaximumPoolSize(max);
    config.setMinimumIdle(1);
    config.setConnectionTimeout(limits.connection().toMillis());
    config.setValidationTimeout(Durations.part(limits.connection(), 2).toMillis());
    config.setMaxLifetime(Limits.POSTGRES_CONNECTION_AGE.toMillis());
    // The first caller, who may be a command, does not wait for a new connection.
    config.setInitializationFailTimeout(limits.migration().toMillis());
    config.setAutoCommit(false);
    config.setReadOnly(reads);
    config.setTransactionIsolation(
        reads ? "TRANSACTION_REPEATABLE_READ" : "TRANSACTION_READ_COMMITTED");
    try {
      return new HikariDataSource(config);
    } catch (PoolInitializationException failure) {
      throw failure.getCause() instanceof SQLException reason
          ? PostgresFaults.explain(who, server, reason)
          : failure;
    }
  }

  @Override
  public <T extends @Nullable Object> T read(Work<T> work) {
    return read(work, PostgresTransaction::on);
  }

  @Override
  public <T extends @Nullable Object> T readOne(Work<T> work) {
    return read(work, PostgresTransaction::ofOneStatement);
  }

  private <T extends @Nullable Object> T read(Work<T> work, PostgresTransaction.Opening opening) {
    if (CHANGING.get()) {
      throw new IllegalStateException("a read inside a change would not see it: use its Sql");
    }
    long deadline = begin();
    try {
      long begunBy = deadline - limits.connection().toNanos();
      if (!calls.tryAcquire(begunBy - System.nanoTime(), TimeUnit.NANOSECONDS)) {
        throw new StoreUnavailable(who, "all its connections are busy", null);
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new StoreUnavailable(who, "interrupted", interrupted);
    }
    try {
      checkOpen();
      return readNow(work, opening, deadline);
    } finally {
      calls.release();
    }
  }

  private <T extends @Nullable Object> T readNow(
      Work<T> work, PostgresTransaction.Opening opening, long deadline) {
    for (int attempt = 1; ; attempt++) {
      try (var transaction = opening.on(reads, Statements.READS, limits)) {
        transaction.endByIfLate(deadline);
        return transaction.run(work, deadline);
      } catch (SQLException failure) {
        boolean again = PostgresFaults.isLoss(failure) || PostgresFaults.isContention(failure);
        if (!again || !canRetry(attempt, deadline)) {
          throw explain(failure);
        }
      }
    }
  }

  @Override
  public <T extends @Nullable Object> T write(Work<T> work) {
    return write(work, null);
  }

  @Override
  public <A, R> R writeTogether(SharedChange<A, R> change, A arguments) {
    return write(
        sql -> change.of(sql, List.of(arguments)).getFirst(),
        new PendingWrite.Shared<>(change, arguments));
  }

  private <T extends @Nullable Object> T write(
      Work<T> work, PendingWrite.@Nullable Shared<?, ?> shared) {
    if (CHANGING.get()) {
      throw new IllegalStateException("a change inside a change would wait for itself");
    }
    var write = new PendingWrite<T>(marked(work), begin(), shared);
    T made = writers.write(write);
    if (!write.handedBack()) {
      return made;
    }
    if (write.isLate()) { // Alone it would only occupy a connection.
      throw new StoreUnavailable(who, "out of time, nothing was changed", null);
    }
    try {
      long untilTooLate = write.deadline() - limits.margin().toNanos() - System.nanoTime();
      if (!alone.tryAcquire(untilTooLate, TimeUnit.NANOSECONDS)) {
        throw new StoreUnavailable(
            who, "other changes are waiting for a lock that another session holds", null);
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new StoreUnavailable(who, "interrupted", interrupted);
    }
    try {
      return alone(write);
    } finally {
      alone.release();
    }
  }

  /** Refuses calls of this database within the work. */
  static <T extends @Nullable Object> Work<T> marked(Work<T> work) {
    return sql -> {
      CHANGING.set(true);
      try {
        return work.run(sql);
      } finally {
        CHANGING.remove();
      }
    };
  }

  /** Makes a change alone, and retries it if it conflicts with others. */
  private <T extends @Nullable Object> T alone(PendingWrite<T> write) {
    long deadline = write.deadline();
    for (int attempt = 1; ; attempt++) {
      boolean committing = false;
      try (var transaction = PostgresTransaction.on(changes, Statements.CHANGES, limits)) {
        transaction.endBy(deadline);
        T made = transaction.run(write.work(), deadline);
        committing = true;
        transaction.commit();
        return made;
      } catch (SQLException failure) {
        boolean undone = !committing || PostgresFaults.isUndone(failure);
        if (!undone) {
          throw new StoreUnavailable(who, UNKNOWN, failure);
        }
        boolean again = PostgresFaults.isContention(failure)
            || PostgresFaults.isLoss(failure)
            || (PostgresFaults.isConstraint(failure) && attempt == 1);
        if (!again || !canRetry(attempt, deadline)) {
          throw explain(failure);
        }
      }
    }
  }

  private boolean canRetry(int attempt, long deadline) {
    return attempt < Limits.POSTGRES_ATTEMPTS
        && deadline - System.nanoTime() > limits.connection().toNanos()
        && !Thread.currentThread().isInterrupted();
  }

  private RuntimeException explain(SQLException failure) {
    if (Thread.currentThread().isInterrupted()) {
      return new StoreUnavailable(who, "interrupted", failure);
    }
    return PostgresFaults.explain(who, server, failure);
  }

  /** The deadline of a call that begins now. */
  private long begin() {
    checkOpen();
    if (Thread.currentThread().isInterrupted()) {
      throw new StoreUnavailable(who, "interrupted", null);
    }
    return System.nanoTime() + limits.timeout().toNanos();
  }

  private void checkOpen() {
    if (closed.get()) {
      throw new StoreUnavailable(who, "closed", null);
    }
  }

  /** The server's own vacuum removes it (docs/operating.md, "Erased data"). */
  @Override
  public void scrubSoon() {}

  @Override
  public boolean scrub() {
    return true;
  }

  /** Returns after the last change is durable and the running reads have ended. */
  @Override
  public StoreActivity activity() {
    return writers
        .activity()
        .withReads(limits.readers() - calls.availablePermits(), calls.getQueueLength());
  }

  @Override
  public void close() {
    if (CHANGING.get()) {
      throw new IllegalStateException("closing inside a change would wait for itself");
    }
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    writers.close();
    try {
      // A read that takes longer loses its connection.
      boolean _ =
          calls.tryAcquire(limits.readers(), limits.timeout().toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
    reads.close();
    changes.close();
  }
}

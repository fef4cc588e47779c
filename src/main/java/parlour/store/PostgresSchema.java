package parlour.store;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;
import parlour.Durations;
import parlour.Limits;

/**
 * A role's schema in a PostgreSQL database, which is created if it is missing, and migrated by the
 * same files as a SQLite database. The type {@code BLOB} of these files is a domain here.
 */
final class PostgresSchema {
  /** The oldest version that still receives security fixes. */
  private static final int OLDEST_VERSION = 15;

  /** First number of our advisory locks ("parl"); the second one stands for the schema. */
  private static final int LOCKS = 0x7061726c;

  /** A table that exists while data is copied into the schema, which is incomplete until then. */
  static final String UNFINISHED_COPY = "unfinished_move";

  private static final Duration LOCK_TIMEOUT =
      Durations.part(Limits.POSTGRES_GROUP_LOCK_TIMEOUT, 2);
  private static final Duration PAUSE = Durations.times(Limits.POSTGRES_GROUP_LOCK_TIMEOUT, 2);

  private final PostgresServer server;
  private final Migrations migrations;
  private final String name;

  PostgresSchema(PostgresServer server, Migrations migrations) {
    this.server = server;
    this.migrations = migrations;
    this.name = nameFor(migrations.role());
  }

  static String nameFor(String role) {
    return "parlour_" + role.toLowerCase(Locale.ROOT).replace('-', '_');
  }

  String name() {
    return name;
  }

  /**
   * Migrates or verifies the schema.
   *
   * @param connection in autocommit mode, with this schema on its path, even if it does not exist
   * @throws SchemaMismatch if the schema does not fit this program and cannot be migrated
   */
  void prepare(Connection connection, MigrationMode migrate) throws SQLException {
    checkVersion(connection);
    switch (migrate) {
      case APPLY -> {
        // Checked first, so that an ordinary start needs no right to create a schema.
        if (!exists(connection)) {
          create(connection);
        }
        migrate(connection);
      }
      case VERIFY -> {
        if (!exists(connection)) {
          throw new SchemaMismatch(toString(), "there is no such schema", "Start the server once");
        }
        migrations.check(connection, toString());
      }
    }
  }

  /**
   * A change of a table waits for all who read it, as a backup does, and all later calls wait behind
   * the change. So it waits for a shorter time than calls do, and then lets them pass before it
   * tries again.
   */
  private void migrate(Connection connection) throws SQLException {
    String begin = "%s; SET LOCAL lock_timeout = %d".formatted(begin(), LOCK_TIMEOUT.toMillis());
    long end = System.nanoTime() + Limits.STORE_MIGRATION_TIMEOUT.toNanos();
    while (true) {
      try {
        migrations.migrate(connection, toString(), begin, "SELECT 1 WHERE FALSE");
        return;
      } catch (SQLException failure) {
        if (!PostgresFaults.isLocked(failure) || System.nanoTime() - end > 0) {
          throw failure;
        }
        LockSupport.parkNanos(PAUSE.toNanos());
      }
    }
  }

  /**
   * @throws SchemaMismatch if a copy into this schema is unfinished
   */
  void checkComplete(Connection connection) throws SQLException {
    if (found(connection, "SELECT to_regclass('%s.%s')".formatted(name, UNFINISHED_COPY))) {
      throw new SchemaMismatch(
          toString(),
          "data is being moved here, and not all of it has arrived",
          "Run parlour migrate again until it reports that all data is moved");
    }
  }

  private void checkVersion(Connection connection) throws SQLException {
    int version = connection.getMetaData().getDatabaseMajorVersion();
    if (version < OLDEST_VERSION) {
      throw new SchemaMismatch(
          server.toString(),
          "it is PostgreSQL %d, and Parlour needs %d or newer".formatted(version, OLDEST_VERSION),
          "Upgrade the server");
    }
  }

  private boolean exists(Connection connection) throws SQLException {
    // From the catalogue: to_regnamespace may still answer as before the lock was acquired.
    return found(connection, "SELECT nspname FROM pg_namespace WHERE nspname = '" + name + "'");
  }

  private void create(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(begin());
      try {
        if (!exists(connection)) { // Another process may have created it.
          statement.execute("CREATE SCHEMA " + name);
          statement.execute("CREATE DOMAIN " + name + ".blob AS bytea");
        }
        statement.execute("COMMIT");
      } catch (SQLException failure) {
        statement.execute("ROLLBACK");
        throw failure;
      }
    }
  }

  /** Begins a transaction, and waits for other processes that are changing this schema. */
  private String begin() {
    return "BEGIN; SELECT pg_advisory_xact_lock(%d, %d)".formatted(LOCKS, name.hashCode());
  }

  private static boolean found(Connection connection, String query) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      return row.next() && row.getString(1) != null;
    }
  }

  @Override
  public String toString() {
    return server + " " + name;
  }
}

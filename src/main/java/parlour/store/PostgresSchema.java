package parlour.store;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Locale;

/**
 * A role's schema in a database: made where it is missing, and brought up to date by the files that
 * SQLite has too.
 *
 * <p>What the two write differently is here: {@code BLOB} is a domain of that name.
 */
final class PostgresSchema {
  /** The oldest that its makers mend. */
  private static final int OLDEST_VERSION = 15;

  /** Locks of the whole database are known by two numbers: "parl", and one per schema. */
  private static final int LOCKS = 0x7061726c;

  /** There while data is moved here, and no longer: what is in the schema then is not all. */
  static final String MOVE = "unfinished_move";

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
   * @param connection in autocommit mode, in this schema, whether it is there or not
   * @throws SchemaMismatch if the schema is not this program's, and cannot or may not be made so
   */
  void prepare(Connection connection, MigrationMode migrate) throws SQLException {
    demandVersion(connection);
    switch (migrate) {
      case APPLY -> {
        // Asked first: an ordinary start needs no right to make a schema.
        if (!exists(connection)) {
          create(connection);
        }
        migrations.migrate(connection, toString(), begin(), "SELECT 1 WHERE FALSE");
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
   * @throws SchemaMismatch if data is being moved here
   */
  void demandWhole(Connection connection) throws SQLException {
    if (found(connection, "SELECT to_regclass('%s.%s')".formatted(name, MOVE))) {
      throw new SchemaMismatch(
          toString(),
          "data is being moved here, and not all of it has arrived",
          "Run parlour migrate again until it says that all is moved");
    }
  }

  private void demandVersion(Connection connection) throws SQLException {
    int version = connection.getMetaData().getDatabaseMajorVersion();
    if (version < OLDEST_VERSION) {
      throw new SchemaMismatch(
          server.toString(),
          "it is PostgreSQL %d, and %d is the oldest that will do"
              .formatted(version, OLDEST_VERSION),
          "Upgrade the server");
    }
  }

  private boolean exists(Connection connection) throws SQLException {
    // The catalogue itself: to_regnamespace remembers what was not there before the lock.
    return found(connection, "SELECT nspname FROM pg_namespace WHERE nspname = '" + name + "'");
  }

  private void create(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(begin());
      try {
        if (!exists(connection)) { // Another process may have been quicker.
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

  /** Begins a transaction, and waits for those of other processes that change this schema. */
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

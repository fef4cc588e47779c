package parlour.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import parlour.Sha256;

/**
 * The versioned files that create one role's schema. They are applied in order, each in a
 * transaction of its own, and only by one process at a time.
 *
 * <p>An applied file must not change: the next file fixes its mistakes. Each role has its own
 * schema (or file) with its own {@code schema_migration} table. A statement after the comment {@code
 * -- only SQLite:} or {@code -- only PostgreSQL:} is for that database alone.
 */
public final class Migrations {
  private static final Set<String> TRANSACTIONAL =
      Set.of("BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT", "ATTACH", "VACUUM");

  private static final String TABLE = """
      CREATE TABLE IF NOT EXISTS schema_migration (
        version INTEGER PRIMARY KEY,
        name TEXT NOT NULL,
        checksum TEXT NOT NULL,
        applied_at BIGINT NOT NULL)\
      """;

  /** A comment before a statement that only one of the databases understands. */
  private static final Pattern ONLY = Pattern.compile("(?m)^-- only (SQLite|PostgreSQL):");

  private final String role;
  private final List<Migration> migrations;

  /**
   * @param checksum of the text with line feeds only, because git may write other line ends
   */
  record Migration(int version, String name, String script, String checksum) {
    static Migration of(String name, String text) {
      if (!name.matches("[0-9]{3}-.+\\.sql")) {
        throw new IllegalArgumentException("not named NNN-name.sql: " + name);
      }
      String script = text.replace("\r\n", "\n");
      int version = Integer.parseInt(name.substring(0, 3));
      return new Migration(version, name, script, HexFormat.of().formatHex(Sha256.of(script)));
    }
  }

  private record Applied(int version, String name, String checksum) {}

  /**
   * Reads the files {@code parlour/ROLE/NNN-name.sql} from the class path.
   */
  public static Migrations of(Schema schema) {
    List<Migration> migrations = new ArrayList<>();
    for (String file : schema.migrations()) {
      String path = "/parlour/" + schema.role() + "/" + file;
      try (InputStream stream = Migrations.class.getResourceAsStream(path)) {
        if (stream == null) {
          throw new IllegalArgumentException("not on the class path: " + path);
        }
        migrations.add(Migration.of(file, new String(stream.readAllBytes(), UTF_8)));
      } catch (IOException failure) {
        throw new UncheckedIOException(path, failure);
      }
    }
    return new Migrations(schema.role(), migrations);
  }

  Migrations(String role, List<Migration> migrations) {
    this.role = role;
    this.migrations = List.copyOf(migrations);
    for (int i = 0; i < migrations.size(); i++) {
      if (!migrations.get(i).name().startsWith(String.format(Locale.ROOT, "%03d-", i + 1))) {
        throw new IllegalArgumentException(migrations.get(i).name() + " is not number " + (i + 1));
      }
    }
  }

  String role() {
    return role;
  }

  /**
   * Applies the missing migrations.
   *
   * @param connection in autocommit mode, without a transaction
   * @param database its name in messages
   * @param begin the statement that begins a transaction and waits for other processes
   * @param broken a query that returns a row for each violation of the schema
   * @throws SchemaMismatch if the database is newer than this program, or has other migrations
   * @throws IllegalStateException if a migration is wrong; nothing of it is kept
   */
  void migrate(Connection connection, String database, String begin, String broken)
      throws SQLException {
    // Checked without a transaction first, so that an ordinary start does not wait.
    int applied = compare(history(connection), database);
    for (Migration migration : migrations.subList(applied, migrations.size())) {
      try (Statement statement = connection.createStatement()) {
        statement.execute(begin);
        try {
          statement.execute(TABLE);
          // Checked again: another process may have applied it.
          if (compare(recorded(connection), database) < migration.version()) {
            apply(migration, statement, broken);
          }
          statement.execute("COMMIT");
        } catch (SQLException | RuntimeException failure) {
          rollBack(statement, failure);
          throw failure;
        }
      }
    }
  }

  /**
   * Verifies the schema without changing it, for a command beside a running server.
   *
   * @throws SchemaMismatch if the schema is older or newer, or has other migrations
   */
  void check(Connection connection, String database) throws SQLException {
    int applied = compare(history(connection), database);
    if (applied < migrations.size()) {
      throw new SchemaMismatch(
          database,
          "its schema is at version " + applied + " of " + migrations.getLast().name(),
          "Start the server of this version once, which migrates it");
    }
  }

  private void apply(Migration migration, Statement statement, String broken) throws SQLException {
    String file = role + "/" + migration.name();
    String product = statement.getConnection().getMetaData().getDatabaseProductName();
    for (SqlStatement part : SqlStatement.split(migration.script())) {
      if (TRANSACTIONAL.contains(part.verb())) {
        throw new IllegalStateException(
            file + " runs in one transaction, and must not contain " + part.text());
      }
      if (!isFor(product, part)) {
        continue;
      }
      try {
        statement.execute(part.text());
      } catch (SQLException failure) {
        throw new Sql.Failed(file + ": " + part.text(), failure, false);
      }
    }
    try (ResultSet violations = statement.executeQuery(broken)) {
      if (violations.next()) {
        throw new IllegalStateException(file + ": rows are left that violate the schema");
      }
    }
    String remember =
        "INSERT INTO schema_migration (version, name, checksum, applied_at) VALUES (?, ?, ?, ?)";
    try (PreparedStatement insert = statement.getConnection().prepareStatement(remember)) {
      insert.setInt(1, migration.version());
      insert.setString(2, migration.name());
      insert.setString(3, migration.checksum());
      insert.setLong(4, System.currentTimeMillis());
      insert.executeUpdate();
    }
  }

  private static boolean isFor(String product, SqlStatement part) {
    Matcher only = ONLY.matcher(part.text());
    return !only.find() || only.group(1).equals(product);
  }

  /** Compares the applied migrations with the files; returns their number. */
  private int compare(List<Applied> history, String database) {
    for (int i = 0; i < history.size(); i++) {
      Applied applied = history.get(i);
      if (i >= migrations.size()) {
        throw new SchemaMismatch(
            database,
            "it is newer than this program, which does not know "
                + history.getLast().name(),
            "Start the newer program again, or restore a backup from before it");
      }
      Migration migration = migrations.get(i);
      if (applied.version() != migration.version()
          || !applied.checksum().equals(migration.checksum())) {
        throw new SchemaMismatch(
            database,
            role
                + "/"
                + migration.name()
                + " is not the file that was applied as "
                + applied.name(),
            "Give the file its released text again, and put the change into a new migration");
      }
    }
    return history.size();
  }

  /** The applied migrations; none if a new database has no table for them yet. */
  private static List<Applied> history(Connection connection) throws SQLException {
    String schema = connection.getSchema();
    try (ResultSet table =
        connection.getMetaData().getTables(null, schema, "schema_migration", null)) {
      return table.next() ? recorded(connection) : List.of();
    }
  }

  private static List<Applied> recorded(Connection connection) throws SQLException {
    List<Applied> history = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(
            "SELECT version, name, checksum FROM schema_migration ORDER BY version")) {
      while (row.next()) {
        history.add(
            new Applied(row.getInt("version"), row.getString("name"), row.getString("checksum")));
      }
    }
    return history;
  }

  private static void rollBack(Statement statement, Exception failure) {
    try {
      statement.execute("ROLLBACK");
    } catch (SQLException alreadyRolledBack) {
      failure.addSuppressed(alreadyRolledBack);
    }
  }
}

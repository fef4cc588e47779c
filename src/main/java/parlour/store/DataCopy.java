package parlour.store;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteException;
import parlour.Limits;
import parlour.store.SqliteConnection.Use;
import parlour.store.TableCopy.Row;

/**
 * Copies one role's tables from its SQLite file into its PostgreSQL schema. Rows that are already
 * there and equal are not written: a copy that was interrupted, or whose file has changed since,
 * can be repeated, and only transfers the difference.
 *
 * <p>It reads one state of the file, even while a server writes to it. From its beginning to {@link
 * #finish}, no server can start on the schema.
 */
public final class DataCopy {
  private final Path file;
  private final PostgresServer server;
  private final Migrations migrations;
  private final PostgresSchema schema;

  public DataCopy(Path file, PostgresServer server, Schema schema) {
    this.file = file;
    this.server = server;
    this.migrations = Migrations.of(schema);
    this.schema = new PostgresSchema(server, this.migrations);
  }

  /**
   * A table that was copied completely.
   *
   * @param rows the number of rows, in the file and in the server
   * @param checksum of all rows, in both
   * @param changed how many rows this run wrote or removed
   */
  public record Copied(String role, String table, long rows, String checksum, long changed) {}

  /**
   * Copies all tables.
   *
   * @param source a name of the data's origin; a schema accepts data of one origin only
   * @throws SchemaMismatch if the file has another version, the schema contains other data, or the
   *     copy differs from the file afterwards
   * @throws StoreUnavailable if the file or the server cannot be used
   */
  public void copy(String source, Consumer<Copied> progress) {
    if (!Files.exists(file)) {
      throw new SchemaMismatch(file.toString(), "there is no such file", "Name the data folder");
    }
    try (SqliteConnection sqlite = SqliteConnection.open(file, Use.READ, StoreLimits.DEFAULT);
        Connection to = connection();
        Connection scanned = connection()) {
      migrations.check(sqlite.connection(), file.toString());
      schema.prepare(to, MigrationMode.APPLY);
      to.setAutoCommit(false);
      scanned.setAutoCommit(false);
      sqlite.begin(); // All reads see the state of this moment.
      new Copying(sqlite.connection(), to, scanned).all(source, progress);
    } catch (SQLException failure) {
      throw explain(failure);
    }
  }

  /** Work on the tables after they were copied. */
  @FunctionalInterface
  public interface More<T> {
    /** Runs the work; what it does not commit itself is committed after it. */
    T run(Connection to) throws SQLException;
  }

  /** Runs work on the copied tables, before servers can start on them. */
  public <T> T more(More<T> work) {
    try (Connection to = connection()) {
      to.setAutoCommit(false);
      T result = work.run(to);
      to.commit();
      return result;
    } catch (SQLException failure) {
      throw explain(failure);
    }
  }

  /** Lets servers start on the schemas: on all of them or, if this fails, on none. */
  public static void finish(List<DataCopy> copies) {
    DataCopy first = copies.getFirst();
    try (Connection to = first.connection();
        Statement statement = to.createStatement()) {
      to.setAutoCommit(false);
      for (DataCopy copy : copies) {
        statement.execute(
            "DROP TABLE " + copy.schema.name() + "." + PostgresSchema.UNFINISHED_COPY);
      }
      to.commit();
    } catch (SQLException failure) {
      throw first.explain(failure);
    }
  }

  private Connection connection() throws SQLException {
    return PostgresDatabase.withoutTimeouts(server, schema, StoreLimits.DEFAULT).getConnection();
  }

  private RuntimeException explain(SQLException failure) {
    String who = migrations.role() + " move";
    return failure instanceof SQLiteException
        ? SqliteConnection.explain(who, file, failure)
        : PostgresFaults.explain(who, server, failure);
  }

  private final class Copying {
    private final Connection from;
    private final Connection to;

    /** A second connection to the server, which reads whole tables while the first changes them. */
    private final Connection scanned;

    Copying(Connection from, Connection to, Connection scanned) {
      this.from = from;
      this.to = to;
      this.scanned = scanned;
    }

    void all(String source, Consumer<Copied> progress) throws SQLException {
      List<TableCopy> tables = TableCopy.of(from);
      claim(tables, source);
      Map<String, Long> removed = new HashMap<>();
      for (TableCopy table : tables.reversed()) { // Children are removed before their parents …
        removed.put(table.name(), remove(table));
      }
      for (TableCopy table : tables) { // … and written after them.
        long written = write(table);
        progress.accept(verified(table, written + removed.getOrDefault(table.name(), 0L)));
      }
    }

    /** Marks the schema as incomplete, unless an earlier run of the same copy did. */
    private void claim(List<TableCopy> tables, String source) throws SQLException {
      try (Statement statement = to.createStatement()) {
        statement.execute("CREATE TABLE IF NOT EXISTS " + PostgresSchema.UNFINISHED_COPY
            + " (source TEXT NOT NULL)");
        String claimed =
            text(statement, "SELECT min(source) FROM " + PostgresSchema.UNFINISHED_COPY);
        if (claimed == null) {
          checkEmpty(statement, tables);
          try (PreparedStatement insert = to.prepareStatement(
              "INSERT INTO " + PostgresSchema.UNFINISHED_COPY + " VALUES (?)")) {
            insert.setString(1, source);
            insert.executeUpdate();
          }
        } else if (!claimed.equals(source)) {
          throw new SchemaMismatch(
              schema.toString(),
              "data of another folder is being moved here",
              "Name that folder, or an empty database; nothing was changed");
        }
      }
      to.commit();
    }

    private void checkEmpty(Statement statement, List<TableCopy> tables) throws SQLException {
      for (TableCopy table : tables) {
        if (table.hasKey()
            && text(statement, "SELECT 1 FROM " + table.name() + " LIMIT 1") != null) {
          throw new SchemaMismatch(
              schema.toString(),
              "it holds data already, in the table " + table.name(),
              "Name an empty database; nothing was changed");
        }
      }
    }

    private static @Nullable String text(Statement statement, String query) throws SQLException {
      try (ResultSet row = statement.executeQuery(query)) {
        return row.next() ? row.getString(1) : null;
      }
    }

    /** Removes the rows that are not in the file. */
    private long remove(TableCopy table) throws SQLException {
      if (!table.hasKey()) {
        return 0; // Such a table is replaced as a whole.
      }
      var removed = new Count();
      batches(scanned, table, batch -> {
        Set<List<@Nullable Object>> kept = TableCopy.keys(table.find(from, batch));
        List<Row> gone = batch.stream().filter(row -> !kept.contains(row.key())).toList();
        table.delete(to, gone);
        to.commit();
        removed.add(gone.size());
      });
      return removed.count;
    }

    /** Writes the rows that are missing or differ. */
    private long write(TableCopy table) throws SQLException {
      var written = new Count();
      if (!table.hasKey()) {
        try (Statement statement = to.createStatement()) {
          statement.execute("DELETE FROM " + table.name());
        }
      }
      batches(from, table, batch -> {
        Map<List<@Nullable Object>, String> there = new HashMap<>();
        if (table.hasKey()) {
          table.find(to, batch).forEach(row -> there.put(row.key(), row.digest()));
        }
        List<Row> missing = batch.stream()
            .filter(row -> !row.digest().equals(there.get(row.key())))
            .toList();
        table.upsert(to, missing);
        to.commit(); // An interrupted copy continues from here.
        written.add(missing.size());
      });
      to.commit();
      return written.count;
    }

    /** Reads the table in the file and in the server once more, and compares them. */
    private Copied verified(TableCopy table, long changed) throws SQLException {
      var sent = new Sum();
      batches(from, table, sent::add);
      var arrived = new Sum();
      batches(scanned, table, arrived::add);
      if (sent.rows != arrived.rows || !sent.checksum().equals(arrived.checksum())) {
        throw new SchemaMismatch(
            schema + " " + table.name(),
            "%d rows were sent and %d are there, with checksums %s and %s"
                .formatted(sent.rows, arrived.rows, sent.checksum(), arrived.checksum()),
            "Stop every other writer of this schema, and repeat the command");
      }
      try (Statement statement = to.createStatement()) {
        statement.execute(
            "ANALYZE " + table.name()); // Or the planner has no statistics for the first queries.
      }
      to.commit();
      return new Copied(migrations.role(), table.name(), sent.rows, sent.checksum(), changed);
    }
  }

  @FunctionalInterface
  private interface Batch {
    void accept(List<Row> rows) throws SQLException;
  }

  /** Reads a whole table, with one batch in memory at a time. */
  private static void batches(Connection connection, TableCopy table, Batch batch)
      throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.setFetchSize(Limits.COPY_BATCH);
      try (ResultSet row = statement.executeQuery(table.all())) {
        List<Row> rows = new ArrayList<>();
        while (row.next()) {
          rows.add(table.row(row));
          if (rows.size() == Limits.COPY_BATCH) {
            batch.accept(rows);
            rows = new ArrayList<>();
          }
        }
        if (!rows.isEmpty()) {
          batch.accept(rows);
        }
      }
    }
    if (!connection.getAutoCommit()) {
      connection.commit(); // So that the next read sees newer commits.
    }
  }

  private static final class Count {
    private long count;

    void add(int more) {
      count += more;
    }
  }

  /** The number of rows, and a checksum that does not depend on their order. */
  private static final class Sum {
    private long rows;
    private final byte[] sum = new byte[32];

    void add(List<Row> batch) {
      for (Row row : batch) {
        byte[] digest = HexFormat.of().parseHex(row.digest());
        for (int i = 0; i < sum.length; i++) {
          sum[i] ^= digest[i];
        }
        rows++;
      }
    }

    String checksum() {
      return HexFormat.of().formatHex(sum, 0, 8);
    }
  }
}

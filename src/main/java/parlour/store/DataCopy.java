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
 * Copies one role's tables from its SQLite file into its schema of a PostgreSQL. What is there
 * already and is the same is left alone: run again, after it was cut off or after the file has
 * changed, it does what is left.
 *
 * <p>It reads one state of the file, also while a server writes to it. From its beginning to {@link
 * #finish} no server starts over the schema.
 */
public final class DataCopy {
  private final Path file;
  private final PostgresServer server;
  private final Migrations migrations;
  private final PostgresSchema schema;

  /**
   * @param role the word for it, which is also the folder of its migrations
   */
  public DataCopy(Path file, PostgresServer server, String role, List<String> migrations) {
    this.file = file;
    this.server = server;
    this.migrations = Migrations.of(role, migrations);
    this.schema = new PostgresSchema(server, this.migrations);
  }

  /**
   * What a table came to.
   *
   * @param rows in the file, and in the server
   * @param checksum of all of them, in both
   * @param changed how many this run wrote or removed
   */
  public record Moved(String role, String table, long rows, String checksum, long changed) {}

  /**
   * @param source a name for where the data comes from, by which a later run knows it again
   * @throws SchemaMismatch if the file is of another version, or the schema holds other data, or
   *     what arrived is not what was sent
   * @throws StoreUnavailable if one of them cannot be used
   */
  public void copy(String source, Consumer<Moved> progress) {
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
      sqlite.begin(); // From here on it is one state.
      new Copying(sqlite.connection(), to, scanned).all(source, progress);
    } catch (SQLException failure) {
      throw explain(failure);
    }
  }

  /** From now on a server may start over the schemas: all of them or, if this fails, none. */
  public static void finish(List<DataCopy> copies) {
    DataCopy first = copies.getFirst();
    try (Connection to = first.connection();
        Statement statement = to.createStatement()) {
      to.setAutoCommit(false);
      for (DataCopy copy : copies) {
        statement.execute("DROP TABLE " + copy.schema.name() + "." + PostgresSchema.MOVE);
      }
      to.commit();
    } catch (SQLException failure) {
      throw first.explain(failure);
    }
  }

  private Connection connection() throws SQLException {
    return PostgresDatabase.unhurried(server, schema, StoreLimits.DEFAULT).getConnection();
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

    /** Reads the server's tables from end to end, while the other changes them. */
    private final Connection scanned;

    Copying(Connection from, Connection to, Connection scanned) {
      this.from = from;
      this.to = to;
      this.scanned = scanned;
    }

    void all(String source, Consumer<Moved> progress) throws SQLException {
      List<TableCopy> tables = TableCopy.of(from);
      claim(tables, source);
      Map<String, Long> removed = new HashMap<>();
      for (TableCopy table : tables.reversed()) { // Children go before their parents …
        removed.put(table.name(), remove(table));
      }
      for (TableCopy table : tables) { // … and come after them.
        long written = write(table);
        progress.accept(verified(table, written + removed.getOrDefault(table.name(), 0L)));
      }
    }

    /** Marks the schema as ours to fill, or finds that it is. */
    private void claim(List<TableCopy> tables, String source) throws SQLException {
      try (Statement statement = to.createStatement()) {
        statement.execute(
            "CREATE TABLE IF NOT EXISTS " + PostgresSchema.MOVE + " (source TEXT NOT NULL)");
        String claimed = text(statement, "SELECT min(source) FROM " + PostgresSchema.MOVE);
        if (claimed == null) {
          demandEmpty(statement, tables);
          try (PreparedStatement insert =
              to.prepareStatement("INSERT INTO " + PostgresSchema.MOVE + " VALUES (?)")) {
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

    private void demandEmpty(Statement statement, List<TableCopy> tables) throws SQLException {
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

    /** Removes what is not in the file, or not any more. */
    private long remove(TableCopy table) throws SQLException {
      if (!table.hasKey()) {
        return 0; // It is written as a whole.
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

    /** Writes what is missing or differs. */
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
        table.put(to, missing);
        to.commit(); // Cut off, it goes on here.
        written.add(missing.size());
      });
      to.commit();
      return written.count;
    }

    /** Reads all of both once more. */
    private Moved verified(TableCopy table, long changed) throws SQLException {
      var sent = new Sum();
      batches(from, table, sent::add);
      var arrived = new Sum();
      batches(scanned, table, arrived::add);
      if (sent.rows != arrived.rows || !sent.checksum().equals(arrived.checksum())) {
        throw new SchemaMismatch(
            schema + " " + table.name(),
            "%d rows were sent and %d are there, with checksums %s and %s"
                .formatted(sent.rows, arrived.rows, sent.checksum(), arrived.checksum()),
            "See that nothing else writes there, and run it again");
      }
      try (Statement statement = to.createStatement()) {
        statement.execute("ANALYZE " + table.name()); // Or the first queries would guess badly.
      }
      to.commit();
      return new Moved(migrations.role(), table.name(), sent.rows, sent.checksum(), changed);
    }
  }

  @FunctionalInterface
  private interface Batch {
    void take(List<Row> rows) throws SQLException;
  }

  /** Reads a table from end to end, a batch in memory at a time. */
  private static void batches(Connection connection, TableCopy table, Batch batch)
      throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.setFetchSize(Limits.COPY_BATCH);
      try (ResultSet row = statement.executeQuery(table.all())) {
        List<Row> rows = new ArrayList<>();
        while (row.next()) {
          rows.add(table.row(row));
          if (rows.size() == Limits.COPY_BATCH) {
            batch.take(rows);
            rows = new ArrayList<>();
          }
        }
        if (!rows.isEmpty()) {
          batch.take(rows);
        }
      }
    }
    if (!connection.getAutoCommit()) {
      connection.commit(); // The next reading sees what was committed meanwhile.
    }
  }

  private static final class Count {
    private long count;

    void add(int more) {
      count += more;
    }
  }

  /** Rows and a checksum of them that does not depend on their order. */
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

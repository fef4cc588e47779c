package parlour.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import parlour.Sha256;

/**
 * A table as SQLite's schema describes it, and the statements that copy its rows. Both databases
 * understand them.
 *
 * @param key the columns of its primary key; if there are none, the table has only the row that its
 *     migration inserted
 */
record TableCopy(String name, List<Column> columns, List<Column> key) {
  private enum Kind {
    TEXT,
    NUMBER,
    TRUTH,
    BYTES
  }

  record Column(String name, Kind kind) {
    private static Kind kind(String declared) {
      return switch (declared) {
        case "TEXT" -> Kind.TEXT;
        case "BIGINT", "INTEGER" -> Kind.NUMBER;
        case "BOOLEAN" -> Kind.TRUTH;
        case "BLOB" -> Kind.BYTES;
        default -> throw new IllegalStateException("a column has the unknown type " + declared);
      };
    }
  }

  /** The values of one row, in the order of the columns. */
  record Row(List<@Nullable Object> values, List<@Nullable Object> key, String digest) {}

  /** All tables of a role, parents before their children, without virtual tables: the server makes its own index. */
  static List<TableCopy> of(Connection sqlite) throws SQLException {
    List<String> left = strings(sqlite, """
        SELECT name FROM pragma_table_list
        WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
          AND name <> 'schema_migration'
        ORDER BY name
        """);
    List<TableCopy> ordered = new ArrayList<>();
    while (!left.isEmpty()) {
      String next = null;
      for (String name : left) {
        List<String> parents = strings(
            sqlite, "SELECT DISTINCT \"table\" FROM pragma_foreign_key_list('" + name + "')");
        parents.remove(name);
        if (Collections.disjoint(parents, left)) {
          next = name;
          break;
        }
      }
      if (next == null) {
        throw new IllegalStateException("these tables refer to each other in a circle: " + left);
      }
      left.remove(next);
      ordered.add(table(sqlite, next));
    }
    return List.copyOf(ordered);
  }

  private static TableCopy table(Connection sqlite, String name) throws SQLException {
    List<Column> columns = new ArrayList<>();
    List<Column> key = new ArrayList<>();
    try (Statement statement = sqlite.createStatement();
        ResultSet row = statement.executeQuery(
            "SELECT name, type, pk FROM pragma_table_info('" + name + "') ORDER BY cid")) {
      while (row.next()) {
        var column = new Column(row.getString("name"), Column.kind(row.getString("type")));
        columns.add(column);
        if (row.getInt("pk") > 0) {
          key.add(column);
        }
      }
    }
    return new TableCopy(name, List.copyOf(columns), List.copyOf(key));
  }

  private static List<String> strings(Connection connection, String query) throws SQLException {
    List<String> found = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      while (row.next()) {
        found.add(row.getString(1));
      }
    }
    return found;
  }

  boolean hasKey() {
    return !key.isEmpty();
  }

  String all() {
    return "SELECT " + names(columns) + " FROM " + name;
  }

  Row row(ResultSet row) throws SQLException {
    List<@Nullable Object> values = new ArrayList<>();
    List<@Nullable Object> keys = new ArrayList<>();
    MessageDigest digest = Sha256.begin();
    for (Column column : columns) {
      Object value = value(row, column);
      values.add(value);
      if (key.contains(column)) {
        keys.add(value);
      }
      byte[] bytes = bytes(value);
      // The length comes first, -1 for NULL, so that different rows have different digests.
      digest.update(ByteBuffer.allocate(Integer.BYTES)
          .putInt(value == null ? -1 : bytes.length)
          .array());
      digest.update(bytes);
    }
    return new Row(values, keys, HexFormat.of().formatHex(digest.digest()));
  }

  private static @Nullable Object value(ResultSet row, Column column) throws SQLException {
    Object value = switch (column.kind()) {
      case TEXT -> row.getString(column.name());
      case NUMBER -> row.getLong(column.name());
      case TRUTH -> row.getBoolean(column.name());
      case BYTES -> row.getBytes(column.name());
    };
    return row.wasNull() ? null : value;
  }

  private static byte[] bytes(@Nullable Object value) {
    return value instanceof byte[] bytes ? bytes : String.valueOf(value).getBytes(UTF_8);
  }

  /** Finds the rows that have the same keys as these. */
  List<Row> find(Connection connection, List<Row> others) throws SQLException {
    String places = "(" + String.join(", ", Collections.nCopies(key.size(), "?")) + ")";
    String query = "%s WHERE (%s) IN (VALUES %s)"
        .formatted(
            all(), names(key), String.join(", ", Collections.nCopies(others.size(), places)));
    List<Row> found = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(query)) {
      int place = 1;
      for (Row other : others) {
        place = bind(statement, place, key, other.key());
      }
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          found.add(row(row));
        }
      }
    }
    return found;
  }

  void delete(Connection connection, List<Row> rows) throws SQLException {
    String condition =
        key.stream().map(column -> column.name() + " = ?").collect(Collectors.joining(" AND "));
    try (PreparedStatement statement =
        connection.prepareStatement("DELETE FROM " + name + " WHERE " + condition)) {
      for (Row row : rows) {
        bind(statement, 1, key, row.key());
        statement.addBatch();
      }
      statement.executeBatch();
    }
  }

  /** Inserts rows, or updates those with the same keys. */
  void upsert(Connection connection, List<Row> rows) throws SQLException {
    String insert = "INSERT INTO %s (%s) VALUES (%s)"
        .formatted(
            name, names(columns), String.join(", ", Collections.nCopies(columns.size(), "?")));
    if (hasKey()) {
      insert += " ON CONFLICT (%s) DO UPDATE SET %s"
          .formatted(
              names(key),
              columns.stream()
                  .map(column -> column.name() + " = excluded." + column.name())
                  .collect(Collectors.joining(", ")));
    }
    try (PreparedStatement statement = connection.prepareStatement(insert)) {
      for (Row row : rows) {
        bind(statement, 1, columns, row.values());
        statement.addBatch();
      }
      statement.executeBatch();
    }
  }

  /** Returns the next free place. */
  private static int bind(
      PreparedStatement statement,
      int first,
      List<Column> columns,
      List<? extends @Nullable Object> values)
      throws SQLException {
    int place = first;
    for (int i = 0; i < columns.size(); i++) {
      switch (values.get(i)) {
        case null -> statement.setNull(place, Types.NULL);
        case String text -> statement.setString(place, text);
        case Long number -> statement.setLong(place, number);
        case Boolean truth -> statement.setBoolean(place, truth);
        case byte[] bytes -> statement.setBytes(place, bytes);
        case Object other -> throw new IllegalStateException(other.getClass().getName());
      }
      place++;
    }
    return place;
  }

  static Set<List<@Nullable Object>> keys(List<Row> rows) {
    return rows.stream().map(Row::key).collect(Collectors.toSet());
  }

  private static String names(List<Column> columns) {
    return columns.stream().map(Column::name).collect(Collectors.joining(", "));
  }
}

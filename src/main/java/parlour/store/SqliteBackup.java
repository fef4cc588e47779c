package parlour.store;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import parlour.store.SqliteConnection.Use;

/** Copies of SQLite files that other processes are using. */
public final class SqliteBackup {
  private SqliteBackup() {}

  /**
   * Copies several files as they were at one moment. It keeps all their writers waiting for some
   * milliseconds, until it has a snapshot of each file; they go on while the snapshots are copied.
   *
   * @param copies from each file to its copy, which must not exist
   * @throws StoreUnavailable if that cannot be done
   */
  public static void copy(Map<Path, Path> copies) {
    List<SqliteConnection> opened = new ArrayList<>();
    try {
      Map<SqliteConnection, Path> snapshots = snapshots(copies, opened);
      for (Map.Entry<SqliteConnection, Path> each : snapshots.entrySet()) {
        try (Statement copy = each.getKey().connection().createStatement()) {
          copy.executeUpdate("backup to " + quoted(each.getValue()));
        }
      }
    } catch (SQLException failure) {
      throw new StoreUnavailable(
          "the backup", "a store cannot be copied: " + failure.getMessage(), failure);
    } finally {
      opened.forEach(SqliteConnection::closeQuietly);
    }
  }

  private static Map<SqliteConnection, Path> snapshots(
      Map<Path, Path> copies, List<SqliteConnection> opened) throws SQLException {
    List<SqliteConnection> writers = new ArrayList<>();
    for (Path file : copies.keySet()) {
      SqliteConnection writer = SqliteConnection.open(file, Use.WRITE, StoreLimits.DEFAULT);
      opened.add(writer);
      writers.add(writer);
    }
    Map<SqliteConnection, Path> snapshots = new LinkedHashMap<>();
    for (Map.Entry<Path, Path> each : copies.entrySet()) {
      SqliteConnection reader = SqliteConnection.open(each.getKey(), Use.READ, StoreLimits.DEFAULT);
      opened.add(reader);
      snapshots.put(reader, each.getValue());
    }
    for (SqliteConnection writer : writers) {
      writer.begin(); // from here on nobody else changes this file
    }
    for (SqliteConnection reader : snapshots.keySet()) {
      reader.begin();
      try (Statement first = reader.connection().createStatement();
          ResultSet row = first.executeQuery("SELECT count(*) FROM sqlite_schema")) {
        row.next(); // the snapshot begins with the first read
      }
    }
    for (SqliteConnection writer : writers) {
      if (!writer.rollBack()) {
        throw new SQLException("a lock cannot be released");
      }
    }
    return snapshots;
  }

  private static String quoted(Path file) throws SQLException {
    String path = file.toAbsolutePath().toString();
    if (path.contains("\"")) {
      throw new SQLException("the name of the folder has a quotation mark");
    }
    return '"' + path + '"';
  }

  /** Lets SQLite check a copy, and changes nothing. Returns the fault; empty if there is none. */
  public static Optional<String> fault(Path copy) {
    SqliteDatabase.load();
    String address = "jdbc:sqlite:file:" + copy.toAbsolutePath().toUri().getRawPath();
    try (Connection connection = DriverManager.getConnection(address + "?immutable=1");
        Statement check = connection.createStatement();
        ResultSet row = check.executeQuery("PRAGMA quick_check(1)")) {
      String found = row.next() ? row.getString(1) : "no answer";
      return Optional.of(found).filter(text -> !text.equals("ok"));
    } catch (SQLException unreadable) {
      return Optional.of(String.valueOf(unreadable.getMessage()));
    }
  }
}

package parlour.store;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** How databases run statements. */
public final class QueryPlans {
  private QueryPlans() {}

  /** The plan of a statement without parameters, in SQLite or in PostgreSQL. */
  public static List<String> explain(Connection connection, String statement) throws SQLException {
    boolean isSqlite = connection.getMetaData().getDatabaseProductName().equals("SQLite");
    List<String> lines = new ArrayList<>();
    try (Statement asked = connection.createStatement();
        ResultSet row =
            asked.executeQuery((isSqlite ? "EXPLAIN QUERY PLAN " : "EXPLAIN ") + statement)) {
      int text = row.getMetaData().getColumnCount(); // the last column is the text
      while (row.next()) {
        lines.add(row.getString(text));
      }
    }
    return lines;
  }

  /** Runs a read on a file of SQLite; returns the steps of the plans of all its statements. */
  public static List<String> of(Path file, Database.Work<?> work) throws SQLException {
    Set<String> statements = new LinkedHashSet<>();
    List<String> steps = new ArrayList<>();
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file)) {
      var _ = Sql.run(
          work,
          new Statements(connection, Statements.READS, 100) {
            @Override
            Prepared prepare(String sql, boolean returning) throws SQLException {
              statements.add(sql);
              return super.prepare(sql, returning);
            }
          },
          System.nanoTime() + Duration.ofMinutes(1).toNanos());
      for (String statement : statements) {
        try (PreparedStatement explain =
                connection.prepareStatement("EXPLAIN QUERY PLAN " + statement);
            ResultSet rows = explain.executeQuery()) {
          while (rows.next()) {
            steps.add(rows.getString("detail"));
          }
        }
      }
    }
    return steps;
  }
}

package parlour.store;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** How SQLite runs the statements of work. */
public final class QueryPlans {
  private QueryPlans() {}

  /** Runs a read on a file; returns the steps of the plans of all its statements. */
  public static List<String> of(Path file, Database.Work<?> work) throws SQLException {
    Set<String> statements = new LinkedHashSet<>();
    List<String> steps = new ArrayList<>();
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file)) {
      var _ = Sql.run(
          work,
          new Statements(connection, Statements.READS, 100) {
            @Override
            Prepared prepare(String sql) throws SQLException {
              statements.add(sql);
              return super.prepare(sql);
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

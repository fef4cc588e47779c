package parlour.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;

/** The statements prepared on one connection; past the capacity the least used ones are closed. */
final class Statements {
  /**
   * Work shares its transaction with other work: a COMMIT or PRAGMA inside it would acknowledge or
   * lose what is not its own. The schema changes in migrations.
   */
  static final Set<String> READS = Set.of("SELECT", "WITH", "VALUES");

  static final Set<String> CHANGES =
      Set.of("SELECT", "WITH", "VALUES", "INSERT", "UPDATE", "DELETE");

  private final Connection connection;
  private final Set<String> verbs;
  private final int capacity;
  private final LinkedHashMap<String, Prepared> prepared = new LinkedHashMap<>(16, 0.75f, true);

  /**
   * @param places how many arguments it needs; the driver takes a missing one for NULL
   */
  record Prepared(PreparedStatement statement, int places) {}

  Statements(Connection connection, Set<String> verbs, int capacity) {
    this.connection = connection;
    this.verbs = verbs;
    this.capacity = capacity;
  }

  /**
   * @throws IllegalArgumentException if it is not one statement of those work may use
   */
  Prepared prepare(String sql) throws SQLException {
    Prepared known = prepared.get(sql);
    if (known != null) {
      return known;
    }
    // The driver runs the first statement of several and silently forgets the others.
    List<SqlStatement> statements = SqlStatement.split(sql);
    if (statements.size() != 1 || !verbs.contains(statements.getFirst().verb())) {
      throw new IllegalArgumentException("not one statement of " + verbs + ": " + sql);
    }
    while (prepared.size() >= capacity) {
      close(prepared.pollFirstEntry().getValue());
    }
    PreparedStatement statement = connection.prepareStatement(sql);
    try {
      var fresh = new Prepared(statement, statement.getParameterMetaData().getParameterCount());
      prepared.put(sql, fresh);
      return fresh;
    } catch (SQLException failure) {
      statement.close();
      throw failure;
    }
  }

  /** The driver ends a statement that failed; kept, it would fail for ever. */
  void forget(String sql) {
    Prepared failed = prepared.remove(sql);
    if (failed != null) {
      close(failed);
    }
  }

  private static void close(Prepared unused) {
    try {
      unused.statement().close();
    } catch (SQLException alreadyEnded) {
      // There is nothing left to close.
    }
  }
}

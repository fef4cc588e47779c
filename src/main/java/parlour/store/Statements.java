package parlour.store;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;
import parlour.Limits;

/** The statements prepared on one connection; past the capacity the least used ones are closed. */
class Statements {
  static final Allowed READS = new Allowed("SELECT", "WITH", "VALUES");

  static final Allowed CHANGES =
      new Allowed("SELECT", "WITH", "VALUES", "INSERT", "UPDATE", "DELETE");

  /**
   * What work may say. It shares its transaction with other work: a COMMIT or PRAGMA inside it would
   * acknowledge or lose what is not its own. The schema changes in migrations.
   */
  static final class Allowed {
    private final Set<String> verbs;
    private final Cache<String, Integer> known =
        Caffeine.newBuilder().maximumSize(Limits.STORE_STATEMENTS_KNOWN).build();

    private Allowed(String... verbs) {
      this.verbs = Set.of(verbs);
    }

    /**
     * How many arguments it needs.
     *
     * @throws IllegalArgumentException if it is not one statement of those work may use
     */
    int places(String sql) {
      return known.get(sql, this::parse);
    }

    private int parse(String sql) {
      // A driver may run the first statement of several and silently forget the others.
      List<SqlStatement> statements = SqlStatement.split(sql);
      if (statements.size() != 1 || !verbs.contains(statements.getFirst().verb())) {
        throw new IllegalArgumentException("not one statement of " + verbs + ": " + sql);
      }
      return statements.getFirst().places();
    }
  }

  private final Connection connection;
  private final Allowed allowed;
  private final int capacity;
  private final LinkedHashMap<String, Prepared> prepared = new LinkedHashMap<>(16, 0.75f, true);

  /**
   * @param places how many arguments it needs; the driver takes a missing one for NULL
   */
  record Prepared(PreparedStatement statement, int places) {}

  Statements(Connection connection, Allowed allowed, int capacity) {
    this.connection = connection;
    this.allowed = allowed;
    this.capacity = capacity;
  }

  final Connection connection() {
    return connection;
  }

  /**
   * @throws IllegalArgumentException if it is not one statement of those work may use
   */
  Prepared prepare(String sql) throws SQLException {
    Prepared known = prepared.get(sql);
    if (known != null) {
      return known;
    }
    int places = allowed.places(sql);
    while (prepared.size() >= capacity) {
      close(prepared.pollFirstEntry().getValue());
    }
    var fresh = new Prepared(connection.prepareStatement(sql), places);
    prepared.put(sql, fresh);
    return fresh;
  }

  /** The driver ends a statement that failed; kept, it would fail for ever. */
  void evict(String sql) {
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

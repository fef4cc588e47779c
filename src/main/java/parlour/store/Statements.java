package parlour.store;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;
import parlour.Limits;

/** The prepared statements of one connection. Beyond the capacity, the least used one is closed. */
class Statements {
  static final Allowed READS = new Allowed("SELECT", "WITH", "VALUES");

  static final Allowed CHANGES =
      new Allowed("SELECT", "WITH", "VALUES", "INSERT", "UPDATE", "DELETE");

  /**
   * The kinds of statements that work may run. It shares its transaction with other work, which a
   * COMMIT or PRAGMA would commit or lose. Only migrations change the schema.
   */
  static final class Allowed {
    private final Set<String> verbs;
    private final Cache<String, Integer> known =
        Caffeine.newBuilder().maximumSize(Limits.STORE_STATEMENTS_KNOWN).build();

    private Allowed(String... verbs) {
      this.verbs = Set.of(verbs);
    }

    /**
     * The number of arguments of a statement.
     *
     * @throws IllegalArgumentException if the text is not exactly one statement of these kinds
     */
    int places(String sql) {
      return known.get(sql, this::parse);
    }

    private int parse(String sql) {
      // A driver may run only the first of several statements.
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
  private Allowance allowance = Allowance.ANY;
  private final LinkedHashMap<Key, Prepared> prepared = new LinkedHashMap<>(16, 0.75f, true);

  /** @param returning whether a batch of it returns rows */
  private record Key(String sql, boolean returning) {}

  /**
   * @param places the number of its arguments; the driver would use NULL for a missing one
   */
  record Prepared(PreparedStatement statement, String sql, int places) {}

  Statements(Connection connection, Allowed allowed, int capacity) {
    this.connection = connection;
    this.allowed = allowed;
    this.capacity = capacity;
  }

  /** Whether each statement is a round trip to a server. */
  boolean areRoundTrips() {
    return false;
  }

  final Connection connection() {
    return connection;
  }

  /** How many more statements may run. */
  enum Allowance {
    ANY,
    ONE,
    NONE
  }

  final void allow(Allowance more) {
    allowance = more;
  }

  /**
   * @throws IllegalArgumentException if the text is not exactly one allowed statement
   * @throws IllegalStateException if no more statement is allowed
   */
  final Prepared prepare(String sql) throws SQLException {
    return prepare(sql, false);
  }

  /** Prepares a change with RETURNING, to run it in a batch. */
  final Prepared prepareReturning(String sql) throws SQLException {
    return prepare(sql, true);
  }

  Prepared prepare(String sql, boolean returning) throws SQLException {
    switch (allowance) {
      case ANY -> {}
      case ONE -> allowance = Allowance.NONE;
      case NONE -> throw new IllegalStateException("a second statement would see another state");
    }
    Key key = new Key(sql, returning);
    Prepared known = prepared.get(key);
    if (known != null) {
      return known;
    }
    int places = allowed.places(sql);
    while (prepared.size() >= capacity) {
      close(prepared.pollFirstEntry().getValue());
    }
    PreparedStatement statement = returning
        ? connection.prepareStatement(sql, Statement.RETURN_GENERATED_KEYS)
        : connection.prepareStatement(sql);
    var fresh = new Prepared(statement, sql, places);
    prepared.put(key, fresh);
    return fresh;
  }

  /** Closes a statement that failed: the driver has ended it, so it would always fail again. */
  void evict(String sql) {
    for (boolean returning : new boolean[] {false, true}) {
      Prepared failed = prepared.remove(new Key(sql, returning));
      if (failed != null) {
        close(failed);
      }
    }
  }

  private static void close(Prepared unused) {
    try {
      unused.statement().close();
    } catch (SQLException alreadyEnded) {
      // It is closed.
    }
  }
}

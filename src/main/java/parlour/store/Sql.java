package parlour.store;

import java.nio.charset.StandardCharsets;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.sql.Types;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import parlour.Limits;
import parlour.Sid;

/**
 * SQL on one connection, for one piece of work on its own thread, with positional arguments. Each
 * statement is prepared once.
 *
 * <p>A statement is one SELECT, WITH or VALUES, or in a change INSERT, UPDATE or DELETE. An
 * argument is a String, Integer, Long, Boolean, byte[], Instant (stored as milliseconds since 1970)
 * or null, one for each question mark. Anything else is an IllegalArgumentException.
 *
 * <p>After a statement has failed, all later ones fail, and the work with them: databases treat the
 * rest of such a transaction differently, and the difference must not matter.
 */
public final class Sql {
  private final Statements statements;
  private final long deadline;
  private @Nullable Failed failed;
  private boolean reading;
  private boolean ended;

  /**
   * @param deadline as of {@link System#nanoTime()}; statements begun after it fail
   */
  private Sql(Statements statements, long deadline) {
    this.statements = statements;
    this.deadline = deadline;
  }

  /**
   * Runs work in the transaction that has begun.
   *
   * @throws SQLException if one of its statements failed, even if the work caught the exception
   */
  static <T extends @Nullable Object> T run(
      Database.Work<T> work, Statements statements, long deadline) throws SQLException {
    var sql = new Sql(statements, deadline);
    try {
      T result = work.run(sql);
      if (sql.failed != null) {
        throw sql.failed;
      }
      return result;
    } catch (RuntimeException thrown) {
      if (sql.failed != null) {
        throw sql.failed;
      }
      throw thrown;
    } finally {
      sql.ended = true; // Used later, it would act in another transaction.
    }
  }

  /** Runs an INSERT, UPDATE or DELETE; returns the number of changed rows, which may be 0. */
  public int update(String sql, @Nullable Object... arguments) throws SQLException {
    return run(sql, arguments, PreparedStatement::executeUpdate);
  }

  /** The first row of a query, or of a change with RETURNING. */
  public <T> Optional<T> first(String sql, Row<T> row, @Nullable Object... arguments)
      throws SQLException {
    return run(sql, arguments, statement -> {
      try (ResultSet rows = statement.executeQuery()) {
        return rows.next() ? Optional.of(from(row, rows)) : Optional.empty();
      }
    });
  }

  /**
   * Runs the same INSERT, UPDATE or DELETE with each of these arguments, in one round trip if the database is a
   * server; returns how many rows each of them changed.
   */
  public int[] updateEach(String sql, List<@Nullable Object[]> each) throws SQLException {
    if (each.isEmpty()) {
      return new int[0];
    }
    return run(sql, statements::prepare, prepared -> {
      if (statements.areRoundTrips()) {
        addToBatch(prepared, each);
        return prepared.statement().executeBatch();
      }
      int[] changed = new int[each.size()];
      for (int i = 0; i < changed.length; i++) {
        bind(prepared, each.get(i));
        changed[i] = prepared.statement().executeUpdate();
      }
      return changed;
    });
  }

  /**
   * Adds rows, each unless there is one with its key; returns how many rows each of them added. A server gets them in
   * one round trip. SQLite gets several rows in a statement: when a statement begins that has a trigger, FTS5 writes
   * the terms of the statements before to the disk.
   *
   * @param columns the first one is the key, a text or a number
   * @param each the values of the columns
   */
  public int[] addEach(String table, List<String> columns, List<@Nullable Object[]> each)
      throws SQLException {
    String insert = "INSERT INTO " + table + " (" + String.join(", ", columns) + ") VALUES ";
    String places = places(columns.size());
    String unlessKnown = " ON CONFLICT (" + columns.getFirst() + ") DO NOTHING";
    if (statements.areRoundTrips()) {
      return updateEach(insert + places + unlessKnown, each);
    }
    int[] added = new int[each.size()];
    int from = 0;
    while (from < added.length) {
      int count = Integer.highestOneBit(Math.min(added.length - from, Limits.STORE_ROWS_ADDED));
      List<@Nullable Object[]> rows = each.subList(from, from + count);
      Set<String> keys = new HashSet<>(list(
          insert + places + (", " + places).repeat(count - 1) + unlessKnown + " RETURNING "
              + columns.getFirst(),
          row -> text(row.getBytes(1)),
          rows.stream().flatMap(Arrays::stream).toArray()));
      for (@Nullable Object[] row : rows) {
        added[from++] = keys.remove(String.valueOf(row[0])) ? 1 : 0;
      }
    }
    return added;
  }

  /**
   * Changes a row; returns columns of it, or empty if no row was changed.
   *
   * @param key the primary key of the row
   * @param arguments of the change
   */
  public <T> Optional<T> change(RowChange<T> change, String key, @Nullable Object... arguments)
      throws SQLException {
    if (statements.areRoundTrips()) {
      return first(change.changeAndRead(), change.row(), arguments);
    }
    return update(change.change(), arguments) == 0
        ? Optional.empty()
        : first(change.read(), change.row(), key);
  }

  /** Makes the same change of several rows, in one round trip if the database is a server. */
  public <T> List<Optional<T>> changeEach(RowChange<T> change, List<RowChange.Call> calls)
      throws SQLException {
    if (calls.size() > 1 && statements.areRoundTrips()) {
      return run(change.changeAndRead(), statements::prepareReturning, prepared -> {
        addToBatch(prepared, calls.stream().map(RowChange.Call::arguments).toList());
        return results(change, prepared.statement());
      });
    }
    List<Optional<T>> changed = new ArrayList<>();
    for (RowChange.Call call : calls) {
      changed.add(change(change, call.key(), call.arguments()));
    }
    return changed;
  }

  private <T> List<Optional<T>> results(RowChange<T> change, PreparedStatement batch)
      throws SQLException {
    List<Optional<T>> results = new ArrayList<>();
    int[] changed = batch.executeBatch();
    try (ResultSet rows = batch.getGeneratedKeys()) {
      for (int count : changed) {
        results.add(
            count > 0 && rows.next() ? Optional.of(from(change.row(), rows)) : Optional.empty());
      }
    }
    return results;
  }

  /**
   * Adds a row; returns what the query found for it, or empty if no row was added.
   *
   * @param forQuery the arguments of the query
   * @param arguments for the other columns
   */
  public Optional<String> insert(RowInsert insert, List<?> forQuery, @Nullable Object... arguments)
      throws SQLException {
    Row<String> found = row -> text(row.getBytes(1));
    if (statements.areRoundTrips()) {
      return first(insert.queryAndInsert(), found, joined(arguments, forQuery));
    }
    Optional<String> value = first(insert.query(), found, forQuery.toArray());
    return value.isPresent()
            && update(insert.insert(), joined(arguments, List.of(value.get()))) == 0
        ? Optional.empty()
        : value;
  }

  /** Adds several rows, in one round trip if the database is a server. */
  public List<Optional<String>> insertEach(RowInsert insert, List<RowInsert.Call> calls)
      throws SQLException {
    List<Optional<String>> found = new ArrayList<>();
    if (calls.size() > 1 && statements.areRoundTrips()) {
      Map<Object, String> byKey = new HashMap<>();
      list(
              insert.queryAndInsertEach(),
              row -> Map.entry(text(row.getBytes(1)), text(row.getBytes(2))),
              arrays(calls))
          .forEach(one -> byKey.put(one.getKey(), one.getValue()));
      for (RowInsert.Call call : calls) {
        found.add(Optional.ofNullable(byKey.get(call.arguments()[0])));
      }
    } else {
      for (RowInsert.Call call : calls) {
        found.add(insert(insert, call.forQuery(), call.arguments()));
      }
    }
    return found;
  }

  /** An array for each place, of the values for all rows. */
  private static @Nullable Object[] arrays(List<RowInsert.Call> calls) {
    List<@Nullable Object[]> rows =
        calls.stream().map(call -> joined(call.arguments(), call.forQuery())).toList();
    @Nullable Object[] arrays = new Object[rows.getFirst().length];
    for (int i = 0; i < arrays.length; i++) {
      @Nullable Object[] values = new Object[rows.size()];
      for (int row = 0; row < values.length; row++) {
        values[row] = rows.get(row)[i];
      }
      arrays[i] = new Values(values);
    }
    return arrays;
  }

  /** The argument of a server that is an array. */
  private record Values(@Nullable Object[] all) {
    Array in(Connection connection) throws SQLException {
      Object[] stored = Arrays.stream(all)
          .map(value -> value instanceof Instant instant ? instant.toEpochMilli() : value)
          .toArray();
      return connection.createArrayOf(type(stored), stored);
    }

    private static String type(@Nullable Object[] stored) {
      for (Object value : stored) {
        switch (value) {
          case null -> {}
          case Long _ -> {
            return "int8";
          }
          case Integer _ -> {
            return "int4";
          }
          case Boolean _ -> {
            return "bool";
          }
          case String _ -> {
            return "text";
          }
          default ->
            throw new IllegalArgumentException("an array of " + value.getClass().getName());
        }
      }
      return "text";
    }
  }

  private static @Nullable Object[] joined(@Nullable Object[] some, List<?> others) {
    @Nullable Object[] all = Arrays.copyOf(some, some.length + others.size());
    for (int i = 0; i < others.size(); i++) {
      all[some.length + i] = others.get(i);
    }
    return all;
  }

  /**
   * The newest rows that have all of some terms.
   *
   * @param terms at least one
   * @param below the rows have smaller keys than this one
   */
  public <T> List<T> search(
      TermSearch search, List<TermSearch.Term> terms, long below, int limit, Row<T> row)
      throws SQLException {
    if (!statements.areRoundTrips()) {
      return list(search.inSqlite(), row, TermSearch.sqliteQuery(terms), below, limit);
    }
    String query = TermSearch.serverQuery(terms);
    List<T> newest =
        list(search.newestInServer(), row, below, limit * Limits.SEARCH_WINDOW, query, limit);
    return newest.size() == limit ? newest : list(search.inServer(), row, query, below, limit);
  }

  /**
   * The end of a query for rows that the same statement then changes. A server locks the rows, and leaves out
   * those that another transaction has locked, so that the statement waits for none of them. SQLite has one
   * writer, which needs no such end.
   */
  public String skippingLocked() {
    return statements.areRoundTrips() ? "FOR UPDATE SKIP LOCKED" : "";
  }

  /** All rows of a query, or of a change with RETURNING; let the query itself set a LIMIT. */
  public <T> List<T> list(String sql, Row<T> row, @Nullable Object... arguments)
      throws SQLException {
    return run(sql, arguments, statement -> {
      List<T> found = new ArrayList<>();
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          found.add(from(row, rows));
        }
      }
      return found;
    });
  }

  /**
   * The first rows of a query, up to the first row whose value is not wanted any more; the rows
   * after it are not read.
   */
  public <T> List<T> listWhile(
      String sql, Row<T> row, Predicate<? super T> wanted, @Nullable Object... arguments)
      throws SQLException {
    return run(sql, arguments, statement -> {
      List<T> found = new ArrayList<>();
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          T value = from(row, rows);
          if (!wanted.test(value)) {
            break;
          }
          found.add(value);
        }
      }
      return found;
    });
  }

  /** Places for some values of an IN, to be filled by {@link #padded}. */
  public static String places(int count) {
    return "(?" + ", ?".repeat(count - 1) + ")";
  }

  /**
   * The texts of some sids, and then nulls, which equal nothing: so the statement has always the same text, and is
   * prepared once.
   *
   * @param sids at most {@code count}
   */
  public static @Nullable Object[] padded(List<? extends Sid> sids, int count) {
    @Nullable Object[] texts = new Object[count];
    for (int i = 0; i < sids.size(); i++) {
      texts[i] = sids.get(i).text();
    }
    return texts;
  }

  /** Makes a value of the current row. It must not move to another row or run a statement. */
  @FunctionalInterface
  public interface Row<T> {
    T from(ResultSet row) throws SQLException;
  }

  /** Reads a text that is never NULL. */
  public static String text(ResultSet row, String column) throws SQLException {
    String text = textOrNull(row, column);
    if (text == null) {
      throw new SQLException("NULL in column " + column);
    }
    return text;
  }

  /**
   * Reads a text. Both databases store UTF-8. For {@link ResultSet#getString}, SQLite's driver
   * allocates a direct buffer for each value, which takes several times as long.
   */
  public static @Nullable String textOrNull(ResultSet row, String column) throws SQLException {
    byte[] text = row.getBytes(column);
    return text == null ? null : text(text);
  }

  private static String text(byte[] utf8) {
    return new String(utf8, StandardCharsets.UTF_8);
  }

  /** Reads a column of milliseconds since 1970 that is never NULL. */
  public static Instant instant(ResultSet row, String column) throws SQLException {
    Instant instant = instantOrNull(row, column);
    if (instant == null) {
      throw new SQLException("NULL in column " + column);
    }
    return instant;
  }

  /** Reads a column of milliseconds since 1970. */
  public static @Nullable Instant instantOrNull(ResultSet row, String column) throws SQLException {
    Long millis = longOrNull(row, column);
    return millis == null ? null : Instant.ofEpochMilli(millis);
  }

  /** Reads a number; {@link ResultSet#getLong} would make 0 of NULL. */
  public static @Nullable Long longOrNull(ResultSet row, String column) throws SQLException {
    long value = row.getLong(column);
    return value == 0 && row.wasNull() ? null : value;
  }

  /** The statement that failed. */
  static final class Failed extends SQLException {
    private static final long serialVersionUID = 1L;

    /** Whether the cause may repeat the arguments, which may be secret. */
    final boolean withArguments;

    Failed(String sql, SQLException cause, boolean withArguments) {
      super(sql, cause.getSQLState(), cause.getErrorCode(), cause);
      this.withArguments = withArguments;
    }
  }

  /**
   * An error in a statement. Keeps the statement and the place of the failure, and drops its cause,
   * which may quote arguments.
   *
   * @param what the database's description of the error, without arguments
   */
  static IllegalStateException programmingError(@Nullable String what, SQLException failure) {
    var error = new IllegalStateException(
        failure instanceof Failed ? what + " in: " + failure.getMessage() : what);
    error.setStackTrace(failure.getStackTrace());
    return error;
  }

  @FunctionalInterface
  private interface Execution<S, T> {
    T of(S statement) throws SQLException;
  }

  private <T> T run(
      String sql, @Nullable Object[] arguments, Execution<PreparedStatement, T> execution)
      throws SQLException {
    return run(sql, statements::prepare, prepared -> {
      bind(prepared, arguments);
      return execution.of(prepared.statement());
    });
  }

  private <T> T run(
      String sql,
      Execution<String, Statements.Prepared> preparation,
      Execution<Statements.Prepared, T> execution)
      throws SQLException {
    if (ended || reading) {
      throw new IllegalStateException(
          (ended ? "after its work has ended: " : "while rows are read: ") + sql);
    }
    if (failed != null) {
      throw failed;
    }
    boolean bound = false;
    boolean succeeded = false;
    try {
      if (System.nanoTime() - deadline >= 0) {
        throw new SQLTimeoutException("out of time");
      }
      Statements.Prepared prepared = preparation.of(sql);
      bound = true;
      T answer = execution.of(prepared);
      prepared.statement().clearParameters(); // The statement is kept, and they may be secret.
      succeeded = true;
      return answer;
    } catch (SQLException cause) {
      failed = new Failed(sql, cause, bound);
      throw failed;
    } finally {
      if (!succeeded) {
        statements.evict(sql);
      }
    }
  }

  private static void addToBatch(Statements.Prepared prepared, List<@Nullable Object[]> each)
      throws SQLException {
    for (@Nullable Object[] arguments : each) {
      bind(prepared, arguments);
      prepared.statement().addBatch();
    }
  }

  private static void bind(Statements.Prepared prepared, @Nullable Object[] arguments)
      throws SQLException {
    PreparedStatement statement = prepared.statement();
    if (prepared.places() != arguments.length) {
      throw new IllegalArgumentException(arguments.length + " arguments for " + prepared.places()
          + " places in: " + prepared.sql());
    }
    for (int i = 0; i < arguments.length; i++) {
      int place = i + 1;
      switch (arguments[i]) {
        case null -> statement.setNull(place, Types.NULL);
        case String text -> statement.setString(place, text);
        case Integer number -> statement.setInt(place, number);
        case Long number -> statement.setLong(place, number);
        case Boolean truth -> statement.setBoolean(place, truth);
        case byte[] bytes -> statement.setBytes(place, bytes);
        case Instant instant -> statement.setLong(place, instant.toEpochMilli());
        case Values values -> statement.setArray(place, values.in(statement.getConnection()));
        case Object other ->
          throw new IllegalArgumentException(
              "argument " + place + " is a " + other.getClass().getName());
      }
    }
  }

  /**
   * The driver reuses a statement's ResultSet: a second use within the first would cut it short.
   */
  private <T> T from(Row<T> row, ResultSet rows) throws SQLException {
    reading = true;
    try {
      T value = row.from(rows);
      if (value instanceof ResultSet) {
        throw new IllegalStateException("rows end with their statement: make a value of each");
      }
      return value;
    } finally {
      reading = false;
    }
  }
}

package parlour.store;

import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Adds one row, of which a query finds one column, unless the query finds nothing or the row exists
 * already.
 *
 * <p>A server does it in one round trip. SQLite runs the query first: for an INSERT whose row comes
 * from a SELECT it keeps a copy of each page that it changes, which takes longer than the insertion.
 */
public final class RowInsert {
  private final String query;
  private final String insert;
  private final String queryAndInsert;
  private final String queryAndInsertEach;

  /**
   * The row of one caller.
   *
   * @param forQuery the arguments of the query
   * @param arguments for the other columns, the first of which is the primary key
   */
  public record Call(List<?> forQuery, @Nullable Object... arguments) {}

  /**
   * @param query one row with one text, called as the column that it is for
   * @param found the column that the query finds
   * @param others the other columns, which the arguments are for; the first is the primary key
   */
  public RowInsert(String table, String query, String found, String... others) {
    String into = "INSERT INTO " + table + " (" + String.join(", ", others) + ", " + found + ")";
    String places = "?, ".repeat(others.length);
    this.query = query;
    this.insert = into + " VALUES (" + places + "?) ON CONFLICT DO NOTHING";
    this.queryAndInsert = into + " SELECT " + places + found + " FROM (" + query
        + ") AS query ON CONFLICT DO NOTHING RETURNING " + found;
    this.queryAndInsertEach = into + each(query, found, others.length)
        + " ON CONFLICT DO NOTHING RETURNING " + others[0] + ", " + found;
  }

  /** Rows from arrays, one array for each place; the query runs for each row. */
  private static String each(String query, String found, int others) {
    StringBuilder ofRow = new StringBuilder();
    int places = others;
    for (int i = 0; i < query.length(); i++) {
      char c = query.charAt(i);
      if (c == '?') {
        ofRow.append("given.c").append(places++);
      } else {
        ofRow.append(c);
      }
    }
    return " SELECT " + columns("given.c", others) + ", " + found + " FROM unnest(?"
        + ", ?".repeat(places - 1) + ") AS given (" + columns("c", places)
        + ") CROSS JOIN LATERAL ("
        + ofRow + ") AS query";
  }

  private static String columns(String prefix, int count) {
    return String.join(", ", IntStream.range(0, count).mapToObj(i -> prefix + i).toList());
  }

  String query() {
    return query;
  }

  /** Its last argument is what the query found. */
  String insert() {
    return insert;
  }

  /** Its last arguments are those of the query. */
  String queryAndInsert() {
    return queryAndInsert;
  }

  /** The same for several rows: each argument is an array of values. Returns the keys and what was found. */
  String queryAndInsertEach() {
    return queryAndInsertEach;
  }
}

package parlour.store;

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

  /**
   * @param query one row with one text, called as the column that it is for
   * @param found the column that the query finds
   * @param others the other columns, which the arguments are for
   */
  public RowInsert(String table, String query, String found, String... others) {
    String into = "INSERT INTO " + table + " (" + String.join(", ", others) + ", " + found + ")";
    String places = "?, ".repeat(others.length);
    this.query = query;
    this.insert = into + " VALUES (" + places + "?) ON CONFLICT DO NOTHING";
    this.queryAndInsert = into + " SELECT " + places + found + " FROM (" + query
        + ") AS query ON CONFLICT DO NOTHING RETURNING " + found;
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
}

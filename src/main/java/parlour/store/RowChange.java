package parlour.store;

/**
 * A change of one row that returns columns of it, as they are after the change.
 *
 * <p>A server returns them with the change (RETURNING), in one round trip. SQLite builds temporary
 * tables for RETURNING, which takes longer than the change itself, so there a second statement of the
 * same transaction reads the row.
 */
public final class RowChange {
  private final String change;
  private final String read;
  private final String changeAndRead;

  /**
   * @param change an UPDATE or INSERT of at most one row
   * @param key the primary key of this table
   * @param columns as in a SELECT of this table
   */
  public RowChange(String change, String table, String key, String columns) {
    this.change = change;
    this.read = "SELECT " + columns + " FROM " + table + " WHERE " + key + " = ?";
    this.changeAndRead = change + " RETURNING " + columns;
  }

  String change() {
    return change;
  }

  /** Reads the columns; its argument is the key. */
  String read() {
    return read;
  }

  String changeAndRead() {
    return changeAndRead;
  }
}

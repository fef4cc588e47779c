package parlour.store;

import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A change of one row that returns columns of it, as they are after the change.
 *
 * <p>A server returns them with the change (RETURNING), in one round trip. SQLite builds temporary
 * tables for RETURNING, which takes longer than the change itself, so there a second statement of the
 * same transaction reads the row.
 *
 * @param <T> what is made of the columns
 */
public final class RowChange<T> implements SharedChange<RowChange.Call, Optional<T>> {
  private final String change;
  private final String read;
  private final String changeAndRead;
  private final Sql.Row<T> row;

  /**
   * The change of one caller.
   *
   * @param key the primary key of the row
   * @param arguments of the change
   */
  public record Call(String key, @Nullable Object... arguments) {}

  /**
   * @param change an UPDATE or INSERT of at most one row
   * @param key the primary key of this table
   * @param columns as in a SELECT of this table; for several changes in one round trip, PostgreSQL's driver
   *     needs columns of a fixed size, so no texts
   */
  public RowChange(String change, String table, String key, String columns, Sql.Row<T> row) {
    this.change = change;
    this.read = "SELECT " + columns + " FROM " + table + " WHERE " + key + " = ?";
    this.changeAndRead = change + " RETURNING " + columns;
    this.row = row;
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

  Sql.Row<T> row() {
    return row;
  }

  @Override
  public String key(Call call) {
    return call.key();
  }

  @Override
  public List<Optional<T>> of(Sql sql, List<Call> callers) throws SQLException {
    return sql.changeEach(this, callers);
  }
}

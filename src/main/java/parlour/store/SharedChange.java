package parlour.store;

import java.sql.SQLException;
import java.util.List;

/**
 * A change that many callers make at the same time, each of a row of its own. A server gets the statements of
 * several callers together, in as few round trips as those of one.
 *
 * @param <A> the arguments of a caller
 * @param <R> the result for a caller
 */
public interface SharedChange<A, R> {
  /** The primary key of the row. Two changes of the same row are never made together. */
  String key(A arguments);

  /** Makes the change for these callers, and returns a result for each, in the same order. */
  List<R> of(Sql sql, List<A> callers) throws SQLException;
}

package parlour.store;

import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The tables of one role, in one SQL database.
 *
 * <p>Reads and changes end within a deadline. They throw
 *
 * <ul>
 *   <li>{@link StoreUnavailable} if the store could not decide: it is down, busy or closed, its
 *       queue is full, the deadline has passed, or the caller was interrupted (its flag stays set).
 *       A change may have been made nevertheless, so a caller that repeats it must recognize that;
 *   <li>{@link IllegalStateException} if a statement is wrong: its syntax, or a violated
 *       constraint. The message has the SQL, never the arguments;
 *   <li>any other exception of the work itself; nothing of the work is kept.
 * </ul>
 *
 * <p>If a statement fails, its work fails, even if it catches the exception. Work must use only the
 * {@link Sql} that it gets: not this database again, and no other service.
 */
public interface Database extends AutoCloseable {
  /** Runs a read; it sees one state, with everything that was committed before it began. */
  <T extends @Nullable Object> T read(Work<T> work);

  /**
   * Runs a read of at most one statement, which needs no BEGIN and no ROLLBACK: to a server it takes
   * one round trip instead of two. A second statement might see another state, so it throws
   * IllegalStateException.
   */
  default <T extends @Nullable Object> T readOne(Work<T> work) {
    return read(work);
  }

  /**
   * Runs a change in a transaction and returns once it is durable. The work may be run more than
   * once, but only one run takes effect: it must have no side effects except its SQL.
   */
  <T extends @Nullable Object> T write(Work<T> work);

  /**
   * Runs a change as {@link #write} does. If several callers make it at the same time, a server gets it for
   * all of them together.
   */
  default <A, R> R writeTogether(SharedChange<A, R> change, A arguments) {
    return write(sql -> change.of(sql, List.of(arguments)).getFirst());
  }

  /**
   * Runs a change of one row, as {@link Sql#change} in a transaction of its own. A server gets the same
   * change of several rows in one round trip, if several callers make it at the same time.
   *
   * @param key the primary key of the row
   * @param arguments of the change
   */
  default <T> Optional<T> change(RowChange<T> change, String key, @Nullable Object... arguments) {
    return writeTogether(change, new RowChange.Call(key, arguments));
  }

  /** Runs a change whose old content must also leave the disk. */
  default <T extends @Nullable Object> T writeScrubbed(Work<T> work) {
    try {
      return write(work);
    } finally {
      scrubSoon(); // also if its outcome is unknown: it may still be made
    }
  }

  /**
   * Records that a change deleted or replaced content that must also leave the disk, so that {@link
   * #scrub} removes it. Called once the change is durable.
   */
  void scrubSoon();

  /**
   * Removes deleted content from the disk, if any was deleted since the last time. Delays changes
   * for {@link parlour.Limits#STORE_SCRUB_TIMEOUT} at most.
   *
   * @return false if readers prevented it: call it again
   */
  boolean scrub();

  /** The work since the start; nothing if this database does not count it. */
  default StoreActivity activity() {
    return StoreActivity.NONE;
  }

  /** Finishes the accepted work, and refuses new work. */
  @Override
  void close();

  /** A read or a change. */
  @FunctionalInterface
  interface Work<T extends @Nullable Object> {
    T run(Sql sql) throws SQLException;
  }
}

package parlour.store;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * The tables of one role, in one SQL database.
 *
 * <p>Both doors answer within a deadline. They throw
 *
 * <ul>
 *   <li>{@link StoreUnavailable} when the store could not decide: it is down, busy, closed, its
 *       queue is full, time ran out, the caller was interrupted (its flag stays set). A change may
 *       then still have been made, so a caller that repeats it must be able to tell;
 *   <li>{@link IllegalStateException} when a statement is wrong: its syntax, a violated constraint.
 *       It carries the SQL, never the arguments;
 *   <li>whatever else the work threw, as it threw it; nothing of the work is kept.
 * </ul>
 *
 * <p>A statement that fails fails its work, even if the work catches the exception. Work asks
 * nothing but the {@link Sql} it is given: not this database again, and no other service.
 */
public interface Database extends AutoCloseable {
  /** Runs a read; it sees one state, with everything that was committed before it began. */
  <T extends @Nullable Object> T read(Work<T> work);

  /**
   * Runs a read of at most one statement, which takes one round trip to a server instead of two. A
   * second statement might see another state, so it throws IllegalStateException.
   */
  default <T extends @Nullable Object> T readOne(Work<T> work) {
    return read(work);
  }

  /**
   * Runs a change in a transaction and returns once it is durable. The work may be run more than
   * once, of which one counts: it has no side effects but its SQL.
   */
  <T extends @Nullable Object> T write(Work<T> work);

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

  /** Finishes what was asked and refuses what comes after. */
  @Override
  void close();

  /** What to ask or to change. */
  @FunctionalInterface
  interface Work<T extends @Nullable Object> {
    T run(Sql sql) throws SQLException;
  }
}

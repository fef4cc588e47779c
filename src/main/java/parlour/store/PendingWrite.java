package parlour.store;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import parlour.store.Database.Work;

/** A change between its caller, the queue and the thread that makes it. */
final class PendingWrite<T extends @Nullable Object> {
  /** A change without a caller, which wakes a thread. */
  static final PendingWrite<?> NONE =
      new PendingWrite<@Nullable Void>(sql -> null, System.nanoTime());

  /**
   * A change of one row by one statement, which can be sent together with the same change of others.
   *
   * @param sql returns columns of the changed row
   */
  record OfRow<T extends @Nullable Object>(
      String sql, @Nullable Object[] arguments, Outcome<T> outcome) {

    /** Makes the result from the columns; from null if no row was changed. */
    @FunctionalInterface
    interface Outcome<T extends @Nullable Object> {
      T of(@Nullable ResultSet row) throws SQLException;
    }
  }

  /** Runs work in a transaction that has begun. */
  interface Runner {
    <T extends @Nullable Object> T run(Work<T> work, long deadline) throws SQLException;
  }

  private enum State {
    WAITING,
    BEGUN,
    GIVEN_UP
  }

  private final Work<T> work;
  private final long deadline;
  private final @Nullable OfRow<T> ofRow;
  private final AtomicReference<State> state = new AtomicReference<>(State.WAITING);
  private final CountDownLatch settled = new CountDownLatch(1);
  private @Nullable T result;
  private @Nullable Throwable failure;
  private boolean handedBack;

  PendingWrite(Work<T> work, long deadline) {
    this(work, deadline, null);
  }

  /**
   * @param ofRow the same change as the work, if it is one statement
   */
  PendingWrite(Work<T> work, long deadline, @Nullable OfRow<T> ofRow) {
    this.work = work;
    this.deadline = deadline;
    this.ofRow = ofRow;
  }

  Work<T> work() {
    return work;
  }

  long deadline() {
    return deadline;
  }

  /** Called by the writer before it runs the change; false if the caller no longer waits. */
  boolean begin() {
    return !isLate() && state.compareAndSet(State.WAITING, State.BEGUN);
  }

  boolean isLate() {
    return System.nanoTime() - deadline >= 0;
  }

  /** Called by the caller; true if the change has not begun, and never will. */
  boolean giveUp() {
    return state.compareAndSet(State.WAITING, State.GIVEN_UP);
  }

  void run(Runner runner) throws SQLException {
    try {
      result = runner.run(work, deadline);
    } finally {
      Thread.interrupted(); // Work that interrupts itself must not interrupt other work.
    }
  }

  /** Whether both make the same change, of different rows perhaps. */
  boolean isSameChangeAs(PendingWrite<?> other) {
    return ofRow != null && other.ofRow != null && ofRow.sql().equals(other.ofRow.sql());
  }

  /** The arguments of a change of one row. */
  @Nullable
  Object[] arguments() {
    return Objects.requireNonNull(ofRow).arguments();
  }

  /**
   * Takes the result of a change of one row.
   *
   * @param row its columns; null if no row was changed
   */
  void made(@Nullable ResultSet row) throws SQLException {
    result = Objects.requireNonNull(ofRow).outcome().of(row);
  }

  /** The statement of a change of one row. */
  String sql() {
    return Objects.requireNonNull(ofRow).sql();
  }

  /**
   * Lets the caller make the change alone, because nothing of its group was kept. Does nothing if
   * it is settled.
   */
  void handBack() {
    if (settled.getCount() > 0) {
      handedBack = true;
      settled.countDown();
    }
  }

  /** After {@link #await}: whether the caller must make the change alone. */
  boolean handedBack() {
    return handedBack;
  }

  void succeed() {
    settled.countDown();
  }

  /** Waits until it is settled, handed back or {@linkplain #expire expired}. */
  T await(String who) {
    try {
      settled.await();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new StoreUnavailable(who, "interrupted" + afterGivingUp(), interrupted);
    }
    return outcome();
  }

  /** Ends the caller's wait after its deadline. */
  void expire(String who) {
    fail(new StoreUnavailable(who, "out of time" + afterGivingUp(), null));
  }

  private String afterGivingUp() {
    return giveUp() ? ", nothing was changed" : ", the change may still be made";
  }

  /** Makes the caller's call fail. Does nothing if the change is settled. */
  void fail(Throwable cause) {
    if (settled.getCount() > 0) {
      failure = cause;
      settled.countDown();
    }
  }

  /** The result, after it is settled. */
  @SuppressWarnings("NullAway") // The result is null only where the work may return null.
  private T outcome() {
    switch (failure) {
      case null -> {}
      case RuntimeException thrown -> throw thrown;
      case Error thrown -> throw thrown;
      case Throwable thrown -> throw new IllegalStateException(thrown);
    }
    return result;
  }
}

package parlour.store;

import java.sql.SQLException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import parlour.store.Database.Work;

/** A piece of work on its way from its caller through the queue and back. */
final class PendingWrite<T extends @Nullable Object> {
  /** A change nobody waits for. */
  static final PendingWrite<?> NONE =
      new PendingWrite<@Nullable Void>(sql -> null, System.nanoTime());

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
  private final AtomicReference<State> state = new AtomicReference<>(State.WAITING);
  private final CountDownLatch settled = new CountDownLatch(1);
  private @Nullable T result;
  private @Nullable Throwable failure;
  private boolean handedBack;

  PendingWrite(Work<T> work, long deadline) {
    this.work = work;
    this.deadline = deadline;
  }

  Work<T> work() {
    return work;
  }

  long deadline() {
    return deadline;
  }

  /** The writer's: from here on it may be changed; false if nobody waits any more. */
  boolean begin() {
    return !isLate() && state.compareAndSet(State.WAITING, State.BEGUN);
  }

  boolean isLate() {
    return System.nanoTime() - deadline >= 0;
  }

  /** The caller's: true if it has not begun, and so never will. */
  boolean giveUp() {
    return state.compareAndSet(State.WAITING, State.GIVEN_UP);
  }

  void run(Runner runner) throws SQLException {
    try {
      result = runner.run(work, deadline);
    } finally {
      Thread.interrupted(); // Work may interrupt itself, not the others.
    }
  }

  /**
   * Not kept: its caller, who waits anyway, is to make it alone. Does nothing if it is settled.
   */
  void handBack() {
    if (settled.getCount() > 0) {
      handedBack = true;
      settled.countDown();
    }
  }

  /** After it was waited for: whether nothing came of it, and it is to be made by its caller. */
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

  /** Its caller has waited long enough. */
  void expire(String who) {
    fail(new StoreUnavailable(who, "out of time" + afterGivingUp(), null));
  }

  private String afterGivingUp() {
    return giveUp() ? ", nothing was changed" : ", the change may still be made";
  }

  /** Does nothing if it is settled. */
  void fail(Throwable cause) {
    if (settled.getCount() > 0) {
      failure = cause;
      settled.countDown();
    }
  }

  /** After it is settled. */
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

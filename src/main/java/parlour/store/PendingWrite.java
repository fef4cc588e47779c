package parlour.store;

import java.sql.SQLException;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import parlour.store.Database.Work;

/** A change between its caller, the queue and the thread that makes it. */
final class PendingWrite<T extends @Nullable Object> {
  /** A change without a caller, which wakes a thread. */
  static final PendingWrite<?> NONE =
      new PendingWrite<@Nullable Void>(sql -> null, System.nanoTime());

  /** A change that can be made together with those of other callers. */
  record Shared<A, R>(SharedChange<A, R> change, A arguments) {
    String key() {
      return change.key(arguments);
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
  private final @Nullable Shared<?, ?> shared;
  private final AtomicReference<State> state = new AtomicReference<>(State.WAITING);
  private final CountDownLatch settled = new CountDownLatch(1);
  private @Nullable T result;
  private @Nullable Throwable failure;
  private boolean handedBack;

  PendingWrite(Work<T> work, long deadline) {
    this(work, deadline, null);
  }

  /**
   * @param shared the same change as the work, which can also be made with others
   */
  PendingWrite(Work<T> work, long deadline, @Nullable Shared<?, ?> shared) {
    this.work = work;
    this.deadline = deadline;
    this.shared = shared;
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

  /** Whether it can be made {@link #together} with some others: the same change of other rows. */
  @SuppressWarnings("ReferenceEquality") // a change is made once, and is equal to no other
  boolean fits(List<PendingWrite<?>> others) {
    return shared != null
        && others.stream()
            .map(other -> other.shared)
            .allMatch(other -> other != null
                && other.change() == shared.change()
                && !other.key().equals(shared.key()));
  }

  /**
   * Makes several changes that {@linkplain #fits fit} each other, in the order of their rows: others that
   * change some of them at the same time then seldom wait for each other in a circle.
   */
  @SuppressWarnings({"unchecked", "NullAway"}) // of the same change, so of the same types
  static Work<Boolean> together(List<PendingWrite<?>> several) {
    List<PendingWrite<?>> inOrder = several.stream()
        .sorted(Comparator.comparing(write -> write.shared.key()))
        .toList();
    SharedChange<Object, Object> change =
        (SharedChange<Object, Object>) inOrder.getFirst().shared.change();
    List<Object> arguments =
        inOrder.stream().<Object>map(write -> write.shared.arguments()).toList();
    return sql -> {
      List<Object> results = change.of(sql, arguments);
      for (int i = 0; i < inOrder.size(); i++) {
        ((PendingWrite<Object>) inOrder.get(i)).result = results.get(i);
      }
      return true;
    };
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

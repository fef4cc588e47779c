package parlour;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** The one way in which tests wait for a condition: for up to a minute, and never for a fixed time. */
public final class Eventually {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration PAUSE = Duration.ofMillis(10);

  /** A condition; if it throws, the wait ends with that failure. */
  @FunctionalInterface
  public interface Condition {
    boolean isTrue() throws Exception;
  }

  private Eventually() {}

  public static void until(Condition condition) {
    until("it happens", condition);
  }

  /**
   * @param what for the failure: "waited in vain until …"
   */
  public static void until(String what, Condition condition) {
    long giveUp = System.nanoTime() + PATIENCE.toNanos();
    while (!isTrue(condition)) {
      if (System.nanoTime() - giveUp > 0 || Thread.currentThread().isInterrupted()) {
        throw new AssertionError("waited in vain until " + what);
      }
      LockSupport.parkNanos(PAUSE.toNanos());
    }
  }

  private static boolean isTrue(Condition condition) {
    try {
      return condition.isTrue();
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** Waits until a thread waits for something, so that what it waits for can happen then. */
  public static void untilItWaits(Thread thread) {
    until(
        thread + " waits",
        () -> thread.getState() == Thread.State.WAITING
            || thread.getState() == Thread.State.TIMED_WAITING);
  }

  /** Waits until a thread is in a method, so that it waits in it or does so within a moment. */
  public static void untilItIsIn(Class<?> type, String method, Thread thread) {
    until(
        thread + " is in " + type.getSimpleName() + "." + method,
        () -> Stream.of(thread.getStackTrace())
            .anyMatch(frame -> frame.getClassName().equals(type.getName())
                && frame.getMethodName().equals(method)));
  }

  /** Waits for a latch, also on a thread that cannot declare that it is interrupted. */
  public static void await(CountDownLatch latch) {
    try {
      if (!latch.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        throw new AssertionError("the latch did not open");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }
}

package parlour;

import java.time.Duration;
import java.util.List;

/** Waits for the end of threads when a process stops. */
public final class Threads {
  private Threads() {}

  /**
   * Waits until all of them have ended, or the caller is interrupted.
   *
   * @param max the longest time for all of them together
   */
  public static void join(List<Thread> threads, Duration max) {
    long deadline = System.nanoTime() + max.toNanos();
    try {
      for (Thread thread : threads) {
        thread.join(Duration.ofNanos(Math.max(1, deadline - System.nanoTime())));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

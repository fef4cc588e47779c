package parlour.spec;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.IntFunction;

/** Runs work in many threads, which wait for each other before they begin. */
public final class AtOnce {
  private AtOnce() {}

  /**
   * Returns the results in the order of the threads' numbers, from 0. Throws what a thread throws.
   */
  public static <T> List<T> run(int threads, IntFunction<T> work) {
    CountDownLatch ready = new CountDownLatch(threads);
    List<T> answers = new ArrayList<>();
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<T>> running = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        int number = i;
        running.add(executor.submit(() -> {
          ready.countDown();
          ready.await();
          return work.apply(number);
        }));
      }
      for (Future<T> each : running) {
        answers.add(each.get(90, TimeUnit.SECONDS));
      }
    } catch (ExecutionException | TimeoutException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
    return answers;
  }
}

package parlour.store;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import parlour.Eventually;

/** Changes that a server's store makes in one group. */
public final class OneGroup {
  private OneGroup() {}

  /** Opens a store with one thread that makes changes. */
  public static Database open(PostgresServer server, Schema schema) {
    return Postgres.open(server, Migrations.of(schema), MigrationMode.APPLY, 1);
  }

  /**
   * Runs calls that make one change each, all in one group; returns what they return.
   *
   * @param database with one thread that makes changes
   */
  public static <T> List<T> of(Database database, List<? extends Callable<T>> calls)
      throws InterruptedException, ExecutionException {
    CountDownLatch isBusy = new CountDownLatch(1);
    CountDownLatch areQueued = new CountDownLatch(1);
    List<T> results = new ArrayList<>();
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Boolean> busy = callers.submit(() -> database.write(sql -> {
        isBusy.countDown();
        DatabaseContract.await(areQueued);
        return true;
      }));
      isBusy.await();
      List<Future<T>> running = new ArrayList<>();
      for (Callable<T> call : calls) {
        running.add(callers.submit(call));
        Eventually.until(() -> database.activity().waiting() == running.size());
      }
      areQueued.countDown();
      var _ = busy.get();
      for (Future<T> one : running) {
        results.add(one.get());
      }
    }
    return results;
  }
}

package parlour.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ReaderPoolTest {
  private static final StoreLimits ONE_READER = new StoreLimits(
      10, 10, 1, 10, Duration.ofSeconds(30), Duration.ofSeconds(1), Duration.ofSeconds(20));

  @TempDir
  Path folder;

  /** Otherwise callers who read without a pause keep the others out until these give up. */
  @Test
  void a_caller_who_waits_is_served_before_one_who_comes_again() throws InterruptedException {
    Path file = folder.resolve("readers.db");
    SqliteDatabase.open(file, DatabaseContract.THINGS, MigrationMode.APPLY, StoreLimits.DEFAULT)
        .close();
    ReaderPool pool = new ReaderPool(file, "test", ONE_READER);
    for (int attempt = 0; attempt < 50; attempt++) {
      AtomicBoolean served = new AtomicBoolean();
      Thread waiting = Thread.ofPlatform().unstarted(() -> {
        boolean _ = pool.read(sql -> served.getAndSet(true), ReaderPool.Reading.ONE);
      });
      boolean _ = pool.read(
          sql -> {
            waiting.start();
            while (waiting.getState() != Thread.State.TIMED_WAITING) {
              Thread.onSpinWait();
            }
            return true;
          },
          ReaderPool.Reading.ONE);
      boolean isServed = pool.read(sql -> served.get(), ReaderPool.Reading.ONE);
      assertThat(isServed).isTrue();
      waiting.join();
    }
    pool.close();
  }
}

package parlour.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import parlour.Limits;
import parlour.TooManyRequests;
import parlour.Unavailable;
import parlour.scopedauth.SqlSessions;
import parlour.store.Database;
import parlour.store.InMemoryDatabase;

/** Reads of the ledger leave most readers of the store to the calls of guests. */
@Timeout(60)
class LedgerReadsTest {
  @AutoClose
  private final InMemoryDatabase database = new InMemoryDatabase(SqlSessions.SCHEMA);

  @AutoClose
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  private final Semaphore begun = new Semaphore(0);
  private final CountDownLatch slow = new CountDownLatch(1);
  private final SqlLedger ledger = new SqlLedger(new Slow());

  private static final LedgerQuery NEWEST =
      new LedgerQuery(Instant.EPOCH, Optional.empty(), Optional.empty(), false, 1);

  @Test
  void a_read_beside_a_slow_one_is_refused_for_now_and_uses_no_reader() throws Exception {
    List<Future<List<LedgerEntry>>> running = run(() -> ledger.newest(NEWEST), Limits.LEDGER_READS);
    for (Callable<?> other :
        List.<Callable<?>>of(() -> ledger.newest(NEWEST), () -> ledger.ofTrace("4bf92f3577b3"))) {
      Future<?> refused = threads.submit(other);
      assertThatThrownBy(() -> refused.get(10, TimeUnit.SECONDS))
          .cause()
          .isInstanceOfSatisfying(
              TooManyRequests.class,
              later -> assertThat(later.retryAfter()).isEqualTo(Limits.RETRY_AFTER));
    }
    assertThat(begun.availablePermits()).as("further reads that have begun").isZero();
    slow.countDown();
    for (Future<List<LedgerEntry>> one : running) {
      assertThat(one.get()).isEmpty();
    }
    assertThat(ledger.newest(NEWEST)).isEmpty();
  }

  @Test
  void a_read_that_fails_does_not_keep_others_from_reading() {
    SqlLedger broken = new SqlLedger(new Slow() {
      @Override
      public <T extends @Nullable Object> T read(Work<T> work) {
        throw new Unavailable("the store", "down", null);
      }
    });
    for (int i = 0; i <= Limits.LEDGER_READS; i++) {
      assertThatThrownBy(() -> broken.newest(NEWEST)).isInstanceOf(Unavailable.class);
    }
  }

  private <T> List<Future<T>> run(Callable<T> read, int times) throws InterruptedException {
    List<Future<T>> running = new ArrayList<>();
    for (int i = 0; i < times; i++) {
      running.add(threads.submit(read));
    }
    assertThat(begun.tryAcquire(times, 30, TimeUnit.SECONDS)).isTrue();
    return running;
  }

  /** A database whose reads wait. */
  private class Slow implements Database {
    @Override
    public <T extends @Nullable Object> T read(Work<T> work) {
      begun.release();
      try {
        assertThat(slow.await(20, TimeUnit.SECONDS)).as("released").isTrue();
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
      }
      return database.read(work);
    }

    @Override
    public <T extends @Nullable Object> T write(Work<T> work) {
      return database.write(work);
    }

    @Override
    public void scrubSoon() {
      database.scrubSoon();
    }

    @Override
    public boolean scrub() {
      return database.scrub();
    }

    @Override
    public void close() {
      database.close();
    }
  }
}

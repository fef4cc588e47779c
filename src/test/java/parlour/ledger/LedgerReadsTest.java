package parlour.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static parlour.Eventually.await;

import java.net.URI;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.client.HttpClient;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import parlour.Limits;
import parlour.Sid;
import parlour.TooManyRequests;
import parlour.Unavailable;
import parlour.errors.Errors;
import parlour.http.client.HttpClients;
import parlour.http.client.InternalClient;
import parlour.http.client.Nodes;
import parlour.http.server.Listener;
import parlour.http.server.Routes;
import parlour.scopedauth.SqlSessions;
import parlour.store.ForwardingDatabase;
import parlour.store.InMemoryDatabase;

/** Searches of the ledger leave most readers of the store to the calls of guests. */
@Timeout(60)
class LedgerReadsTest {
  @AutoClose
  private final InMemoryDatabase database = new InMemoryDatabase(SqlSessions.SCHEMA);

  @AutoClose
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  private final Semaphore begun = new Semaphore(0);
  private final CountDownLatch slow = new CountDownLatch(1);
  private final SqlLedger ledger = new SqlLedger(new Slow());

  private static final LedgerQuery NEWEST = new LedgerQuery(
      Instant.EPOCH,
      new LedgerQuery.Scope.Everything(),
      Optional.empty(),
      false,
      1,
      Optional.empty());

  @Test
  void a_search_beside_a_slow_one_is_refused_for_now_and_does_not_begin() throws Exception {
    List<Future<List<LedgerEntry>>> running =
        run(() -> ledger.newest(NEWEST), Limits.SEARCHES_AT_ONCE);
    Future<?> refused = threads.submit(() -> ledger.newest(NEWEST));
    assertThatThrownBy(() -> refused.get(10, TimeUnit.SECONDS))
        .cause()
        .isInstanceOfSatisfying(
            TooManyRequests.class,
            later -> assertThat(later.retryAfter()).isEqualTo(Limits.RETRY_AFTER));
    assertThat(begun.availablePermits()).as("further searches that have begun").isZero();
    slow.countDown();
    for (Future<List<LedgerEntry>> one : running) {
      assertThat(one.get()).isEmpty();
    }
    assertThat(ledger.newest(NEWEST)).isEmpty();
  }

  @Test
  void the_entries_of_a_trace_are_read_beside_a_search() throws Exception {
    run(() -> ledger.newest(NEWEST), Limits.SEARCHES_AT_ONCE);
    assertThat(threads.submit(() -> ledger.ofTrace("4bf92f3577b3")).get(10, TimeUnit.SECONDS))
        .isEmpty();
    slow.countDown();
  }

  @Test
  void a_search_beside_one_that_waits_for_a_failing_store_fails_because_of_the_store()
      throws Exception {
    SqlLedger failing = new SqlLedger(new Slow() {
      @Override
      public <T extends @Nullable Object> T readOne(Work<T> work) {
        throw new Unavailable("the store", "down", null);
      }
    });
    run(() -> failing.newest(NEWEST), Limits.SEARCHES_AT_ONCE);
    Future<?> other = threads.submit(() -> failing.newest(NEWEST));
    assertThatThrownBy(() -> other.get(10, TimeUnit.SECONDS))
        .cause()
        .isExactlyInstanceOf(Unavailable.class)
        .hasMessage("the store: down");
    slow.countDown();
  }

  @Test
  void many_searches_of_an_account_delay_another_account_by_one() throws Exception {
    SecureRandom random = new SecureRandom();
    Sid.Account busy = Sid.Account.random(random);
    Sid.Account other = Sid.Account.random(random);
    BlockingQueue<CountDownLatch> searching = new LinkedBlockingQueue<>();
    SqlLedger patient = new SqlLedger(
        new Slow() {
          @Override
          public <T extends @Nullable Object> T read(Work<T> work) {
            CountDownLatch end = new CountDownLatch(1);
            searching.add(end);
            await(end);
            return database.read(work);
          }
        },
        Duration.ofMinutes(1));
    Queue<Sid.Account> ended = new ConcurrentLinkedQueue<>();
    List<Thread> searches = new ArrayList<>();
    for (Sid.Account one : List.of(busy, busy, busy, other)) {
      searches.add(Thread.ofPlatform().start(() -> {
        patient.newest(by(one));
        ended.add(one);
      }));
      while (searches.getLast().getState() != Thread.State.TIMED_WAITING) {
        Thread.onSpinWait();
      }
    }
    for (int i = 0; i < 2; i++) {
      int before = i;
      Objects.requireNonNull(searching.poll(30, TimeUnit.SECONDS)).countDown();
      while (ended.size() == before) {
        Thread.onSpinWait();
      }
    }
    assertThat(ended).containsExactly(busy, other);
    for (int i = 0; i < 2; i++) {
      Objects.requireNonNull(searching.poll(30, TimeUnit.SECONDS)).countDown();
    }
    for (Thread search : searches) {
      search.join();
    }
    assertThat(ended).containsExactly(busy, other, busy, busy);
  }

  private static LedgerQuery by(Sid.Account reader) {
    return new LedgerQuery(
        Instant.EPOCH,
        new LedgerQuery.Scope.Everything(),
        Optional.empty(),
        false,
        1,
        Optional.of(reader));
  }

  @Test
  void a_read_that_fails_does_not_keep_others_from_reading() {
    SqlLedger broken = new SqlLedger(new Slow() {
      @Override
      public <T extends @Nullable Object> T read(Work<T> work) {
        throw new Unavailable("the store", "down", null);
      }
    });
    for (int i = 0; i <= Limits.SEARCHES_AT_ONCE; i++) {
      assertThatThrownBy(() -> broken.newest(NEWEST)).isInstanceOf(Unavailable.class);
    }
  }

  /** Of ScopedAuthService, FederatedAuthService, which passes calls on, and the orchestrator. */
  @Test
  void a_refused_read_passes_through_the_processes_between_with_its_time() throws Exception {
    HttpClient http = HttpClients.start();
    try (Listener scopedAuth = serving(ledger);
        Listener federatedAuth = serving(client(http, scopedAuth))) {
      List<Future<List<LedgerEntry>>> running =
          run(() -> ledger.newest(NEWEST), Limits.SEARCHES_AT_ONCE);
      assertThatThrownBy(() -> client(http, federatedAuth).newest(NEWEST))
          .isInstanceOfSatisfying(
              TooManyRequests.class,
              later -> assertThat(later.retryAfter()).isEqualTo(Limits.RETRY_AFTER));
      slow.countDown();
      for (Future<List<LedgerEntry>> one : running) {
        assertThat(one.get()).isEmpty();
      }
      assertThat(client(http, federatedAuth).newest(NEWEST)).isEmpty();
    } finally {
      http.stop();
    }
  }

  private static Listener serving(LedgerStore store) {
    Routes routes = new Routes(Errors.PLAIN);
    LedgerHttp.serve(store, routes);
    return Listener.start(Listener.Settings.internal("127.0.0.1", 0, Errors.PLAIN), routes);
  }

  private static LedgerHttp client(HttpClient http, Listener peer) {
    return new LedgerHttp(new InternalClient(
        http,
        Nodes.of("a process", URI.create("http://127.0.0.1:" + peer.port())),
        "secret",
        Limits.SCOPED_AUTH_DEADLINE,
        Limits.AUTH_RESPONSE_BYTES));
  }

  private <T> List<Future<T>> run(Callable<T> read, int times) throws InterruptedException {
    List<Future<T>> running = new ArrayList<>();
    for (int i = 0; i < times; i++) {
      running.add(threads.submit(read));
    }
    assertThat(begun.tryAcquire(times, 30, TimeUnit.SECONDS)).isTrue();
    return running;
  }

  /** A database whose long reads wait. */
  private class Slow extends ForwardingDatabase {
    Slow() {
      super(LedgerReadsTest.this.database);
    }

    @Override
    public <T extends @Nullable Object> T read(Work<T> work) {
      begun.release();
      await(slow);
      return database.read(work);
    }

    @Override
    public <T extends @Nullable Object> T readOne(Work<T> work) {
      return database.readOne(work);
    }
  }
}

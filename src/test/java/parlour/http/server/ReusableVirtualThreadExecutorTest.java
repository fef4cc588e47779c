package parlour.http.server;

import static org.assertj.core.api.Assertions.assertThat;
import static parlour.Eventually.await;

import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import parlour.Limits;

@Timeout(120)
final class ReusableVirtualThreadExecutorTest {
  private final ReusableVirtualThreadExecutor threads = new ReusableVirtualThreadExecutor();

  @AfterEach
  void closes() {
    threads.close();
  }

  @Test
  void one_request_after_the_other_is_served_by_the_same_thread() throws Exception {
    Set<Thread> seen = ConcurrentHashMap.newKeySet();
    for (int i = 0; i < 50; i++) {
      Thread served = servedBy(() -> {});
      awaitIdle(served);
      seen.add(served);
    }
    assertThat(seen).hasSize(1).allMatch(Thread::isVirtual);
  }

  @Test
  void waiting_requests_do_not_delay_others() throws Exception {
    assertThat(startMoreThanAreKept()).doesNotHaveDuplicates();
  }

  @Test
  void only_a_limited_number_of_idle_threads_is_kept() throws Exception {
    List<Thread> seen = startMoreThanAreKept();
    while (seen.stream().filter(Thread::isAlive).count() > Limits.REUSABLE_THREADS) {
      Thread.sleep(1); // The threads beyond the limit are ending.
    }
    seen.forEach(ReusableVirtualThreadExecutorTest::awaitIdleOrEnd);
    assertThat(seen.stream().filter(Thread::isAlive)).hasSize(Limits.REUSABLE_THREADS);
  }

  @Test
  void an_interrupt_of_one_request_does_not_reach_the_next() throws Exception {
    Thread first = servedBy(() -> Thread.currentThread().interrupt());
    awaitIdle(first);
    var interrupted = new CompletableFuture<Boolean>();
    Thread second = servedBy(() -> interrupted.complete(Thread.currentThread().isInterrupted()));
    assertThat(second).isEqualTo(first);
    assertThat(interrupted.get()).isFalse();
  }

  @Test
  void a_request_that_throws_ends_only_its_thread() throws Exception {
    var failing = new CompletableFuture<Thread>();
    threads.execute(() -> {
      Thread.currentThread().setUncaughtExceptionHandler((thread, failure) -> {});
      failing.complete(Thread.currentThread());
      throw new IllegalStateException("mine");
    });
    failing.get().join();
    assertThat(servedBy(() -> {})).isNotEqualTo(failing.get());
  }

  @Test
  void closing_ends_idle_threads_at_once_and_the_others_after_their_work() throws Exception {
    var gate = new CountDownLatch(1);
    var begun = new CompletableFuture<Thread>();
    threads.execute(() -> {
      begun.complete(Thread.currentThread());
      await(gate);
    });
    Thread working = begun.get();
    Thread idle = servedBy(() -> {});
    awaitIdle(idle);
    threads.close();
    idle.join();
    assertThat(working.isAlive()).isTrue();
    gate.countDown();
    working.join();
    servedBy(() -> {}).join(); // A later request is served, and its thread is not kept.
  }

  /** More requests than idle threads are kept, none of which ends before all have begun. */
  private List<Thread> startMoreThanAreKept() {
    int many = Limits.REUSABLE_THREADS * 3;
    var all = new CountDownLatch(many);
    List<CompletableFuture<Thread>> waiting = Stream.generate(() -> serve(() -> {
          all.countDown();
          await(all);
        }))
        .limit(many)
        .toList();
    return waiting.stream().map(CompletableFuture::join).toList();
  }

  private Thread servedBy(Runnable request) throws Exception {
    return serve(request).get();
  }

  private CompletableFuture<Thread> serve(Runnable request) {
    var served = new CompletableFuture<Thread>();
    threads.execute(() -> {
      request.run();
      served.complete(Thread.currentThread());
    });
    return served;
  }

  private static void awaitIdle(Thread thread) {
    awaitIdleOrEnd(thread);
    assertThat(thread.isAlive()).isTrue();
  }

  private static void awaitIdleOrEnd(Thread thread) {
    while (thread.isAlive() && thread.getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }
  }
}

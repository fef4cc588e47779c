package parlour.realtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import parlour.Limits;
import parlour.http.server.BytePool;

class RequestQueueTest {
  private static final int SHARE = 3 * Limits.REALTIME_WAITING_BYTES / 2;

  private final BlockingQueue<String> begun = new LinkedBlockingQueue<>();
  private final Semaphore finish = new Semaphore(0);
  private final BytePool memory = new BytePool(2 * SHARE, SHARE);
  private final RequestQueue queue = queue("10.0.0.7");

  private RequestQueue queue(String client) {
    return new RequestQueue(
        frame -> {
          begun.add(frame.id());
          finish.acquireUninterruptibly();
        },
        bytes -> memory.hold(client, bytes, Duration.ofSeconds(30)));
  }

  private static TwilsockFrame frame(String id, int bytes) {
    return TwilsockFrame.parse(TwilsockFrame.bytes(
        new JsonObject().with("method", "message").with("id", id), new byte[bytes]));
  }

  private String nextBegun() throws InterruptedException {
    return String.valueOf(begun.poll(30, TimeUnit.SECONDS));
  }

  @Test
  void a_long_request_is_answered_alone_and_the_next_ones_after_it() throws InterruptedException {
    queue.add(frame("long", Limits.REALTIME_WAITING_BYTES));
    assertThat(nextBegun()).isEqualTo("long");
    queue.add(frame("next", 1));
    assertThat(begun.poll(100, TimeUnit.MILLISECONDS)).isNull();
    finish.release();
    assertThat(nextBegun()).isEqualTo("next");
    queue.add(frame("beside", 1));
    assertThat(nextBegun()).isEqualTo("beside");
    finish.release(2);
  }

  @Test
  void a_request_that_others_wait_for_overtakes_them() throws InterruptedException {
    for (int i = 0; i <= Limits.REALTIME_REQUESTS; i++) {
      queue.add(frame("page " + i, 1));
    }
    for (int i = 0; i < Limits.REALTIME_REQUESTS; i++) {
      assertThat(nextBegun()).startsWith("page ");
    }
    queue.addAwaited(frame("subscription", 1));
    assertThat(nextBegun()).isEqualTo("subscription");
    queue.addAwaited(frame("another", 1));
    finish.release();
    assertThat(nextBegun()).isEqualTo("another");
    finish.release(2);
    assertThat(nextBegun()).isEqualTo("page " + Limits.REALTIME_REQUESTS);
    finish.release(Limits.REALTIME_REQUESTS);
  }

  @Test
  void a_stop_waits_for_the_answers_to_all_requests_but_not_for_ever() throws InterruptedException {
    for (int i = 0; i <= Limits.REALTIME_REQUESTS; i++) {
      queue.add(frame("request " + i, 1)); // the last one waits for its turn
    }
    queue.awaitAnswers(Duration.ofMillis(1)); // returns
    Thread stopping = Thread.ofVirtual().start(() -> queue.awaitAnswers(Duration.ofSeconds(30)));
    finish.release(Limits.REALTIME_REQUESTS);
    assertThat(stopping.join(Duration.ofMillis(100)))
        .as("one is not answered yet")
        .isFalse();
    finish.release();
    assertThat(stopping.join(Duration.ofSeconds(30))).isTrue();
  }

  @Test
  void a_request_counts_with_all_bytes_of_its_frame() {
    byte[] bytes = TwilsockFrame.bytes(
        new JsonObject().with("method", "message").with("id", "TM1").with("j", "x".repeat(60_000)),
        new byte[10]);
    assertThat(TwilsockFrame.parse(bytes).bytes()).isEqualTo(bytes.length);
  }

  @Test
  void the_requests_of_all_sockets_of_an_address_share_its_memory() throws InterruptedException {
    queue.add(frame("first", Limits.REALTIME_WAITING_BYTES));
    assertThat(nextBegun()).isEqualTo("first");
    RequestQueue beside = queue("10.0.0.7");
    Thread adding =
        Thread.ofVirtual().start(() -> beside.add(frame("beside", Limits.REALTIME_WAITING_BYTES)));
    assertThat(begun.poll(100, TimeUnit.MILLISECONDS))
        .as("no memory is left for it")
        .isNull();
    queue("10.0.0.9").add(frame("of another address", 200_000));
    assertThat(nextBegun()).isEqualTo("of another address");
    finish.release(2);
    assertThat(nextBegun()).isEqualTo("beside");
    finish.release();
    adding.join();
  }

  @Test
  void a_closed_socket_gives_the_memory_of_its_requests_back() throws InterruptedException {
    queue.add(frame("running", Limits.REALTIME_WAITING_BYTES));
    assertThat(nextBegun()).isEqualTo("running");
    queue.add(frame("waiting", 50_000));
    queue.close();
    finish.release();
    queue("10.0.0.7").add(frame("whole share", SHARE - 1_000));
    assertThat(nextBegun()).isEqualTo("whole share");
    finish.release();
  }

  @Test
  void short_requests_need_no_memory() throws InterruptedException {
    queue.add(frame("long", SHARE - 1_000));
    RequestQueue beside = queue("10.0.0.7");
    beside.add(frame("short", 1_500));
    beside.add(frame("short, too", 1_500));
    assertThat(List.of(nextBegun(), nextBegun(), nextBegun()))
        .containsExactlyInAnyOrder("long", "short", "short, too");
    finish.release(3);
  }
}

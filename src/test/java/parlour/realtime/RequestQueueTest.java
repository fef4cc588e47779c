package parlour.realtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import parlour.Limits;

class RequestQueueTest {
  private final BlockingQueue<String> begun = new LinkedBlockingQueue<>();
  private final Semaphore finish = new Semaphore(0);
  private final RequestQueue queue = new RequestQueue(frame -> {
    begun.add(frame.id());
    finish.acquireUninterruptibly();
  });

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
  void a_request_counts_with_all_bytes_of_its_frame() {
    byte[] bytes = TwilsockFrame.bytes(
        new JsonObject().with("method", "message").with("id", "TM1").with("j", "x".repeat(60_000)),
        new byte[10]);
    assertThat(TwilsockFrame.parse(bytes).bytes()).isEqualTo(bytes.length);
  }
}

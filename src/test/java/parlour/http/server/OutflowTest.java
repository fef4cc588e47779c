package parlour.http.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import parlour.Limits;
import parlour.errors.Errors;

class OutflowTest {
  private static final int MORE_THAN_THE_KERNEL_TAKES = 16 << 20;
  private static final Duration DEADLINE = Duration.ofMillis(300);

  private final CompletableFuture<Boolean> written = new CompletableFuture<>();
  private final Listener listener = Listener.start(
      Listener.Settings.forBrowsers("127.0.0.1", 0, Errors.PLAIN), new Handler.Abstract() {
        @Override
        public boolean handle(Request request, Response response, Callback callback) {
          boolean isLong = "/long".equals(Request.getPathInContext(request));
          Outflow.write(
              response,
              new byte[isLong ? MORE_THAN_THE_KERNEL_TAKES : Limits.RESPONSE_UNRESERVED_BYTES + 1],
              DEADLINE,
              Callback.from(
                  () -> {
                    callback.succeeded();
                    written.complete(true);
                  },
                  failure -> {
                    callback.failed(failure);
                    written.complete(false);
                  }));
          return true;
        }
      });

  @AfterEach
  void stop() {
    listener.close();
  }

  @Test
  void a_client_that_reads_too_slowly_is_disconnected() throws Exception {
    try (var wire = new Wire(listener.port()).send("GET /long HTTP/1.1\r\nHost: x\r\n\r\n")) {
      assertThat(written.get(60, TimeUnit.SECONDS)).isFalse();
      assertThat(wire.readAll().length()).isLessThan(MORE_THAN_THE_KERNEL_TAKES);
    }
  }

  @Test
  void a_client_that_reads_in_time_keeps_the_connection() throws Exception {
    long firstAnswered = 0;
    try (var wire = new Wire(listener.port())) {
      do {
        wire.send("GET /short HTTP/1.1\r\nHost: x\r\n\r\n");
        assertThat(wire.readUntil("\r\n\r\n")).contains("200 OK");
        for (int byteOfBody = 0; byteOfBody <= Limits.RESPONSE_UNRESERVED_BYTES; byteOfBody++) {
          assertThat(wire.read()).isZero();
        }
        assertThat(written.get(60, TimeUnit.SECONDS)).isTrue();
        firstAnswered = firstAnswered == 0 ? System.nanoTime() : firstAnswered;
      } while (System.nanoTime() - firstAnswered < DEADLINE.multipliedBy(2).toNanos());
    }
  }

  @Test
  void a_longer_answer_has_a_longer_deadline() {
    assertThat(Outflow.deadline(0)).isEqualTo(Duration.ofSeconds(20));
    assertThat(Outflow.deadline(Limits.PAGE_BYTES)).isEqualTo(Duration.ofSeconds(24));
  }
}

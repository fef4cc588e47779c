package parlour.http.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import parlour.http.client.InternalConnections.Progress;
import parlour.http.client.InternalConnections.Target;
import parlour.http.server.Wire;
import parlour.http.tls.Tls;

@Timeout(120)
class InternalConnectionsTest {
  private static final Duration LONG = Duration.ofSeconds(60);
  private static final String REQUEST = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

  @Test
  void calls_one_after_the_other_share_a_connection() throws Exception {
    var accepted = new AtomicInteger();
    try (var service = new Wire.Service(wire -> {
          accepted.incrementAndGet();
          while (!wire.readUntil("\r\n\r\n").isEmpty()) {
            wire.send(OK);
          }
        });
        var connections = connections(LONG)) {
      for (int i = 0; i < 5; i++) {
        assertThat(call(connections, service, REQUEST, LONG)).isEqualTo("ok");
      }
      assertThat(accepted).hasValue(1);
    }
  }

  @Test
  void a_connection_that_the_server_closed_costs_no_call() throws Exception {
    var closed = new CountDownLatch(1);
    try (var service = new Wire.Service(wire -> {
          wire.readUntil("\r\n\r\n");
          wire.send(OK).endSending();
          closed.countDown();
          wire.readAll();
        });
        var connections = connections(LONG)) {
      assertThat(call(connections, service, REQUEST, LONG)).isEqualTo("ok");
      assertThat(closed.await(60, TimeUnit.SECONDS)).isTrue();
      // Not repeated: a second attempt is the work of InternalClient.
      assertThat(call(connections, service, REQUEST, LONG)).isEqualTo("ok");
    }
  }

  @Test
  void an_idle_connection_is_closed_by_this_side() throws Exception {
    var closed = new CountDownLatch(1);
    try (var service = new Wire.Service(wire -> {
          wire.readUntil("\r\n\r\n");
          wire.send(OK);
          wire.readAll();
          closed.countDown();
        });
        var connections = connections(Duration.ofMillis(50))) {
      assertThat(call(connections, service, REQUEST, LONG)).isEqualTo("ok");
      assertThat(closed.await(60, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void a_process_that_does_not_read_a_long_request_ends_the_call_at_its_deadline()
      throws Exception {
    var done = new CountDownLatch(1);
    try (var service = new Wire.Service(wire -> done.await());
        var connections = connections(LONG)) {
      String endless = REQUEST + "x".repeat(50_000_000);
      assertThatThrownBy(() -> call(connections, service, endless, Duration.ofMillis(300)))
          .isInstanceOf(TimeoutException.class);
      done.countDown();
    }
  }

  @Test
  void closing_ends_the_running_calls_and_refuses_new_ones() throws Exception {
    var arrived = new CountDownLatch(1);
    InternalConnections connections = connections(LONG);
    try (var service = new Wire.Service(wire -> {
          wire.readUntil("\r\n\r\n");
          arrived.countDown();
          wire.readAll();
        });
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var running = threads.submit(() -> call(connections, service, REQUEST, LONG));
      assertThat(arrived.await(60, TimeUnit.SECONDS)).isTrue();
      connections.close();
      assertThatThrownBy(running::get)
          .isInstanceOf(ExecutionException.class)
          .hasCauseInstanceOf(IOException.class);
      assertThatThrownBy(() -> call(connections, service, REQUEST, LONG))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("stopping");
    }
  }

  @Test
  void a_call_that_found_no_connection_was_not_sent() {
    try (var connections = connections(LONG)) {
      var progress = new Progress();
      var nowhere = new Target(URI.create("http://127.0.0.1:1"), Optional.empty());
      assertThatThrownBy(() -> connections.call(
              nowhere, new byte[0], 10, System.nanoTime() + LONG.toNanos(), progress))
          .isInstanceOf(IOException.class);
      assertThat(progress.isSent).isFalse();
    }
  }

  private static InternalConnections connections(Duration idle) {
    return new InternalConnections(Tls.ofDefaultTrust(), 4, idle);
  }

  private static String call(
      InternalConnections connections, Wire.Service service, String request, Duration deadline)
      throws Exception {
    InternalResponse response = connections.call(
        new Target(URI.create("http://127.0.0.1:" + service.port()), Optional.empty()),
        request.getBytes(StandardCharsets.US_ASCII),
        10,
        System.nanoTime() + deadline.toNanos(),
        new Progress());
    return new String(response.body(), StandardCharsets.US_ASCII);
  }
}

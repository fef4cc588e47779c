package parlour.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import parlour.Limits;
import parlour.OutageLog;
import parlour.Unavailable;
import parlour.api.FollowLoop.Memory;
import parlour.api.FollowLoop.Next;
import parlour.errors.Errors;
import parlour.http.server.Listener;
import parlour.http.server.Outflow;
import parlour.http.server.Routes;
import parlour.http.websocket.Socket;
import parlour.http.websocket.SocketLimits;

/** The loop on a real WebSocket, with a scripted follower. */
class FollowLoopTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int BYTES = 1_000;
  private static final String CLIENT = "192.0.2.1";

  /** The results of the polls; "outage" throws, and "end" is the end of the stream. */
  private final BlockingQueue<String> script = new LinkedBlockingQueue<>();

  /** The events that the follower and the client saw, in order. */
  private final BlockingQueue<String> events = new LinkedBlockingQueue<>();

  @AutoClose
  private final Listener listener = Listener.start(
      new Listener.Settings(
          "127.0.0.1",
          0,
          Errors.PLAIN,
          true,
          16 * 1024,
          100,
          Duration.ofSeconds(3),
          Duration.ofMillis(800),
          SocketLimits.DEFAULT),
      new Routes(Errors.PLAIN).socket("/follow", call -> this::follow));

  private void follow(Socket socket) {
    FollowLoop loop = new FollowLoop(
        socket,
        new FollowLoop.Reservation(CLIENT, BYTES, Duration.ofMillis(50)),
        new OutageLog(LoggerFactory.getLogger(FollowLoopTest.class), "the test's socket waits"));
    socket.alongside(() -> {
      loop.run(new Scripted(socket));
      events.add("loop ended");
    });
    socket.receive(PATIENCE.multipliedBy(2)); // no client here sends anything
  }

  private final class Scripted implements FollowLoop.Follower<String> {
    private final Socket socket;

    Scripted(Socket socket) {
      this.socket = socket;
    }

    @Override
    public String poll(Memory memory) {
      String result;
      try {
        result = script.take();
      } catch (InterruptedException closed) {
        Thread.currentThread().interrupt();
        return nothing();
      }
      if (result.equals("outage")) {
        throw new Unavailable("CNV", "down", null);
      }
      return result + " " + memory;
    }

    @Override
    public String nothing() {
      return "nothing";
    }

    @Override
    public Optional<Next> deliver(String result) {
      if (result.startsWith("end")) {
        return Optional.empty();
      }
      if (!Thread.currentThread().isInterrupted()) {
        socket.send(result);
      }
      return Optional.of(new Next(result.startsWith("large"), Duration.ZERO));
    }
  }

  @Test
  void an_outage_leaves_the_socket_open_and_the_loop_polls_again() throws Exception {
    connect();
    script.addAll(List.of("outage", "small"));
    assertThat(next()).isEqualTo("nothing");
    assertThat(next()).isEqualTo("small UNRESERVED");
  }

  @Test
  void memory_is_reserved_for_the_poll_after_one_that_announced_a_large_result() throws Exception {
    connect();
    script.addAll(List.of("small", "large", "small", "small"));
    assertThat(List.of(next(), next(), next(), next()))
        .containsExactly(
            "small UNRESERVED", "large UNRESERVED", "small RESERVED", "small UNRESERVED");
  }

  @Test
  void a_poll_without_free_memory_is_small_and_the_next_one_reserves_again() throws Exception {
    connect();
    int share = Limits.RESPONSE_MEMORY / Limits.RESPONSE_MEMORY_SHARE;
    try (var _ = Outflow.hold(CLIENT, share, PATIENCE).orElseThrow()) {
      script.addAll(List.of("large", "large"));
      assertThat(List.of(next(), next())).containsExactly("large UNRESERVED", "large EXHAUSTED");
      script.add("large");
      assertThat(next()).isEqualTo("large EXHAUSTED");
    }
    script.addAll(List.of("large", "large"));
    next();
    assertThat(next()).isEqualTo("large RESERVED");
  }

  /** The socket stays open here: closing it would interrupt the loop, which then ends anyway. */
  @Test
  void the_loop_ends_when_its_follower_says_that_the_stream_is_over() throws Exception {
    connect();
    script.add("end");
    assertThat(next()).isEqualTo("loop ended");
  }

  @Test
  void the_loop_ends_when_the_client_closes_the_socket() throws Exception {
    WebSocket client = connect();
    client.sendClose(WebSocket.NORMAL_CLOSURE, "").get(60, TimeUnit.SECONDS);
    assertThat(List.of(next(), next())).containsExactlyInAnyOrder("loop ended", "closed 1000");
  }

  private WebSocket connect() throws Exception {
    return HttpClient.newHttpClient()
        .newWebSocketBuilder()
        .buildAsync(
            URI.create("ws://127.0.0.1:" + listener.port() + "/follow"), new WebSocket.Listener() {
              @Override
              public @Nullable CompletionStage<?> onText(
                  WebSocket socket, CharSequence text, boolean last) {
                events.add(text.toString());
                socket.request(1);
                return null;
              }

              @Override
              public @Nullable CompletionStage<?> onClose(
                  WebSocket socket, int code, String reason) {
                events.add("closed " + code);
                return null;
              }
            })
        .get(60, TimeUnit.SECONDS);
  }

  private String next() throws InterruptedException {
    String event = events.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    return event == null ? "no event" : event;
  }
}

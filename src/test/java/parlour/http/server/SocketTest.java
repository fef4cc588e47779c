package parlour.http.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static parlour.Eventually.await;
import static parlour.Eventually.until;
import static parlour.http.server.WireSocket.BINARY;
import static parlour.http.server.WireSocket.CONTINUATION;
import static parlour.http.server.WireSocket.FIN;
import static parlour.http.server.WireSocket.HANDSHAKE;
import static parlour.http.server.WireSocket.PING;
import static parlour.http.server.WireSocket.PONG;
import static parlour.http.server.WireSocket.TEXT;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.server.Handler;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import parlour.InternalSecrets;
import parlour.Limits;
import parlour.TooManyRequests;
import parlour.Unavailable;
import parlour.errors.ErrorCode;
import parlour.errors.Errors;
import parlour.errors.Problem;
import parlour.http.websocket.Socket;
import parlour.http.websocket.SocketKind;
import parlour.http.websocket.SocketLimits;
import parlour.trace.Lifeline;
import parlour.trace.Trace;
import parlour.trace.Traces;

@Timeout(120)
class SocketTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(60);
  private static final SocketLimits PATIENT = limits(Duration.ofSeconds(60));

  /** The limits of a listener that ends no socket by itself, except for a step that is too slow. */
  private static SocketLimits limits(Duration step) {
    Duration patience = Duration.ofSeconds(60);
    return limits(step, patience, patience);
  }

  private static SocketLimits limits(Duration step, Duration idle, Duration send) {
    Duration patience = Duration.ofSeconds(60);
    return new SocketLimits(
        1_000,
        200_000,
        step,
        idle,
        send,
        Duration.ofMillis(500),
        patience,
        patience,
        Duration.ofMillis(300));
  }

  /** How each handler ended. */
  private final BlockingQueue<String> ended = new LinkedBlockingQueue<>();

  private final BlockingQueue<Trace> traces = new LinkedBlockingQueue<>();
  private final CountDownLatch mayLeave = new CountDownLatch(1);
  private final Listener listener = start(PATIENT, routes());

  private Routes routes() {
    return new Routes(Errors.PLAIN)
        .get("/text", call -> ApiResponse.text(200, "hello"))
        .socket("/echo", call -> this::echo)
        .socket("/bytes", call -> this::echoBytes, SocketKind.BINARY)
        .socket("/v1/Rooms/{Room}/Stream", call -> {
          String received = call.parameter("Room") + " " + call.header("ORIGIN");
          call.answerWith("X-Answered", "yes");
          return socket -> socket.send(received + " " + Thread.currentThread().isVirtual());
        })
        .socket("/refused", call -> {
          call.answerWith("Vary", "Origin");
          throw new Problem(ErrorCode.ORIGIN_NOT_ALLOWED);
        })
        .socket("/down", call -> {
          throw new Unavailable("FWO", "down", null);
        })
        .socket("/ends/{How}", call -> {
          String how = call.parameter("How");
          return socket -> end(how);
        })
        .socket(
            "/talks",
            call -> socket -> noted(() -> {
              while (true) {
                socket.send("x".repeat(100_000));
              }
            }))
        .socket(
            "/busy",
            call -> socket -> noted(() -> {
              assertThat(socket.receive(TIMEOUT)).isEqualTo("first");
              await(mayLeave);
              while (true) {
                ended.add(socket.receive(TIMEOUT));
              }
            }))
        .socket(
            "/both",
            call -> socket -> noted(() -> {
              socket.alongside(() -> {
                try {
                  Thread.sleep(TIMEOUT);
                } catch (InterruptedException e) {
                  ended.add("companion interrupted");
                }
              });
              socket.receive(TIMEOUT);
            }));
  }

  private void echo(Socket socket) {
    noted(() -> {
      while (true) {
        socket.send(socket.receive(TIMEOUT));
      }
    });
  }

  private void echoBytes(Socket socket) {
    noted(() -> {
      while (true) {
        socket.send(socket.receiveBytes(TIMEOUT));
      }
    });
  }

  private void noted(Runnable life) {
    try {
      life.run();
    } catch (Socket.Closed closed) {
      ended.add("closed " + closed.code());
      throw closed;
    } catch (Socket.Silent silent) {
      ended.add("silent");
      throw silent;
    }
  }

  private static void end(String how) {
    switch (how) {
      case "silent" -> throw new Socket.Silent();
      case "outage" -> throw new Unavailable("CNV", "down", null);
      case "busy" -> throw new TooManyRequests("CNV", Duration.ofSeconds(1));
      case "restart" -> throw new Problem(ErrorCode.TOKEN_REFUSED);
      case "retry" -> throw new Problem(ErrorCode.UNEXPECTED);
      case "bug" -> throw new IllegalStateException("secret details");
      case "oom" -> throw new OutOfMemoryError("secret details");
      default -> {}
    }
  }

  @AfterEach
  void stop() {
    mayLeave.countDown();
    listener.close();
  }

  @Test
  void a_text_from_a_browser_is_answered() throws Exception {
    var received = new LinkedBlockingQueue<String>();
    try (var client = HttpClient.newHttpClient()) {
      WebSocket browser = client
          .newWebSocketBuilder()
          .header("Origin", "https://shop.example.com")
          .buildAsync(
              URI.create("ws://127.0.0.1:" + listener.port() + "/echo"), new WebSocket.Listener() {
                @Override
                public @Nullable CompletionStage<?> onText(
                    WebSocket it, CharSequence text, boolean last) {
                  received.add(text.toString());
                  it.request(1);
                  return null;
                }

                @Override
                public @Nullable CompletionStage<?> onClose(WebSocket it, int code, String reason) {
                  received.add("closed " + code);
                  return null;
                }
              })
          .get(60, TimeUnit.SECONDS);
      for (String text : List.of("hello", "é 😀", "", "x".repeat(1_000))) {
        browser.sendText(text, true).get(60, TimeUnit.SECONDS);
        assertThat(received.poll(60, TimeUnit.SECONDS)).isEqualTo(text);
      }
      browser.sendText("in ", false).get(60, TimeUnit.SECONDS);
      browser.sendText("two", true).get(60, TimeUnit.SECONDS);
      assertThat(received.poll(60, TimeUnit.SECONDS)).isEqualTo("in two");
      browser.sendClose(1000, "bye").get(60, TimeUnit.SECONDS);
      assertThat(received.poll(60, TimeUnit.SECONDS)).isEqualTo("closed 1000");
      assertThat(ended.poll(60, TimeUnit.SECONDS)).isEqualTo("closed 1000");
    }
  }

  @Test
  void the_endpoint_sees_path_and_headers_of_the_handshake() throws Exception {
    try (var browser =
        WireSocket.open(listener.port(), "/V1/rOOMS/aB/stream", "Origin: https://a\r\n")) {
      assertThat(browser.head())
          .startsWith("HTTP/1.1 101")
          .contains(WireSocket.ACCEPTED, "X-Answered: yes");
      assertThat(browser.receive()).isEqualTo("aB https://a true");
      assertThat(browser.next().isClose(Socket.NORMAL)).isTrue();
    }
  }

  @Test
  void no_extension_is_negotiated() throws Exception {
    try (var browser = WireSocket.open(
        listener.port(),
        "/echo",
        "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n")) {
      assertThat(browser.head())
          .startsWith("HTTP/1.1 101")
          .doesNotContainIgnoringCase("extensions");
      assertThat(browser.sendText("plain").receive()).isEqualTo("plain");
    }
  }

  @Test
  void a_refused_handshake_is_answered_with_the_error_body() throws Exception {
    try (var browser = WireSocket.open(listener.port(), "/refused", "Connection: close\r\n")) {
      assertThat(browser.head())
          .startsWith("HTTP/1.1 403")
          .contains("Vary: Origin", "Content-Type: application/json")
          .doesNotContain("Sec-WebSocket-Accept");
      assertThat(browser.wire().readUntil("}")).contains("\"code\":45772", "\"trace_id\":\"");
    }
    try (var browser = WireSocket.open(listener.port(), "/down", "")) {
      assertThat(browser.head()).startsWith("HTTP/1.1 503").contains("Retry-After: ");
      assertThat(browser.wire().readUntil("}")).contains("\"code\":45770");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "Upgrade: h2c\r\nConnection: Upgrade\r\nHTTP2-Settings: x\r\n",
        "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: x\r\n",
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 8\r\n"
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n",
      })
  void a_request_without_a_handshake_is_answered_400(String headers) throws Exception {
    try (var wire = new Wire(listener.port())) {
      wire.send("GET /echo HTTP/1.1\r\nHost: x\r\n" + headers + "\r\n");
      assertThat(wire.readUntil("}"))
          .startsWith("HTTP/1.1 400")
          .contains("Sec-WebSocket-Version: 13", "45770");
    }
  }

  @Test
  void a_handshake_on_another_path_or_by_another_method_is_refused() throws Exception {
    try (var browser = WireSocket.open(listener.port(), "/text", "")) {
      assertThat(browser.head()).startsWith("HTTP/1.1 200");
    }
    try (var wire = new Wire(listener.port())) {
      wire.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n" + HANDSHAKE + "\r\n");
      assertThat(wire.readUntil("}")).startsWith("HTTP/1.1 405").contains("Allow: GET");
    }
  }

  @Test
  void a_text_that_is_too_long_closes_the_socket_by_1009() throws Exception {
    try (var browser = WireSocket.open(listener.port(), "/echo", "")) {
      browser.sendHead(FIN | TEXT, 1_001, "x".repeat(1_001));
      assertThat(browser.next().code()).isEqualTo(1009);
    }
    try (var browser = WireSocket.open(listener.port(), "/echo", "")) {
      browser.sendHead(FIN | TEXT, 2_000_000_000, "x".repeat(1_001));
      assertThat(browser.next().code()).isEqualTo(1009);
    }
    try (var browser = WireSocket.open(listener.port(), "/echo", "")) {
      browser.send(TEXT, "x".repeat(999)).send(CONTINUATION, "xx");
      assertThat(browser.next().code()).isEqualTo(1009);
    }
    for (int i = 0; i < 3; i++) {
      assertThat(ended.poll(60, TimeUnit.SECONDS)).isEqualTo("closed 1009");
    }
  }

  @Test
  void a_binary_or_malformed_frame_closes_the_socket_with_the_reason() throws Exception {
    assertThat(closedAfter(FIN | BINARY, "x")).isEqualTo(1003);
    assertThat(closedAfter(FIN | TEXT, "\u00c3(")).isEqualTo(1007);
    assertThat(closedAfter(FIN | TEXT | 0x40, "x")).as("RSV1").isEqualTo(1002);
    assertThat(closedAfter(FIN | CONTINUATION, "x")).isEqualTo(1002);
    assertThat(closedAfter(FIN | 3, "x")).as("an unknown opcode").isEqualTo(1002);
    assertThat(closedAfter(PING, "x")).as("a ping in parts").isEqualTo(1002);
    assertThat(closedAfter(FIN | PING, "x".repeat(126))).isEqualTo(1002);
    try (var browser = WireSocket.open(listener.port(), "/echo", "")) {
      browser.wire().send("\u0081\u0001x"); // without a mask
      assertThat(browser.next().code()).isEqualTo(1002);
    }
  }

  private int closedAfter(int first, String payload) throws IOException {
    try (var browser = WireSocket.open(listener.port(), "/echo", "")) {
      return browser.send(first, payload).next().code();
    }
  }

  /** The opcodes of empty parts and control frames, and whether a text begins before them. */
  @ParameterizedTest
  @ValueSource(ints = {FIN | PING, FIN | PONG, CONTINUATION, FIN | TEXT})
  void frames_without_content_are_counted_and_too_many_close_the_socket(int frame)
      throws Exception {
    try (var browser = WireSocket.open(listener.port(), "/echo", "")) {
      if (frame == CONTINUATION) {
        browser.send(TEXT, "x");
      }
      for (int i = 0; i < Limits.SOCKET_EMPTY_FRAMES_PER_MINUTE; i++) {
        browser.send(frame, "");
      }
      browser.send(FIN | PING, "still open");
      assertThat(closeOf(browser))
          .isEqualTo(new WireSocket.Frame(
              WireSocket.CLOSE, true, "\u0003\u00f0too many frames without content"));
    }
    assertThat(ended.poll(60, TimeUnit.SECONDS)).isEqualTo("closed 1008");
  }

  @Test
  void a_few_frames_without_content_are_accepted() throws Exception {
    try (var browser = WireSocket.open(listener.port(), "/echo", "")) {
      for (int i = 0; i < Limits.SOCKET_EMPTY_FRAMES_PER_MINUTE; i++) {
        browser.send(FIN | PONG, "");
      }
      assertThat(browser.sendText("x").receive()).isEqualTo("x");
    }
  }

  @Test
  void a_text_in_too_many_parts_closes_the_socket() throws Exception {
    try (var browser = WireSocket.open(listener.port(), "/echo", "")) {
      browser.send(TEXT, "x");
      for (int i = 1; i < Limits.SOCKET_TEXT_PARTS; i++) {
        browser.send(CONTINUATION, "x");
      }
      assertThat(browser.send(FIN | CONTINUATION, "x").next().isClose(1008)).isTrue();
    }
    assertThat(ended.poll(60, TimeUnit.SECONDS)).isEqualTo("closed 1008");
  }

  @Test
  void a_binary_message_is_answered_whole_or_in_parts() throws Exception {
    try (var browser = WireSocket.open(listener.port(), "/bytes", "")) {
      for (String bytes : List.of("hello", "\u0000\u00ff\u00c3(", "", "x".repeat(200_000))) {
        assertThat(browser.sendBytes(bytes).receiveBytes()).isEqualTo(bytes);
      }
      browser.send(BINARY, "in ").send(FIN | PING, "abc");
      assertThat(browser.next()).isEqualTo(new WireSocket.Frame(PONG, true, "abc"));
      assertThat(browser.send(FIN | CONTINUATION, "two").receiveBytes()).isEqualTo("in two");
    }
  }

  @Test
  void a_socket_for_binary_messages_takes_no_text_and_no_longer_message() throws Exception {
    try (var browser = WireSocket.open(listener.port(), "/bytes", "")) {
      assertThat(browser.sendText("x").next().isClose(1003)).isTrue();
    }
    assertThat(next()).isEqualTo("closed 1003");
    try (var browser = WireSocket.open(listener.port(), "/bytes", "")) {
      browser.sendHead(FIN | BINARY, 2_000_000_000, "x".repeat(200_001));
      assertThat(closeOf(browser).isClose(1009)).isTrue();
    }
    assertThat(next()).isEqualTo("closed 1009");
  }

  @Test
  void a_handler_cannot_mix_the_kinds() throws Exception {
    var routes = new Routes(Errors.PLAIN)
        .socket("/text", call -> socket -> socket.send(new byte[1]))
        .socket("/bytes", call -> socket -> socket.send("x"), SocketKind.BINARY);
    try (var other = start(PATIENT, routes)) {
      for (String path : List.of("/text", "/bytes")) {
        try (var browser = WireSocket.open(other.port(), path, "")) {
          assertThat(browser.next().isClose(1011)).isTrue();
        }
      }
    }
  }

  @Test
  void only_a_long_message_holds_shared_memory_and_only_until_the_next_is_awaited()
      throws Exception {
    int free = ApiRequest.arriving().free();
    try (var other = start(PATIENT, binaryEcho());
        var idle = WireSocket.open(other.port(), "/", "");
        var half = WireSocket.open(other.port(), "/", "")) {
      idle.sendBytes("x".repeat(Limits.BODY_UNRESERVED_BYTES)).receiveBytes();
      assertThat(ApiRequest.arriving().free()).isEqualTo(free);
      half.sendHead(FIN | BINARY, 100_000, "x".repeat(Limits.BODY_UNRESERVED_BYTES + 1));
      awaitFree(free - Limits.BODY_RESERVATION);
      half.wire().send("x".repeat(100_000 - Limits.BODY_UNRESERVED_BYTES - 1));
      assertThat(half.receiveBytes()).hasSize(100_000);
      awaitFree(free);
      half.sendHead(FIN | BINARY, 100_000, "x".repeat(99_000));
      awaitFree(free - 3 * Limits.BODY_RESERVATION);
      half.wire().reset();
      awaitFree(free);
    }
  }

  @Test
  void a_long_message_that_stops_arriving_closes_the_socket_and_holds_no_memory() throws Exception {
    int free = ApiRequest.arriving().free();
    try (var other = start(limits(Duration.ofMillis(700)), binaryEcho());
        var browser = WireSocket.open(other.port(), "/", "")) {
      browser.sendHead(FIN | BINARY, 100_000, "x".repeat(50_000));
      var trickle = Thread.startVirtualThread(() -> {
        try {
          while (true) {
            Thread.sleep(100);
            browser.wire().send("x"); // some bytes, but too few
          }
        } catch (IOException | InterruptedException over) {
          // the server has ended the connection, or the test has
        }
      });
      assertThat(browser.next().isClose(1008)).isTrue();
      awaitFree(free);
      trickle.interrupt();
    }
    assertThat(next()).isEqualTo("closed 1008");
  }

  @Test
  void a_long_message_for_which_there_is_no_memory_closes_the_socket_for_later() throws Exception {
    BytePool pool = ApiRequest.arriving();
    try (var other = start(PATIENT, binaryEcho());
        var _ = pool.hold("", pool.free(), TIMEOUT).orElseThrow();
        var browser = WireSocket.open(other.port(), "/", "")) {
      assertThat(browser.sendBytes("short").receiveBytes()).isEqualTo("short");
      browser.sendHead(FIN | BINARY, 100_000, "x".repeat(50_000));
      assertThat(browser.next().isClose(1013)).isTrue();
    }
    assertThat(next()).isEqualTo("closed 1013");
  }

  private Routes binaryEcho() {
    return new Routes(Errors.PLAIN).socket("/", call -> this::echoBytes, SocketKind.BINARY);
  }

  private static void awaitFree(int bytes) throws InterruptedException {
    until("the memory is free", () -> ApiRequest.arriving().free() == bytes);
  }

  @Test
  void no_deadline_waits_for_a_virtual_thread() throws Exception {
    var handlers = new LinkedBlockingQueue<Thread>();
    var routes = new Routes(Errors.PLAIN).socket("/", call -> socket -> {
      handlers.add(Thread.currentThread());
      socket.receive(Duration.ofSeconds(2));
    });
    try (var other = start(SocketLimits.DEFAULT, routes);
        var silent = WireSocket.open(other.port(), "/", "")) {
      Thread handler = handlers.take();
      while (handler.isAlive() && !isWaiting(handler)) {
        Thread.onSpinWait(); // until its deadline has begun
      }
      try (var _ = BusyCarriers.all()) {
        assertThat(silent.next().code()).isEqualTo(1006);
      }
    }
  }

  private static boolean isWaiting(Thread thread) {
    return thread.getState() == Thread.State.WAITING
        || thread.getState() == Thread.State.TIMED_WAITING;
  }

  private static WireSocket.Frame closeOf(WireSocket browser) throws IOException {
    WireSocket.Frame next = browser.next();
    while (next.opcode() != WireSocket.CLOSE) {
      next = browser.next();
    }
    return next;
  }

  @Test
  void a_ping_is_answered_also_between_the_parts_of_a_text() throws Exception {
    try (var browser = WireSocket.open(listener.port(), "/echo", "")) {
      browser.send(TEXT, "in ").send(FIN | PING, "abc");
      assertThat(browser.next()).isEqualTo(new WireSocket.Frame(PONG, true, "abc"));
      browser.send(FIN | PONG, "extra").send(FIN | CONTINUATION, "two");
      assertThat(browser.receive()).isEqualTo("in two");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "well 1000",
        "silent 1001",
        "outage 1013",
        "busy 1013",
        "restart 1008",
        "retry 1013",
        "bug 1011",
        "oom 1011"
      })
  void each_end_of_a_handler_closes_the_socket_with_its_code(String expected) throws Exception {
    String[] how = expected.split(" ", 2);
    try (var browser = WireSocket.open(listener.port(), "/ends/" + how[0], "")) {
      var close = browser.next();
      assertThat(close.code()).isEqualTo(Integer.parseInt(how[1]));
      assertThat(close.payload()).doesNotContain("secret");
    }
  }

  @Test
  void a_client_that_reads_too_slowly_is_disconnected_and_the_handler_notified() throws Exception {
    Duration patience = Duration.ofSeconds(60);
    try (var hasty = start(limits(patience, patience, Duration.ofMillis(600)), routes());
        var _ = WireSocket.open(hasty.port(), "/talks", "")) {
      assertThat(ended.poll(60, TimeUnit.SECONDS)).isEqualTo("closed 1006");
      awaitNoneOpen(hasty);
    }
  }

  @Test
  void a_client_that_sends_faster_than_the_handler_receives_must_wait() throws Exception {
    try (var browser = WireSocket.open(listener.port(), "/busy", "")) {
      browser.sendText("first");
      var sending = Thread.startVirtualThread(() -> {
        try {
          for (int i = 0; i < 20_000; i++) {
            browser.sendText("x".repeat(1_000));
          }
        } catch (IOException e) {
          ended.add("not sent: " + e);
        }
      });
      assertThat(sending.join(Duration.ofMillis(700))).as("20 MB were taken").isFalse();
      mayLeave.countDown();
      assertThat(sending.join(TIMEOUT)).isTrue();
      browser.sendText("last");
      String next = "";
      while (!next.equals("last")) {
        next = ended.poll(60, TimeUnit.SECONDS);
        assertThat(next).isIn("x".repeat(1_000), "last");
      }
    }
  }

  @Test
  void a_peer_that_vanishes_without_a_close_frame_is_noticed() throws Exception {
    try (var browser = WireSocket.open(listener.port(), "/echo", "")) {
      browser.sendText("x").receive();
      browser.wire().reset();
    }
    assertThat(ended.poll(60, TimeUnit.SECONDS)).isEqualTo("closed 1006");
    try (var browser = WireSocket.open(listener.port(), "/echo", "")) {
      browser.sendText("x").receive();
      browser.wire().endSending();
      assertThat(ended.poll(60, TimeUnit.SECONDS)).isEqualTo("closed 1006");
      assertThat(browser.wire().read()).isEqualTo(-1);
    }
  }

  @Test
  void a_silent_socket_ends() throws Exception {
    Duration patience = Duration.ofSeconds(60);
    Duration idle = Duration.ofSeconds(3); // a loaded machine may stop for most of it
    try (var hasty = start(limits(patience, idle, patience), routes());
        var browser = WireSocket.open(hasty.port(), "/echo", "")) {
      for (int i = 0; i < 7; i++) {
        Thread.sleep(500);
        browser.sendText("x").receive(); // longer than idle in all
      }
      assertThat(browser.next().code()).isEqualTo(1001);
    }
    assertThat(ended.poll(60, TimeUnit.SECONDS)).isEqualTo("closed 1001");
  }

  @Test
  void a_message_that_is_taken_at_once_is_received_by_nobody_and_shows_that_the_peer_lives()
      throws Exception {
    Duration silence = Duration.ofSeconds(3); // a loaded machine may stop for most of it
    var routes = new Routes(Errors.PLAIN)
        .socket(
            "/",
            call -> socket -> noted(() -> {
              socket.takeAtOnce(message -> message[0] == 't');
              while (true) {
                ended.add(new String(socket.receiveBytes(silence), StandardCharsets.UTF_8));
              }
            }),
            SocketKind.BINARY);
    try (var other = start(PATIENT, routes);
        var peer = WireSocket.open(other.port(), "/", "")) {
      for (int i = 0; i < 9; i++) {
        Thread.sleep(500);
        peer.sendBytes("taken"); // for longer than the silence in all
      }
      peer.sendBytes("received");
      assertThat(next()).isEqualTo("received");
      assertThat(next()).as("a peer that sends nothing any more").isEqualTo("silent");
    }
  }

  @Test
  void a_receive_that_times_out_loses_no_text() throws Exception {
    var routes = new Routes(Errors.PLAIN).socket("/", call -> socket -> {
      assertThatThrownBy(() -> socket.receive(Duration.ofMillis(50)))
          .isInstanceOf(Socket.Silent.class);
      socket.send("now");
      socket.send(socket.receive(TIMEOUT));
      socket.close(Socket.REFUSED, "enough");
      assertThatThrownBy(() -> socket.send("late")).isInstanceOf(Socket.Closed.class);
      assertThatThrownBy(() -> socket.receive(TIMEOUT)).isInstanceOf(Socket.Closed.class);
      ended.add("as it should be");
    });
    try (var other = start(PATIENT, routes);
        var browser = WireSocket.open(other.port(), "/", "")) {
      assertThat(browser.receive()).isEqualTo("now");
      assertThat(browser.sendText("x").receive()).isEqualTo("x");
      assertThat(browser.next().isClose(1008)).isTrue();
      assertThat(ended.poll(60, TimeUnit.SECONDS)).isEqualTo("as it should be");
    }
  }

  @Test
  void a_peer_that_does_not_answer_our_close_is_disconnected() throws Exception {
    try (var browser = WireSocket.open(listener.port(), "/ends/well", "")) {
      assertThat(browser.next().isClose(1000)).isTrue();
      browser.sendText("still here").sendText("and here");
      awaitNoneOpen(listener);
    }
  }

  @Test
  void work_alongside_ends_with_the_socket() throws Exception {
    try (var browser = WireSocket.open(listener.port(), "/both", "")) {
      browser.close(1000, "");
      assertThat(List.of(next(), next()))
          .containsExactlyInAnyOrder("companion interrupted", "closed 1000");
    }
    try (var browser = WireSocket.open(listener.port(), "/both", "")) {
      browser.sendText("enough");
      assertThat(browser.next().isClose(1000)).isTrue();
      assertThat(next()).isEqualTo("companion interrupted");
    }
  }

  @Test
  void work_alongside_that_fails_ends_the_socket() throws Exception {
    var routes = new Routes(Errors.PLAIN).socket("/", call -> socket -> {
      socket.alongside(() -> end("outage"));
      noted(() -> socket.receive(TIMEOUT));
    });
    try (var other = start(PATIENT, routes);
        var browser = WireSocket.open(other.port(), "/", "")) {
      assertThat(browser.next().isClose(1013)).isTrue();
      assertThat(next()).isEqualTo("closed 1013");
    }
  }

  @Test
  void draining_closes_sockets_by_1012_and_waits_for_none() throws Exception {
    try (var quiet = WireSocket.open(listener.port(), "/echo", "");
        var notReading = WireSocket.open(listener.port(), "/talks", "")) {
      quiet.sendText("x").receive();
      assertThat(notReading.head()).startsWith("HTTP/1.1 101");
      long began = System.nanoTime();
      listener.drain(TIMEOUT);
      assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(TIMEOUT.dividedBy(2));
      assertThat(quiet.next().isClose(1012)).isTrue();
      assertThat(List.of(next(), next())).contains("closed 1012");
    }
  }

  /** Jetty would end a silent socket by 1001 when it stops, at once or after a second. */
  @Test
  void draining_closes_a_socket_by_1012_that_was_silent_for_long() throws Exception {
    for (int i = 0; i < 4; i++) { // Jetty stops its parts in any order
      try (var other = start(PATIENT, routes());
          var browser = WireSocket.open(other.port(), "/echo", "")) {
        browser.sendText("x").receive();
        Thread.sleep(1_100);
        other.drain(TIMEOUT);
        assertThat(browser.next().code()).isEqualTo(1012);
      }
    }
  }

  /** Nor is a socket closed that has work to finish. */
  @Test
  void draining_closes_a_socket_after_the_work_that_it_has_to_finish() throws Exception {
    var routes = new Routes(Errors.PLAIN).socket("/", call -> socket -> {
      socket.beforeRestart(() -> {
        try {
          Thread.sleep(2_500); // longer than that, and nothing passes meanwhile
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
        socket.send("finished");
      });
      socket.send("begun");
      noted(() -> socket.receive(TIMEOUT));
    });
    try (var other = start(PATIENT, routes);
        var browser = WireSocket.open(other.port(), "/", "")) {
      assertThat(browser.receive()).isEqualTo("begun");
      Thread stopping = Thread.ofVirtual().start(() -> other.drain(TIMEOUT));
      assertThat(browser.receive()).isEqualTo("finished");
      assertThat(browser.next().isClose(1012)).isTrue();
      stopping.join();
    }
  }

  @Test
  void a_socket_continues_the_trace_of_its_handshake_with_few_arrows() throws Exception {
    var routes = new Routes(Errors.PLAIN).socket("/", call -> {
      traces.add(Trace.current());
      return socket -> {
        for (int i = 0; i < 1_000; i++) {
          Trace.current().action(Lifeline.FWO, "something", "");
        }
        traces.add(Trace.current());
      };
    });
    var inside = new InternalOnly(
        Errors.PLAIN, InternalSecrets.of("secret"), new Traces(), InstantSource.system(), routes);
    try (var other = start(PATIENT, inside);
        var browser = WireSocket.open(other.port(), "/", "Parlour-Internal-Secret: secret\r\n")) {
      assertThat(browser.head()).startsWith("HTTP/1.1 101").contains("parlour-trace: ");
      assertThat(browser.next().isClose(1000)).isTrue();
      Trace handshake = traces.take();
      assertThat(traces.take()).isSameAs(handshake);
      assertThat(handshake.arrows()).hasSize(Limits.ARROWS_PER_SOCKET);
    }
  }

  private String next() throws InterruptedException {
    return String.valueOf(ended.poll(60, TimeUnit.SECONDS));
  }

  private static void awaitNoneOpen(Listener listener) throws InterruptedException {
    until("no socket is open", () -> listener.sockets() == 0);
  }

  private static Listener start(SocketLimits limits, Handler routes) {
    return Listener.start(
        new Listener.Settings(
            "127.0.0.1",
            0,
            Errors.PLAIN,
            true,
            16 * 1024,
            100,
            Duration.ofSeconds(60),
            Duration.ofSeconds(60),
            limits),
        routes);
  }
}

package parlour.starship;

import static org.assertj.core.api.Assertions.assertThat;
import static parlour.Eventually.await;
import static parlour.http.server.WireSocket.BINARY;
import static parlour.http.server.WireSocket.CONTINUATION;
import static parlour.http.server.WireSocket.FIN;
import static parlour.http.server.WireSocket.PING;
import static parlour.http.server.WireSocket.PONG;
import static parlour.http.server.WireSocket.TEXT;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import parlour.InternalSecrets;
import parlour.Limits;
import parlour.errors.ErrorCode;
import parlour.errors.Errors;
import parlour.errors.Problem;
import parlour.http.client.Nodes;
import parlour.http.server.BusyCarriers;
import parlour.http.server.InternalOnly;
import parlour.http.server.Listener;
import parlour.http.server.ResponseInterception;
import parlour.http.server.Routes;
import parlour.http.server.Wire;
import parlour.http.server.WireSocket;
import parlour.http.websocket.Socket;
import parlour.http.websocket.SocketKind;
import parlour.http.websocket.SocketLimits;
import parlour.trace.Traces;

/** WebSockets through the edge, to a service in another process. */
@Timeout(120)
class RelayTest {
  private static final String SECRET = "s3cret";
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration SHORT = Duration.ofMillis(600);

  /** Limits that end no socket, however long a loaded machine makes a test wait. */
  private static final SocketLimits PATIENT = limits(PATIENCE, PATIENCE, PATIENCE);

  private static SocketLimits limits(Duration send, Duration hello, Duration silence) {
    return new SocketLimits(
        1_000,
        200_000,
        PATIENCE,
        PATIENCE,
        send,
        Duration.ofMillis(500),
        hello,
        silence,
        Duration.ofMillis(300));
  }

  private final BlockingQueue<String> ended = new LinkedBlockingQueue<>();
  private final BlockingQueue<String> received = new LinkedBlockingQueue<>();
  private final CountDownLatch mayLeave = new CountDownLatch(1);
  private final List<AutoCloseable> open = new ArrayList<>();

  private Routes routes() {
    return new Routes(Errors.PLAIN)
        .socket(
            "/echo",
            call -> socket -> noted(() -> {
              while (true) {
                socket.send(socket.receive(PATIENCE));
              }
            }))
        .socket(
            "/bytes",
            call -> socket -> noted(() -> {
              while (true) {
                socket.send(socket.receiveBytes(PATIENCE));
              }
            }),
            SocketKind.BINARY)
        .socket(
            "/bytes/answered",
            call -> socket -> noted(() -> answersBeforeRestart(socket)),
            SocketKind.BINARY)
        .socket("/greets", call -> {
          String said = call.header("Origin") + " " + call.header("User-Agent");
          call.answerWith("X-Answered", "yes");
          return socket -> {
            socket.send("one " + said);
            socket.send("two");
            socket.close(Socket.REFUSED, "enough");
          };
        })
        .socket("/closes/{Code}", call -> {
          int code = Integer.parseInt(call.parameter("Code"));
          return socket -> socket.close(code, "because");
        })
        .socket(
            "/talks",
            call -> socket -> noted(() -> {
              while (true) {
                socket.send("x".repeat(100_000));
              }
            }))
        .socket("/large", call -> socket -> socket.send("é".repeat(1_500_000)))
        .socket(
            "/busy",
            call -> socket -> noted(() -> {
              await(mayLeave);
              while (true) {
                received.add(socket.receive(PATIENCE));
              }
            }))
        .socket("/refused", call -> {
          call.answerWith("Vary", "Origin");
          throw new Problem(ErrorCode.ORIGIN_NOT_ALLOWED);
        });
  }

  private void answersBeforeRestart(Socket socket) {
    var answered = new CountDownLatch(1);
    socket.beforeRestart(() -> {
      received.add("finishing");
      await(answered);
    });
    byte[] asked = socket.receiveBytes(PATIENCE);
    received.add("asked");
    await(mayLeave);
    socket.send(asked);
    answered.countDown();
    var _ = socket.receiveBytes(PATIENCE);
  }

  private void noted(Runnable life) {
    try {
      life.run();
    } catch (Socket.Closed closed) {
      ended.add("closed " + closed.code());
      throw closed;
    }
  }

  @AfterEach
  void close() throws Exception {
    mayLeave.countDown();
    for (AutoCloseable one : open.reversed()) {
      one.close();
    }
  }

  @Test
  void texts_pass_both_ways_whole_or_in_parts() throws Exception {
    try (var browser = WireSocket.open(edge(service()), "/echo", "")) {
      assertThat(browser.head())
          .startsWith("HTTP/1.1 101")
          .contains(WireSocket.ACCEPTED, "Access-Control-Allow-Origin: *")
          .doesNotContainIgnoringCase("parlour");
      for (String text : List.of("hello", "é 😀", "", "x".repeat(1_000))) {
        assertThat(browser.sendText(text).receive()).isEqualTo(text);
      }
      browser.send(TEXT, "in ").send(CONTINUATION, "three ").send(FIN | CONTINUATION, "parts");
      assertThat(browser.receive()).isEqualTo("in three parts");
    }
  }

  @Test
  void binary_messages_pass_both_ways_whole_or_in_parts() throws Exception {
    try (var browser = WireSocket.open(edge(service()), "/bytes", "")) {
      for (String bytes : List.of("hello", "\u0000\u00ff\u00c3(", "", "x".repeat(200_000))) {
        assertThat(browser.sendBytes(bytes).receiveBytes()).isEqualTo(bytes);
      }
      browser.send(BINARY, "in ").send(CONTINUATION, "three ").send(FIN | CONTINUATION, "parts");
      assertThat(browser.receiveBytes()).isEqualTo("in three parts");
    }
  }

  @Test
  void the_edge_closes_a_socket_by_the_rules_of_its_kind() throws Exception {
    int edge = edge(service());
    try (var browser = WireSocket.open(edge, "/bytes", "")) {
      assertThat(browser.sendText("x").next().isClose(1003)).isTrue();
    }
    assertThat(next()).isEqualTo("closed 1003");
    try (var browser = WireSocket.open(edge, "/bytes", "")) {
      browser.sendHead(FIN | BINARY, 2_000_000_000, "x".repeat(200_001));
      assertThat(browser.next().isClose(1009)).isTrue();
    }
    assertThat(next()).isEqualTo("closed 1009");
    try (var browser = WireSocket.open(edge, "/bytes", "")) {
      browser.send(BINARY, "x");
      for (int i = 0; i < Limits.REALTIME_FRAME_PARTS; i++) {
        browser.send(CONTINUATION, "x");
      }
      assertThat(browser.next().isClose(1008)).isTrue();
    }
    assertThat(next()).isEqualTo("closed 1008");
  }

  @Test
  void a_text_and_a_close_that_the_service_sends_at_once_arrive() throws Exception {
    int edge = edge(service());
    for (int i = 0; i < 20; i++) {
      try (var browser = WireSocket.open(
          edge, "/greets", "Origin: HTTPS://a.example\r\nUser-Agent: mOZILLA  5\r\n")) {
        assertThat(browser.head()).startsWith("HTTP/1.1 101").contains("X-Answered: yes");
        assertThat(browser.receive()).isEqualTo("one HTTPS://a.example mOZILLA  5");
        assertThat(browser.receive()).isEqualTo("two");
        var close = browser.next();
        assertThat(close.isClose(1008)).isTrue();
        assertThat(close.payload()).endsWith("enough");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1000, 1008, 1012, 1013, 4001})
  void close_codes_pass_both_ways(int code) throws Exception {
    int edge = edge(service());
    try (var browser = WireSocket.open(edge, "/closes/" + code, "")) {
      var close = browser.next();
      assertThat(close.isClose(code)).isTrue();
      assertThat(close.payload()).endsWith("because");
    }
    try (var browser = WireSocket.open(edge, "/echo", "")) {
      browser.sendText("x").receive();
      browser.close(code, "bye");
      assertThat(browser.next().isClose(code)).isTrue();
      assertThat(next()).isEqualTo("closed " + code);
    }
  }

  @Test
  void a_close_without_a_code_passes_too() throws Exception {
    try (var browser = WireSocket.open(edge(service()), "/echo", "")) {
      browser.sendText("x").receive();
      browser.send(FIN | WireSocket.CLOSE, "");
      assertThat(browser.next().isClose(1005)).isTrue();
      assertThat(next()).isEqualTo("closed 1005");
    }
  }

  @Test
  void a_handshake_is_forwarded_byte_for_byte_except_its_connection_headers() throws Exception {
    int edge = edge(new Wire.Service(wire -> {
      received.add(wire.readUntil("\r\n\r\n"));
      wire.send("HTTP/1.1 404 No\r\nparlour-trace: \r\nContent-Length: 0\r\n\r\n");
    }));
    String untouched = "User-Agent: mOZILLA/5.0 (X11;  two  spaces)\r\n"
        + "accept-LANGUAGE: EN-us,en;q=0.50\r\n"
        + "Origin: HTTPS://a.example\r\n"
        + "Pragma: no-cache\r\n"
        + "Cookie: a=1; b=\"2\"; parlour_agent=x\r\n"
        + "X-Twilio-Sec-Usersettings: not json \u00e9\u00ff\r\n";
    try (var _ = WireSocket.open(
        edge,
        "/v2/Webchat/Stream?a=%2f|",
        untouched
            + "Parlour-Internal-Secret: guess\r\nForwarded: for=1.2.3.4\r\n"
            + "x-forwarded-for: 1.2.3.4\r\nConnection: X-Hop\r\nX-Hop: 1\r\n"
            + "Traceparent: 00-11111111111111111111111111111111-1111111111111111-01\r\n"
            + "Sec-WebSocket-Extensions: permessage-deflate\r\n")) {
      String got = String.valueOf(received.poll(60, TimeUnit.SECONDS));
      assertThat(got).startsWith("GET /v2/Webchat/Stream?a=%2f| HTTP/1.1\r\n");
      assertThat(fields(got).stream().filter(field -> !field.startsWith("traceparent:")))
          .containsExactlyInAnyOrderElementsOf(fields("GET\r\nHost: x\r\n"
              + untouched
              + WireSocket.HANDSHAKE
              + "Parlour-Internal-Secret: s3cret\r\nX-Forwarded-For: 127.0.0.1\r\n"));
      assertThat(got).contains("traceparent: 00-").doesNotContain("-1111111111111111-01");
    }
  }

  private static List<String> fields(String head) {
    return head.lines()
        .skip(1)
        .takeWhile(line -> !line.isEmpty())
        .map(line -> line.split(":\\s*", 2))
        .map(field -> field[0].toLowerCase(Locale.ROOT) + ":" + field[1])
        .toList();
  }

  @Test
  void a_refused_handshake_is_answered_unchanged() throws Exception {
    int edge = edge(service());
    for (int i = 0; i < 3; i++) {
      try (var browser = WireSocket.open(edge, "/refused", "")) {
        assertThat(browser.head())
            .startsWith("HTTP/1.1 403")
            .contains("Vary: Origin", "Content-Type: application/json")
            .contains("Access-Control-Allow-Origin: *");
        assertThat(browser.wire().readUntil("}")).contains("\"code\":45772", "\"trace_id\":\"");
      }
    }
    int odd = edge(new Wire.Service(wire -> {
      wire.readUntil("\r\n\r\n");
      wire.send("HTTP/1.1 429 Later\r\nparlour-trace: \r\nRetry-After: 7\r\nX-A: 2\r\nx-a: 1\r\n"
          + "Content-Length: 4\r\n\r\nbody");
    }));
    try (var browser = WireSocket.open(odd, "/", "")) {
      assertThat(browser.head())
          .startsWith("HTTP/1.1 429")
          .contains("Retry-After: 7", "X-A: 2\r\nx-a: 1");
      assertThat(browser.wire().readUntil("body")).isEqualTo("body");
    }
  }

  @Test
  void a_request_that_is_not_a_handshake_is_forwarded_like_any_other() throws Exception {
    int edge = edge(service());
    for (String headers : List.of("", WireSocket.HANDSHAKE.replace("13", "8"))) {
      assertThat(Wire.exchange(edge, "GET /echo HTTP/1.0\r\nHost: x\r\n" + headers + "\r\n"))
          .contains(" 400 ", "Sec-WebSocket-Version: 13", "45770");
    }
  }

  @Test
  void a_handshake_for_several_protocols_is_refused_by_the_service() throws Exception {
    int edge = edge(service());
    try (var browser = WireSocket.open(edge, "/echo", "Upgrade: h2c\r\n")) {
      assertThat(browser.head()).startsWith("HTTP/1.1 400").contains("Sec-WebSocket-Version: 13");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + WireSocket.ACCEPTED
            + "\r\n\r\n",
        "HTTP/1.1 101 Switching\r\nparlour-trace: \r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Accept: x\r\n\r\n",
        "HTTP/1.1 101 Switching\r\nparlour-trace: \r\nUpgrade: websocket\r\n\r\n",
        "HTTP/1.1 101 Switching\r\nparlour-trace: \r\n\r\n",
        "HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\n{}",
      })
  void a_handshake_that_is_not_answered_by_Parlour_is_a_503(String answer) throws Exception {
    int edge = edge(new Wire.Service(wire -> {
      wire.readUntil("\r\n\r\n");
      wire.send(answer);
    }));
    try (var browser = WireSocket.open(edge, "/", "")) {
      assertThat(browser.head()).startsWith("HTTP/1.1 503").contains("Retry-After: ");
      assertThat(browser.wire().readUntil("}")).contains("\"code\":45770", "\"action\":\"retry\"");
    }
  }

  @Test
  void a_service_that_is_down_is_a_503() throws Exception {
    try (var browser = WireSocket.open(edge(1), "/", "")) {
      assertThat(browser.head()).startsWith("HTTP/1.1 503");
    }
  }

  @Test
  void a_service_that_is_lost_closes_by_1012() throws Exception {
    int edge = edge(new Wire.Service(wire -> {
      wire.readUntil("\r\n\r\n");
      wire.send("HTTP/1.1 101 Switching\r\nparlour-trace: \r\nUpgrade: websocket\r\n"
          + "Connection: Upgrade\r\n"
          + WireSocket.ACCEPTED
          + "\r\n\r\n\u0081\u0002hi");
      received.add("" + wire.read());
    }));
    try (var browser = WireSocket.open(edge, "/", "")) {
      assertThat(browser.receive()).isEqualTo("hi");
      browser.sendText("x");
      assertThat(received.poll(60, TimeUnit.SECONDS)).isEqualTo("" + (FIN | TEXT));
      assertThat(browser.next().isClose(1012)).isTrue();
    }
  }

  @Test
  void a_service_that_drains_closes_by_1012() throws Exception {
    Listener service = service();
    try (var browser = WireSocket.open(edge(service), "/echo", "")) {
      browser.sendText("x").receive();
      service.drain(PATIENCE);
      assertThat(browser.next().isClose(1012)).isTrue();
      assertThat(next()).isEqualTo("closed 1012");
    }
  }

  @Test
  void an_edge_that_drains_closes_by_1012_on_both_sides() throws Exception {
    Listener edge = listen(service().port());
    try (var browser = WireSocket.open(edge.port(), "/echo", "")) {
      browser.sendText("x").receive();
      long began = System.nanoTime();
      edge.drain(PATIENCE);
      assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(PATIENCE.dividedBy(2));
      assertThat(browser.next().isClose(1012)).isTrue();
      assertThat(next()).isEqualTo("closed 1012");
    }
  }

  @Test
  void an_edge_that_drains_lets_a_service_finish_whose_client_waits_for_answers() throws Exception {
    Listener edge = listen(service().port());
    try (var browser = WireSocket.open(edge.port(), "/bytes/answered", "")) {
      browser.sendBytes("x");
      assertThat(received.poll(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)).isEqualTo("asked");
      Thread draining = Thread.ofVirtual().start(() -> edge.drain(PATIENCE));
      assertThat(received.poll(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)).isEqualTo("finishing");
      mayLeave.countDown();
      assertThat(browser.receiveBytes()).isEqualTo("x");
      assertThat(browser.next().isClose(1012)).isTrue();
      assertThat(next()).isEqualTo("closed 1012");
      draining.join();
    }
  }

  @Test
  void the_service_learns_that_a_browser_was_lost_without_a_close() throws Exception {
    int edge = edge(service());
    try (var browser = WireSocket.open(edge, "/echo", "")) {
      browser.sendText("x").receive();
      browser.wire().reset();
    }
    assertThat(next()).isEqualTo("closed 1006");
    try (var browser = WireSocket.open(edge, "/echo", "")) {
      browser.sendText("x").receive();
      browser.wire().endSending();
      assertThat(next()).isEqualTo("closed 1006");
    }
  }

  @Test
  void a_browser_that_violates_the_protocol_is_closed_by_the_edge() throws Exception {
    int edge = edge(service());
    try (var browser = WireSocket.open(edge, "/echo", "")) {
      assertThat(browser.send(FIN | BINARY, "x").next().code()).isEqualTo(1003);
    }
    assertThat(next()).isEqualTo("closed 1003");
    try (var browser = WireSocket.open(edge, "/echo", "")) {
      browser.sendHead(FIN | TEXT, 2_000_000_000, "x".repeat(1_001));
      assertThat(browser.next().code()).isEqualTo(1009);
    }
    assertThat(next()).isEqualTo("closed 1009");
    try (var browser = WireSocket.open(edge, "/echo", "")) {
      browser.send(TEXT, "x".repeat(999)).send(CONTINUATION, "xx");
      assertThat(browser.next().code()).isEqualTo(1009);
    }
    assertThat(next()).isEqualTo("closed 1009");
    try (var browser = WireSocket.open(edge, "/echo", "")) {
      browser.wire().send("\u0081\u0001x"); // without a mask
      assertThat(browser.next().code()).isEqualTo(1002);
    }
    assertThat(next()).isEqualTo("closed 1002");
    try (var browser = WireSocket.open(edge, "/echo", "")) {
      assertThat(browser.send(FIN | TEXT, "\u00c3(").next().code()).isEqualTo(1007);
    }
    assertThat(next()).isEqualTo("closed 1007");
  }

  @Test
  void a_ping_goes_the_whole_way() throws Exception {
    try (var browser = WireSocket.open(edge(service()), "/echo", "")) {
      browser.send(FIN | PING, "abc");
      assertThat(browser.next()).isEqualTo(new WireSocket.Frame(PONG, true, "abc"));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {FIN | PING, FIN | PONG, CONTINUATION, FIN | TEXT})
  void frames_without_content_are_counted_at_the_edge(int frame) throws Exception {
    // A service that reads everything and never complains.
    int edge = edge(new Wire.Service(wire -> {
      wire.readUntil("\r\n\r\n");
      wire.send("HTTP/1.1 101 Switching\r\nparlour-trace: \r\nUpgrade: websocket\r\n"
          + "Connection: Upgrade\r\n"
          + WireSocket.ACCEPTED
          + "\r\n\r\n");
      wire.readAll();
    }));
    try (var browser = WireSocket.open(edge, "/", "")) {
      if (frame == CONTINUATION) {
        browser.send(TEXT, "x");
      }
      for (int i = 0; i <= Limits.SOCKET_EMPTY_FRAMES_PER_MINUTE; i++) {
        browser.send(frame, "");
      }
      assertThat(browser.next().isClose(1008)).isTrue();
    }
    try (var browser = WireSocket.open(edge, "/", "")) {
      browser.send(TEXT, "x");
      for (int i = 0; i < Limits.SOCKET_TEXT_PARTS; i++) {
        browser.send(CONTINUATION, "x");
      }
      assertThat(browser.next().isClose(1008)).isTrue();
    }
  }

  @Test
  void the_edge_closes_a_silent_browser_too() throws Exception {
    int edge = listen(service().port(), limits(PATIENCE, SHORT, SHORT)).port();
    try (var browser = WireSocket.open(edge, "/echo", "")) {
      assertThat(browser.next().isClose(1001)).as("no hello").isTrue();
      assertThat(next()).isEqualTo("closed 1001");
    }
    try (var browser = WireSocket.open(edge, "/echo", "")) {
      browser.sendText("hello");
      pingUntilClosed(browser);
      assertThat(next()).isEqualTo("closed 1001");
    }
  }

  /** Pings break no silence. */
  private static void pingUntilClosed(WireSocket browser) throws InterruptedException {
    try {
      int opcode = TEXT;
      while (opcode == TEXT || opcode == PONG) {
        Thread.sleep(100);
        opcode = browser.send(FIN | PING, "x").next().opcode();
      }
    } catch (IOException over) {
      // the edge has closed the connection before the ping
    }
  }

  @Test
  void the_edges_deadlines_wait_for_no_virtual_thread() throws Exception {
    int edge = listen(service().port(), limits(PATIENCE, SHORT, PATIENCE)).port();
    try (var browser = WireSocket.open(edge, "/echo", "");
        var _ = BusyCarriers.all()) {
      assertThat(browser.next().isClose(1001)).isTrue();
    }
  }

  @Test
  void a_long_text_of_the_service_streams() throws Exception {
    try (var browser = WireSocket.open(edge(service()), "/large", "")) {
      assertThat(browser.receive()).isEqualTo("é".repeat(1_500_000));
      assertThat(browser.next().isClose(1000)).isTrue();
    }
  }

  @Test
  void a_browser_that_reads_too_slowly_is_closed_and_so_is_the_service() throws Exception {
    int edge = listen(service().port(), limits(SHORT, PATIENCE, PATIENCE)).port();
    try (var browser = WireSocket.open(edge, "/talks", "")) {
      assertThat(browser.head()).startsWith("HTTP/1.1 101");
      assertThat(next()).isEqualTo("closed 1006");
    }
  }

  @Test
  void a_browser_that_sends_faster_than_the_service_reads_must_wait() throws Exception {
    try (var browser = WireSocket.open(edge(service()), "/busy", "")) {
      var sending = Thread.startVirtualThread(() -> {
        try {
          for (int i = 0; i < 20_000; i++) {
            browser.sendText("x".repeat(1_000));
          }
          browser.sendText("last");
        } catch (IOException e) {
          received.add("not sent: " + e);
        }
      });
      assertThat(sending.join(Duration.ofMillis(300))).as("20 MB were taken").isFalse();
      mayLeave.countDown();
      String next = "";
      while (!next.equals("last")) {
        next = received.poll(60, TimeUnit.SECONDS);
        assertThat(next).isIn("x".repeat(1_000), "last");
      }
    }
  }

  @Test
  void sockets_use_no_connections_of_calls_to_a_service() throws Exception {
    int edge = edge(service());
    List<WireSocket> browsers = new ArrayList<>();
    for (int i = 0; i < Limits.CLIENT_CONNECTIONS + 20; i++) {
      browsers.add(WireSocket.open(edge, "/echo", ""));
    }
    for (WireSocket browser : browsers) {
      assertThat(browser.sendText("x").receive()).isEqualTo("x");
      browser.close();
    }
  }

  private Listener service() {
    var listener = Listener.start(
        settings(Listener.Settings.internal("127.0.0.1", 0, Errors.PLAIN), PATIENT),
        new InternalOnly(
            Errors.PLAIN,
            InternalSecrets.of(SECRET),
            new Traces(),
            InstantSource.system(),
            routes()));
    open.add(listener);
    return listener;
  }

  private int edge(Wire.Service service) {
    open.add(service);
    return edge(service.port());
  }

  private int edge(Listener service) {
    return edge(service.port());
  }

  private int edge(int upstream) {
    return listen(upstream).port();
  }

  private Listener listen(int upstream) {
    return listen(upstream, PATIENT);
  }

  private Listener listen(int upstream, SocketLimits limits) {
    var forward = new Forward(
        Nodes.of("FWO", URI.create("http://127.0.0.1:" + upstream)),
        new SslContextFactory.Client(),
        SECRET,
        path -> new ForwardedCall(
            ErrorCode.UNEXPECTED,
            PATIENCE,
            5000,
            false,
            false,
            path.startsWith("/bytes") ? SocketKind.BINARY : SocketKind.TEXT));
    Handler root = ResponseInterception.beforeCommit(
        forward, (status, headers) -> headers.put("Access-Control-Allow-Origin", "*"));
    var listener = Listener.start(
        settings(Listener.Settings.forBrowsers("127.0.0.1", 0, Errors.PLAIN), limits), root);
    open.add(listener);
    return listener;
  }

  private static Listener.Settings settings(Listener.Settings usual, SocketLimits limits) {
    return new Listener.Settings(
        usual.host(),
        usual.port(),
        usual.errors(),
        usual.anyOrigin(),
        usual.headerBytes(),
        usual.connections(),
        usual.idle(),
        usual.headerDeadline(),
        limits);
  }

  private String next() throws InterruptedException {
    return String.valueOf(ended.poll(60, TimeUnit.SECONDS));
  }
}

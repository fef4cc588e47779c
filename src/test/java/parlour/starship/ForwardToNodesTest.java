package parlour.starship;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
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
import parlour.http.client.Nodes;
import parlour.http.server.ApiResponse;
import parlour.http.server.ClientMark;
import parlour.http.server.InternalOnly;
import parlour.http.server.Listener;
import parlour.http.server.ResponseInterception;
import parlour.http.server.Routes;
import parlour.http.server.Wire;
import parlour.http.server.WireSocket;
import parlour.http.websocket.Socket;
import parlour.http.websocket.SocketKind;
import parlour.trace.Traces;

/** An edge in front of several processes of one service. */
@Timeout(120)
class ForwardToNodesTest {
  private static final String SECRET = "s3cret";
  private static final String OURS = "HTTP/1.1 200 OK\r\nparlour-trace: \r\n";
  private static final String DRAINING =
      "HTTP/1.1 503 X\r\nparlour-draining: \r\nContent-Length: 2\r\n\r\n{}";
  private static final Duration DEADLINE = Duration.ofMillis(1_500);
  /** Longer than a {@link Wire} waits for bytes. */
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  private final BlockingQueue<String> received = new LinkedBlockingQueue<>();
  private final List<AutoCloseable> open = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable one : open.reversed()) {
      one.close();
    }
  }

  @Test
  void calls_are_spread_over_the_nodes() throws Exception {
    int edge = edge(node("a"), node("b"), node("c"));
    var answers = new ArrayList<String>();
    for (int i = 0; i < 9; i++) {
      answers.add(answer(get(edge, "/who")));
    }
    for (String name : List.of("a", "b", "c")) {
      assertThat(answers).filteredOn(name::equals).hasSize(3);
    }
  }

  @Test
  void a_refused_connection_costs_a_call_nothing_whatever_its_body() throws Exception {
    int edge = edge(free(), node("well"), free());
    for (int i = 0; i < 12; i++) {
      assertThat(answer(get(edge, "/who"))).isEqualTo("well");
      assertThat(answer(post(edge, "body " + i))).isEqualTo("body " + i);
      assertThat(answer(post(edge, "x".repeat(60_000)))).isEqualTo("x".repeat(60_000));
    }
    String chunks = "5\r\nhello\r\n2\r\n, \r\n5\r\nworld\r\n0\r\n\r\n";
    for (int i = 0; i < 12; i++) {
      assertThat(answer(Wire.exchange(
              edge,
              "POST /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                  + "Transfer-Encoding: chunked\r\n\r\n"
                  + chunks)))
          .isEqualTo("hello, world");
    }
  }

  @Test
  void a_body_that_is_still_coming_when_the_first_node_refuses_is_sent_whole() throws Exception {
    int edge = edge(free(), node("well"), free());
    for (int i = 0; i < 6; i++) {
      try (var wire = new Wire(edge)) {
        wire.send("POST /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
            + "Content-Length: 12\r\n\r\nhello");
        Thread.sleep(50);
        assertThat(answer(wire.send(", world").readAll())).isEqualTo("hello, world");
      }
    }
  }

  @Test
  void if_all_nodes_are_gone_it_is_a_503_and_the_next_call_tries_again() throws Exception {
    int first = free();
    int edge = edge(first, free());
    assertThat(post(edge, "body")).startsWith("HTTP/1.1 503").contains("\"code\":45774");
    open.add(listen(first, "again"));
    assertThat(answer(get(edge, "/who"))).isEqualTo("again");
  }

  @Test
  void a_call_that_a_stopping_node_refuses_goes_to_another_node() throws Exception {
    var calls = new AtomicInteger();
    int edge = edge(stopping(calls), node("well"));
    for (int i = 0; i < 20; i++) {
      assertThat(answer(get(edge, "/who"))).isEqualTo("well");
      assertThat(answer(post(edge, "body " + i))).isEqualTo("body " + i);
    }
    assertThat(calls).as("calls of the node before it is avoided").hasValueBetween(1, 2);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, Limits.REPEATED_BODY})
  void a_body_that_a_stopping_node_refused_is_sent_again_whole(int length) throws Exception {
    for (int i = 0; i < 4; i++) {
      int edge = edge(stopping(new AtomicInteger()), node("well"));
      String body = "é".repeat(length);
      assertThat(answer(post(edge, body))).isEqualTo(body);
    }
  }

  @Test
  void a_body_that_is_too_long_to_keep_or_incomplete_is_not_sent_again() throws Exception {
    String longer = "x".repeat(Limits.REPEATED_BODY + 1);
    int edge = edge(stopping(new AtomicInteger()), stopping(new AtomicInteger()));
    assertThat(post(edge, longer))
        .startsWith("HTTP/1.1 503")
        .contains("Retry-After:", "\"action\":\"retry\"")
        .doesNotContain("parlour-draining");
    int atOnce = edge(
        serve(wire -> {
          wire.readUntil("\r\n\r\n");
          wire.send(DRAINING);
          wire.readAll();
        }),
        free());
    for (int i = 0; i < 2; i++) {
      try (var wire = new Wire(atOnce)) {
        wire.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 30000\r\n\r\n" + longer);
        assertThat(wire.readUntil("}")).startsWith("HTTP/1.1 503");
      }
    }
  }

  @Test
  void only_a_lost_call_that_reads_is_repeated_and_only_once() throws Exception {
    var calls = new AtomicInteger();
    Wire.Conversation dying = wire -> {
      String head = wire.readUntil("\r\n\r\n");
      if (head.startsWith("POST")) {
        wire.readUntil("body");
      }
      calls.incrementAndGet();
      wire.reset();
    };
    int edge = edge(serve(dying), serve(dying), serve(dying));
    assertThat(post(edge, "body")).startsWith("HTTP/1.1 503");
    assertThat(calls.getAndSet(0)).isEqualTo(1);
    assertThat(get(edge, "/who")).startsWith("HTTP/1.1 503");
    assertThat(calls.getAndSet(0)).isEqualTo(2);
    int half = edge(serve(dying), node("well"));
    for (int i = 0; i < 4; i++) {
      assertThat(answer(get(half, "/who"))).isEqualTo("well");
    }
  }

  @Test
  void a_call_whose_answer_has_begun_is_not_repeated() throws Exception {
    var calls = new AtomicInteger();
    Wire.Conversation half = wire -> {
      wire.readUntil("\r\n\r\n");
      calls.incrementAndGet();
      wire.send(OURS + "Content-Length: 10\r\n\r\nabc");
    };
    get(edge(serve(half), serve(half)), "/who");
    assertThat(calls).hasValue(1);
  }

  @Test
  void any_other_503_is_an_answer() throws Exception {
    var calls = new AtomicInteger();
    Wire.Conversation down = wire -> {
      while (true) {
        wire.readUntil("\r\n\r\n");
        calls.incrementAndGet();
        wire.send("HTTP/1.1 503 X\r\nparlour-trace: \r\nRetry-After: 2\r\nContent-Length: 2"
            + "\r\n\r\n{}");
      }
    };
    assertThat(get(edge(serve(down), serve(down)), "/who")).startsWith("HTTP/1.1 503");
    assertThat(calls).hasValue(1);
  }

  @Test
  void the_deadline_covers_all_attempts() throws Exception {
    Wire.Conversation dyingSlowly = wire -> {
      wire.readUntil("\r\n\r\n");
      Thread.sleep(DEADLINE.multipliedBy(2).dividedBy(3));
      wire.reset();
    };
    int edge = edge(serve(dyingSlowly), serve(dyingSlowly), serve(dyingSlowly));
    long began = System.nanoTime();
    assertThat(get(edge, "/who")).startsWith("HTTP/1.1 503");
    assertThat(Duration.ofNanos(System.nanoTime() - began))
        .as("three attempts take twice the deadline")
        .isBetween(DEADLINE.minusMillis(100), DEADLINE.multipliedBy(2).minusMillis(50));
  }

  @Test
  void a_handshake_goes_to_a_node_that_takes_it() throws Exception {
    int edge = edge(free(), stopping(new AtomicInteger()), node("well"));
    for (int i = 0; i < 9; i++) {
      try (var browser = WireSocket.open(edge, "/talk", "")) {
        assertThat(browser.head()).startsWith("HTTP/1.1 101");
        assertThat(browser.sendText("x").receive()).isEqualTo("well x");
      }
    }
  }

  @Test
  void sockets_of_a_stopping_node_are_closed_and_can_be_opened_at_another() throws Exception {
    var first = listen(0, "first");
    var second = listen(0, "second");
    open.add(second);
    int edge = edge(first.port(), second.port());
    List<WireSocket> browsers = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      browsers.add(WireSocket.open(edge, "/talk", ""));
    }
    var lost = new ArrayList<WireSocket>();
    for (WireSocket browser : browsers) {
      if (browser.sendText("x").receive().equals("first x")) {
        lost.add(browser);
      }
    }
    assertThat(lost).hasSize(3);
    first.drain(Duration.ofSeconds(5));
    for (WireSocket browser : lost) {
      assertThat(browser.next().isClose(1012)).isTrue();
      try (var again = WireSocket.open(edge, "/talk", "")) {
        assertThat(again.sendText("x").receive()).isEqualTo("second x");
      }
      browser.close();
    }
  }

  @Test
  void a_patient_handshake_waits_for_a_node_and_one_address_has_a_share_of_these()
      throws Exception {
    int first = free();
    int edge = edge(first, free());
    int share = Limits.FORWARDED_WAITING / Limits.FORWARDED_WAITING_SHARE;
    List<Wire> waiting = new ArrayList<>();
    try {
      try (Wire hasty = new Wire(edge).send(handshake("/talk"))) {
        assertThat(hasty.readUntil("\r\n\r\n")).startsWith("HTTP/1.1 503");
      }
      for (int i = 0; i <= share; i++) {
        waiting.add(new Wire(edge).send(handshake("/patient")));
      }
      Wire refused = firstAnswered(waiting);
      assertThat(refused.readUntil("\r\n\r\n")).as("one too many").startsWith("HTTP/1.1 503");
      waiting.remove(refused);
      refused.close();
      open.add(listen(first, "again"));
      for (Wire wire : waiting) {
        assertThat(wire.readUntil("\r\n\r\n")).startsWith("HTTP/1.1 101");
      }
    } finally {
      for (Wire wire : waiting) {
        wire.close();
      }
    }
  }

  @Test
  void clients_that_are_gone_give_their_places_back_before_a_node_accepts_them() throws Exception {
    int first = free();
    int edge = edge(first, free());
    List<Wire> waiting = new ArrayList<>();
    try {
      for (int i = 0; i <= Limits.FORWARDED_WAITING / Limits.FORWARDED_WAITING_SHARE; i++) {
        waiting.add(new Wire(edge).send(handshake("/patient")));
      }
      Wire refused = firstAnswered(waiting); // so all the others wait
      waiting.remove(refused);
      refused.close();
      for (Wire wire : waiting) {
        wire.endSending();
      }
      for (Wire wire : waiting) {
        assertThat(wire.readUntil("\r\n\r\n")).startsWith("HTTP/1.1 503");
      }
      try (Wire next = new Wire(edge).send(handshake("/patient"))) {
        open.add(listen(first, "again"));
        assertThat(next.readUntil("\r\n\r\n")).startsWith("HTTP/1.1 101");
      }
    } finally {
      for (Wire wire : waiting) {
        wire.close();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"Content-Length: 5\r\n\r\nab", "Transfer-Encoding: chunked\r\n\r\n5\r\nab"})
  void a_handshake_that_the_client_broke_is_not_sent_again(String rest) throws Exception {
    var handshakes = new AtomicInteger();
    int edge = edge(serve(wire -> {
      wire.readUntil("\r\n\r\n");
      handshakes.incrementAndGet();
      wire.readAll();
    }));
    try (Wire broken = new Wire(edge)) {
      String head = handshake("/patient");
      broken.send(head.substring(0, head.length() - 2) + rest).endSending();
      assertThat(broken.readUntil("\r\n\r\n")).startsWith("HTTP/1.1 400");
    }
    assertThat(handshakes).hasValueLessThanOrEqualTo(1);
  }

  @Test
  void a_patient_handshake_that_a_node_received_and_lost_is_sent_once_more() throws Exception {
    var handshakes = new AtomicInteger();
    int edge = edge(serve(wire -> {
      wire.readUntil("\r\n\r\n");
      handshakes.incrementAndGet();
      wire.reset();
    }));
    try (Wire wire = new Wire(edge).send(handshake("/patient"))) {
      assertThat(wire.readUntil("\r\n\r\n")).startsWith("HTTP/1.1 503");
    }
    assertThat(handshakes).hasValue(2);
  }

  private static Wire firstAnswered(List<Wire> wires) throws IOException {
    while (true) {
      for (Wire wire : wires) {
        if (!wire.isQuiet()) {
          return wire;
        }
      }
    }
  }

  private static String handshake(String path) {
    return "GET " + path + " HTTP/1.1\r\nHost: x\r\n" + WireSocket.HANDSHAKE + "\r\n";
  }

  @Test
  void a_browser_cannot_claim_that_its_page_is_encrypted() throws Exception {
    int edge = edge(serve(wire -> {
      received.add(wire.readUntil("\r\n\r\n"));
      wire.send(OURS + "Content-Length: 0\r\n\r\n");
    }));
    Wire.exchange(
        edge, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Forwarded-Proto: https\r\n\r\n");
    assertThat(String.valueOf(received.poll(60, TimeUnit.SECONDS)))
        .startsWith("GET")
        .doesNotContainIgnoringCase("X-Forwarded-Proto");
  }

  // ---- helpers

  private int edge(int... nodes) {
    var addresses = new ArrayList<URI>();
    for (int node : nodes) {
      addresses.add(URI.create("http://127.0.0.1:" + node));
    }
    var forward = new Forward(
        new Nodes("FWO", addresses),
        new SslContextFactory.Client(),
        SECRET,
        path -> new ForwardedCall(
            ErrorCode.REFRESH_UNAVAILABLE,
            path.equals("/patient") ? PATIENCE : DEADLINE,
            100_000,
            false,
            path.equals("/patient"),
            SocketKind.TEXT));
    var listener = Listener.start(
        Listener.Settings.forBrowsers("127.0.0.1", 0, Errors.PLAIN),
        ResponseInterception.beforeCommit(
            new Handler.Wrapper(forward) {
              @Override
              public boolean handle(Request request, Response response, Callback callback)
                  throws Exception {
                ClientMark.mark(request, "203.0.113.1");
                return super.handle(request, response, callback);
              }
            },
            (status, headers) -> headers.put("X-Edge", "yes")));
    open.add(listener);
    return listener.port();
  }

  private int node(String name) {
    var listener = listen(0, name);
    open.add(listener);
    return listener.port();
  }

  private static Listener listen(int port, String name) {
    var routes = new Routes(Errors.PLAIN)
        .get("/who", call -> text(name))
        .post("/echo", call -> text(new String(call.body(100_000), StandardCharsets.ISO_8859_1)))
        .socket("/talk", call -> socket -> talk(name, socket))
        .socket("/patient", call -> socket -> talk(name, socket));
    return Listener.start(
        Listener.Settings.internal("127.0.0.1", port, Errors.PLAIN),
        new InternalOnly(
            Errors.PLAIN,
            InternalSecrets.of(SECRET),
            new Traces(),
            InstantSource.system(),
            routes));
  }

  private static void talk(String name, Socket socket) {
    while (true) {
      socket.send(name + " " + socket.receive(Duration.ofSeconds(10)));
    }
  }

  /** A stopping node that reads each call to its end before it refuses it. */
  private int stopping(AtomicInteger calls) throws IOException {
    return serve(wire -> {
      while (true) {
        String head = wire.readUntil("\r\n\r\n");
        if (head.isEmpty()) {
          return;
        }
        int at = head.indexOf("Content-Length: ");
        int length =
            at < 0 ? 0 : Integer.parseInt(head.substring(at + 16, head.indexOf("\r\n", at)));
        for (int i = 0; i < length; i++) {
          wire.read();
        }
        calls.incrementAndGet();
        wire.send(DRAINING);
      }
    });
  }

  private int serve(Wire.Conversation conversation) throws IOException {
    var service = new Wire.Service(conversation);
    open.add(service);
    return service.port();
  }

  private static int free() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static String get(int port, String path) throws IOException {
    return Wire.exchange(port, "GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  }

  private static String post(int port, String body) throws IOException {
    return Wire.exchange(
        port,
        "POST /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: "
            + body.length()
            + "\r\n\r\n"
            + body);
  }

  private static String answer(String answer) {
    assertThat(answer).startsWith("HTTP/1.1 200").contains("X-Edge: yes\r\n");
    return answer.substring(answer.indexOf("\r\n\r\n") + 4);
  }

  private static ApiResponse text(String text) {
    return new ApiResponse(200, text.getBytes(StandardCharsets.ISO_8859_1), List.of());
  }
}

package parlour.starship;

import static org.assertj.core.api.Assertions.assertThat;
import static parlour.Eventually.until;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jetty.http.HttpFields;
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
import parlour.http.server.InternalOnly;
import parlour.http.server.Listener;
import parlour.http.server.ResponseInterception;
import parlour.http.server.Routes;
import parlour.http.server.Wire;
import parlour.http.websocket.SocketKind;
import parlour.trace.Lifeline;
import parlour.trace.Trace;
import parlour.trace.Traces;

@Timeout(120)
class ForwardTest {
  /** Longer than a loaded machine lets anything wait. */
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private static final Duration SHORT = Duration.ofMillis(800);

  private static final String SECRET = "s3cret";
  private static final String OURS = "HTTP/1.1 200 OK\r\nparlour-trace: \r\n";
  private static final String REFRESH = "/v2/Webchat/Token/Refresh";

  private final BlockingQueue<Trace> traces = new LinkedBlockingQueue<>();
  private final BlockingQueue<String> received = new LinkedBlockingQueue<>();
  private final List<AutoCloseable> open = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable one : open.reversed()) {
      one.close();
    }
  }

  @Test
  void every_header_is_forwarded_byte_for_byte_except_those_of_the_connection() throws Exception {
    int edge = edge(answering(OURS + "Content-Length: 0\r\n\r\n"));
    String untouched = "Host: shop.example:8443\r\n"
        + "User-Agent: mOZILLA/5.0 (X11;  two  spaces)\r\n"
        + "accept: */*\r\n"
        + "ACCEPT-encoding: GZIP, Deflate, br, zstd\r\n"
        + "Accept-Language: EN-us,en;q=0.50\r\n"
        + "X-Twilio-Sec-WebchatInfo: {\"loginTimestamp\": \"1\"}\r\n"
        + "x-twilio-sec-usersettings: not json \u00e9\u00ff\u0080 at all\r\n"
        + "Accept: TEXT/HTML\r\n"
        + "X-Empty:\r\n"
        + "Cookie: a=1; b=\"2\"\r\n"
        + "X-Twice: 2\r\n"
        + "Authorization: Bearer x\r\n"
        + "Content-Type: Application/JSON;  charset=UTF-8\r\n"
        + "X-Twice: 1\r\n"
        + "X-Long: "
        + "y".repeat(9000)
        + "\r\n"
        + "Origin: HTTPS://a.example\r\n";
    Wire.exchange(
        edge,
        "POST /v2/Webchat/X?a=%2f|[]&b=+\"%7E HTTP/1.1\r\n"
            + untouched
            + "Connection: close, X-Hop, upgrade\r\nX-Hop: 1\r\nKeep-Alive: 1\r\nTE: trailers\r\n"
            + "Upgrade: x\r\nProxy-Authorization: x\r\nExpect: 100-continue\r\n"
            + "Parlour-Internal-Secret: guess\r\nPARLOUR-trace: x\r\nForwarded: for=1.2.3.4\r\n"
            + "x-forwarded-for: 1.2.3.4\r\nX-Forwarded-Proto: https\r\nX-Real-IP: 1.2.3.4\r\n"
            + "Traceparent: 00-11111111111111111111111111111111-1111111111111111-01\r\n"
            + "tracestate: a=b\r\nBaggage: a=b\r\n"
            + "Content-Length: 2\r\n\r\n{}");
    String got = received();
    assertThat(got).startsWith("POST /v2/Webchat/X?a=%2f|[]&b=+\"%7E HTTP/1.1\r\n");
    assertThat(names(got))
        .isEqualTo(names("POST\r\n"
            + untouched
            + "Parlour-Internal-Secret: s3cret\r\ntraceparent: "
            + traces.element().traceparent()
            + "\r\nX-Forwarded-For: 127.0.0.1\r\nContent-Length: 2\r\n"));
    assertThat(got).endsWith("\r\n\r\n{}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"unclosed", "abc\"def", "W/\"x\"", ",, ;=", "\"\\"})
  void an_odd_connection_header_is_forwarded_like_any_other(String odd) throws Exception {
    int edge = edge(answering(OURS + "Content-Length: 0\r\n\r\n"));
    String answer = Wire.exchange(
        edge,
        "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nConnection: " + odd
            + ", X-Hop\r\nX-Hop: 1\r\nX-Other: 1\r\n\r\n");
    assertThat(answer).startsWith("HTTP/1.1 200");
    assertThat(received()).contains("X-Other").doesNotContain("X-Hop");
  }

  /** The header fields, with names in lower case and without the white space before values. */
  private static List<String> names(String head) {
    return head.lines()
        .skip(1)
        .takeWhile(line -> !line.isEmpty())
        .map(line -> line.split(":\\s*", 2))
        .map(field -> field[0].toLowerCase(Locale.ROOT) + ":" + field[1])
        .toList();
  }

  @Test
  void two_guests_on_one_connection_keep_their_own_spelling() throws Exception {
    var routes = new Routes(Errors.PLAIN)
        .get("/ua", call -> text(String.valueOf(call.header("User-Agent"))));
    int edge = edge(service(routes));
    for (String agent :
        List.of("Mozilla/5.0 A", "mozilla/5.0 a", "MOZILLA/5.0 A", "Mozilla/5.0 AB")) {
      assertThat(get(edge, "/ua", "User-Agent: " + agent + "\r\n")).endsWith("\r\n\r\n" + agent);
    }
  }

  @Test
  void nothing_is_added_that_the_caller_did_not_send() throws Exception {
    int edge = edge(answering(OURS + "Content-Length: 0\r\n\r\n"));
    get(edge, "/", "");
    assertThat(received().toLowerCase(Locale.ROOT))
        .doesNotContain("user-agent", "accept", "via:", "cookie", "content-type", "expect");
  }

  @Test
  void an_answer_is_passed_on_and_its_arrows_are_kept_inside() throws Exception {
    Trace behind = Trace.begin();
    behind.action(Lifeline.FWO, "arrow 4", "");
    int edge = edge(answering("HTTP/1.1 401 Nope\r\n"
        + "parlour-trace: "
        + behind.encoded()
        + "\r\n"
        + "parlour-x: y\r\n"
        + "parlour-code: 45771\r\n"
        + "Parlour-Time: 1764280000\r\n"
        + "X-A: 2\r\n"
        + "x-a: 1\r\n"
        + "Access-Control-Allow-Origin: https://a\r\n"
        + "Content-Encoding: gzip\r\n"
        + "Content-Type: application/json\r\n"
        + "Content-Length: 3\r\n\r\n"
        + "abc"));
    String answer = get(edge, REFRESH, "");
    assertThat(answer)
        .startsWith("HTTP/1.1 401")
        .contains("X-A: 2\r\nx-a: 1", "Allow-Origin: https://a\r\n", "Content-Encoding: gzip")
        .contains("Parlour-Time: 1764280000\r\n")
        .endsWith("\r\n\r\nabc")
        .doesNotContainIgnoringCase("parlour-trace", "parlour-x", "parlour-code");
    assertThat(answer.split("Allow-Origin", -1)).hasSize(2);
    assertThat(traces.element().arrows()).isEqualTo(behind.arrows());
  }

  @Test
  void forwarded_answers_and_errors_are_intercepted() throws Exception {
    int edge = edge(answering(OURS + "Content-Length: 2\r\n\r\nok"));
    assertThat(get(edge, "/", "")).contains("Access-Control-Allow-Origin: *").endsWith("ok");
    assertThat(get(edge(1), "/", "")).contains("Access-Control-Allow-Origin: *", " 503 ");
  }

  @Test
  void head_and_empty_answers_do_not_hang() throws Exception {
    int head = edge(answering(OURS + "Content-Length: 500\r\n\r\n"));
    assertThat(Wire.exchange(head, "HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))
        .contains("Content-Length: 500")
        .endsWith("\r\n\r\n");
    for (int status : new int[] {204, 304}) {
      int empty = edge(answering(OURS.replace("200", "" + status) + "\r\n"));
      assertThat(get(empty, "/", "")).startsWith("HTTP/1.1 " + status);
    }
    int open = edge(answering(OURS + "\r\nuntil the end"));
    assertThat(get(open, "/", "")).contains("until the end");
  }

  @Test
  void interim_answers_are_kept_inside() throws Exception {
    int edge =
        edge(answering("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nParlour-X: 1\r\n\r\n"
            + "HTTP/1.1 102 Processing\r\n\r\n"
            + OURS
            + "Connection: close\r\nContent-Length: 2\r\n\r\nok"));
    assertThat(get(edge, "/", "")).startsWith("HTTP/1.1 200").endsWith("ok");
    assertThat(post(edge, "/", "Content-Length: 2\r\n", "{}")).startsWith("HTTP/1.1 200");
  }

  @Test
  void expect_100_continue_is_answered_by_the_edge() throws Exception {
    int edge =
        edge(service(new Routes(Errors.PLAIN).post("/echo", call -> text(body(call.body(9))))));
    try (var wire = new Wire(edge)) {
      wire.send("POST /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 2\r\n"
          + "Expect: 100-continue\r\n\r\n");
      assertThat(wire.readUntil("\r\n\r\n")).startsWith("HTTP/1.1 100");
      assertThat(wire.send("{}").readAll()).startsWith("HTTP/1.1 200").endsWith("{}");
    }
    assertThat(get(edge, "/echo", "Expect: 100-continue\r\n")).startsWith("HTTP/1.1 405");
  }

  @Test
  void bodies_stream_both_ways() throws Exception {
    var service = new Wire.Service(wire -> {
      wire.readUntil("first");
      wire.send(OURS + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
      wire.readUntil("0\r\n\r\n");
      wire.send("3\r\nbye\r\n0\r\n\r\n");
    });
    open.add(service);
    int edge = edge(service.port(), PATIENCE, 50_000);
    try (var wire = new Wire(edge)) {
      wire.send(
          "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
              + "4000\r\n"
              + "x".repeat(0x4000)
              + "\r\n5\r\nfirst\r\n");
      assertThat(wire.readUntil("hello")).startsWith("HTTP/1.1 200");
      assertThat(wire.send("4\r\nlast\r\n0\r\n\r\n").readAll()).contains("bye");
    }
  }

  @Test
  void slow_senders_of_short_bodies_hold_no_connection_to_the_service() throws Exception {
    AtomicInteger reached = new AtomicInteger();
    int edge = edge(service(new Routes(Errors.PLAIN).post("/", call -> {
      reached.incrementAndGet();
      return text(body(call.body(9)));
    })));
    List<Wire> slow = new ArrayList<>();
    for (int i = 0; i < Limits.CLIENT_CONNECTIONS + 8; i++) {
      slow.add(new Wire(edge).send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{"));
    }
    assertThat(post(edge, "/", "Content-Length: 2\r\n", "{}")).startsWith("HTTP/1.1 200");
    assertThat(reached).as("calls at the service").hasValue(1);
    for (Wire one : slow) {
      assertThat(one.send("}").readUntil("{}")).startsWith("HTTP/1.1 200");
      one.close();
    }
  }

  @Test
  void slow_senders_of_long_bodies_hold_some_connections_to_the_service() throws Exception {
    AtomicInteger reached = new AtomicInteger();
    int edge = patientEdge(service(new Routes(Errors.PLAIN).post("/", call -> {
      reached.incrementAndGet();
      return text("read" + call.body(40_000).length);
    })));
    String half = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 30000\r\n\r\n"
        + "x".repeat(Limits.BODY_UNRESERVED_BYTES);
    String rest = "x".repeat(30_000 - Limits.BODY_UNRESERVED_BYTES);
    List<Wire> slow = new ArrayList<>();
    for (int i = 0; i < Limits.FORWARDED_LONG_BODIES; i++) {
      slow.add(new Wire(edge).send(half));
    }
    until("all slow calls arrived", () -> reached.get() >= Limits.FORWARDED_LONG_BODIES);
    String one = new Wire(edge).send(half).readUntil("}");
    assertThat(one).startsWith("HTTP/1.1 503").contains("Connection: close");
    assertThat(post(edge, "/", "Content-Length: 2\r\n", "{}")).startsWith("HTTP/1.1 200");
    for (Wire wire : slow) {
      assertThat(wire.send(rest).readUntil("read30000")).startsWith("HTTP/1.1 200");
      wire.close();
    }
  }

  @Test
  void a_large_answer_comes_whole() throws Exception {
    byte[] large = "x".repeat(3_000_000).getBytes(StandardCharsets.ISO_8859_1);
    int edge = edge(service(
        new Routes(Errors.PLAIN).get("/", call -> new ApiResponse(200, large, List.of()))));
    assertThat(get(edge, "/", "").length()).isGreaterThan(3_000_000);
  }

  @Test
  void a_service_that_is_down_is_a_503_in_the_paths_own_code() throws Exception {
    int free;
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      free = socket.getLocalPort();
    }
    assertThat(post(edge(free), REFRESH, "Content-Length: 2\r\n", "{}"))
        .startsWith("HTTP/1.1 503")
        .contains("Retry-After: ", "{\"valid\":false,\"code\":45774,", "\"action\":\"retry\"")
        .contains(traces.element().shortId());
    assertThat(get(edge(free), "/v2/Webchat/Init", "")).contains("{\"code\":45773,");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "nonsense\r\n\r\n",
        "HTTP/1.1 2x0 OK\r\nparlour-trace: \r\n\r\n",
        "HTTP/1.1 200 OK\r\nparlour-trace: \r\nX: half",
        "HTTP/1.1 200 OK\r\nparlour-trace: \r\nContent-Length: 10\r\n\r\n",
        "HTTP/1.1 200 OK\r\nparlour-trace: \r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        "HTTP/1.1 200 OK\r\nparlour-trace: \r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "HTTP/1.1 101 Switching\r\nparlour-trace: \r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
        "HTTP/1.1 199 Odd\r\nparlour-trace: \r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
        "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\n{}",
        "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 6\r\n\r\n<html>",
        "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/\r\nContent-Length: 0\r\n\r\n"
      })
  void an_answer_that_is_incomplete_or_not_from_parlour_is_a_503(String answer) throws Exception {
    int edge = edge(answering(answer));
    for (String got :
        List.of(get(edge, REFRESH, ""), post(edge, REFRESH, "Content-Length: 2\r\n", "{}"))) {
      assertThat(got)
          .startsWith("HTTP/1.1 503")
          .contains("Retry-After: ", "\"code\":45774", "Content-Type: application/json")
          .doesNotContain("<html>", "WWW-Authenticate", "Location", "Transfer-Encoding");
      assertThat(got.split("Date:", -1)).hasSize(2);
    }
  }

  @Test
  void a_service_with_another_secret_is_an_outage() throws Exception {
    var routes = new Routes(Errors.PLAIN).get("/", call -> text("ok"));
    var listener = Listener.start(
        Listener.Settings.internal("127.0.0.1", 0, Errors.PLAIN),
        new InternalOnly(
            Errors.PLAIN,
            InternalSecrets.of("another"),
            new Traces(),
            InstantSource.system(),
            routes));
    open.add(listener);
    assertThat(get(edge(listener.port()), REFRESH, "")).startsWith("HTTP/1.1 503");
  }

  @Test
  void an_answer_cut_short_after_its_first_bytes_is_never_taken_for_whole() throws Exception {
    for (String framing : List.of(
        "Content-Length: 10\r\n\r\nabc", "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")) {
      String got = get(edge(answering(OURS + framing)), "/", "");
      if (got.startsWith("HTTP/1.1 200")) {
        assertThat(got).doesNotContain("0\r\n\r\n");
        assertThat(got.contains("Content-Length: 10") || got.contains("chunked"))
            .isTrue();
      } else {
        assertThat(got).startsWith("HTTP/1.1 503");
      }
    }
  }

  @Test
  void a_service_that_is_silent_or_drips_is_a_503_at_the_deadline() throws Exception {
    for (String drip : List.of("", "HTTP/1.1 200 O", OURS + "X: ")) {
      int edge = hastyEdge(new Wire.Service(wire -> {
        wire.readUntil("\r\n\r\n");
        wire.send(drip);
        while (true) {
          wire.send(drip.isEmpty() ? "" : " ");
          Thread.sleep(20);
        }
      }));
      long began = System.nanoTime();
      assertThat(get(edge, REFRESH, "")).startsWith("HTTP/1.1 503").contains("45774");
      assertThat(System.nanoTime() - began).isGreaterThan(500_000_000L);
    }
  }

  @Test
  void an_answer_whose_body_never_ends_is_cut_at_the_deadline() throws Exception {
    int edge = hastyEdge(new Wire.Service(wire -> {
      wire.readUntil("\r\n\r\n");
      wire.send(OURS + "Transfer-Encoding: chunked\r\n\r\n");
      while (true) {
        wire.send("1\r\nx\r\n");
        Thread.sleep(20);
      }
    }));
    assertThat(get(edge, "/", "")).doesNotContain("0\r\n\r\n"); // otherwise it would never end
  }

  @Test
  void a_reset_by_the_service_is_a_503() throws Exception {
    int edge = edge(new Wire.Service(wire -> {
      wire.readUntil("\r\n\r\n");
      wire.reset();
    }));
    assertThat(get(edge, REFRESH, "")).startsWith("HTTP/1.1 503");
  }

  @Test
  void a_service_that_fails_during_the_upload_is_not_the_callers_fault() throws Exception {
    String head = "POST " + REFRESH + " HTTP/1.1\r\nHost: x\r\nContent-Length: 20000\r\n\r\n"
        + "x".repeat(Limits.BODY_UNRESERVED_BYTES)
        + "half";
    for (boolean reset : new boolean[] {true, false}) {
      int edge = hastyEdge(new Wire.Service(wire -> {
        wire.readUntil("half");
        if (reset) {
          wire.reset();
        } else {
          wire.readAll(); // until the deadline
        }
      }));
      for (int i = 0; i < 3; i++) {
        try (var wire = new Wire(edge)) {
          assertThat(wire.send(head).readAll()).startsWith("HTTP/1.1 503").contains("45774");
        }
      }
    }
  }

  @Test
  void a_caller_who_stops_half_way_gets_a_400_and_not_a_503() throws Exception {
    int edge = edge(service(new Routes(Errors.PLAIN).post("/", call -> text(body(call.body(99))))));
    try (var wire = new Wire(edge)) {
      wire.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 20\r\n\r\nhalf").endSending();
      assertThat(wire.readAll()).startsWith("HTTP/1.1 400").contains("45770");
    }
  }

  @Test
  void a_body_too_large_is_a_413_announced_or_not() throws Exception {
    int edge =
        edge(service(new Routes(Errors.PLAIN).post("/", call -> text(body(call.body(9_000))))));
    assertThat(post(edge, "/", "Content-Length: 5001\r\n", "")).startsWith("HTTP/1.1 413");
    String chunks = ("3e8\r\n" + "x".repeat(1000) + "\r\n").repeat(6);
    assertThat(post(edge, "/", "Transfer-Encoding: chunked\r\n", chunks))
        .startsWith("HTTP/1.1 413")
        .contains("45770");
  }

  @Test
  void a_body_that_becomes_too_large_while_it_is_forwarded_is_a_413() throws Exception {
    var routes = new Routes(Errors.PLAIN).post("/", call -> text(body(call.body(90_000))));
    int edge = patientEdge(service(routes));
    String chunks = ("3e8\r\n" + "x".repeat(1000) + "\r\n").repeat(51);
    assertThat(post(edge, "/", "Transfer-Encoding: chunked\r\n", chunks + "0\r\n\r\n"))
        .startsWith("HTTP/1.1 413")
        .contains("45770");
  }

  @Test
  void a_body_that_the_service_refuses_early_is_answered() throws Exception {
    int edge = edge(service(new Routes(Errors.PLAIN).post("/", call -> text(body(call.body(10))))));
    assertThat(post(edge, "/", "Content-Length: 5000\r\n", "x".repeat(5000)))
        .startsWith("HTTP/1.1 413");
    assertThat(post(edge, "/x", "Content-Length: 5000\r\n", "x".repeat(5000)))
        .startsWith("HTTP/1.1 404");
  }

  @Test
  void a_guest_who_leaves_does_not_keep_the_service_busy() throws Exception {
    var ended = new LinkedBlockingQueue<String>();
    int edge = edge(new Wire.Service(wire -> {
      wire.readUntil("\r\n\r\n");
      wire.send(OURS + "Transfer-Encoding: chunked\r\n\r\n");
      try {
        for (int i = 0; i < 10_000; i++) {
          wire.send("2710\r\n" + "x".repeat(10_000) + "\r\n");
        }
      } finally {
        ended.add("ended");
      }
    }));
    try (var wire = new Wire(edge)) {
      wire.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n").readUntil("xxxx");
      wire.reset();
    }
    assertThat(ended.poll(60, TimeUnit.SECONDS)).isEqualTo("ended");
  }

  @Test
  void a_restarted_service_is_reached_again() throws Exception {
    var routes = new Routes(Errors.PLAIN).get("/", call -> text("ok"));
    var first = Listener.start(
        Listener.Settings.internal("127.0.0.1", 0, Errors.PLAIN),
        new InternalOnly(
            Errors.PLAIN,
            InternalSecrets.of(SECRET),
            new Traces(),
            InstantSource.system(),
            routes));
    int port = first.port();
    int edge = edge(port);
    assertThat(get(edge, "/", "")).endsWith("ok");
    first.close();
    open.add(Listener.start(
        Listener.Settings.internal("127.0.0.1", port, Errors.PLAIN),
        new InternalOnly(
            Errors.PLAIN,
            InternalSecrets.of(SECRET),
            new Traces(),
            InstantSource.system(),
            new Routes(Errors.PLAIN).get("/", call -> text("again")))));
    // Until the edge has noticed that its kept connection is closed, its answer is an outage.
    until("the edge has a new connection", () -> {
      String answer = get(edge, "/", "");
      assertThat(answer)
          .matches(either -> either.endsWith("again") || either.startsWith("HTTP/1.1 503 "));
      return answer.endsWith("again");
    });
  }

  @Test
  void the_service_accepts_the_largest_header_that_the_edge_accepts() throws Exception {
    int edge = edge(service(new Routes(Errors.PLAIN).get("/", call -> text("ok"))));
    int most = Limits.PUBLIC_HEADER_BYTES - 80;
    assertThat(get(edge, "/", "X: " + "x".repeat(most) + "\r\n")).endsWith("ok");
    assertThat(get(edge, "/", ("X: " + "x".repeat(100) + "\r\n").repeat(most / 105)))
        .endsWith("ok");
    assertThat(get(edge, "/", "a:\r\n".repeat(most / 4))).endsWith("ok");
  }

  @Test
  void a_smuggled_second_request_never_reaches_the_service() throws Exception {
    int edge = edge(answering(OURS + "Content-Length: 2\r\n\r\nok"));
    String smuggled = "GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n";
    post(edge, "/", "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n" + smuggled);
    post(edge, "/", "Transfer-Encoding: xchunked\r\nContent-Length: 3\r\n", "0\r\n\r\n" + smuggled);
    post(edge, "/", "Connection: Content-Length\r\nContent-Length: 35\r\n", smuggled);
    get(edge, "/a%0d%0aX:y", "");
    while (!received.isEmpty()) {
      String one = received();
      assertThat(one).doesNotContain("GET /smuggled").doesNotContain("\r\nX:y");
    }
  }

  @Test
  void an_unknown_method_is_never_forwarded_unchanged() throws Exception {
    // The service closes each connection: the edge must not send the next call on it, which it
    // could not send again.
    int edge = edge(answering(OURS + "Content-Length: 0\r\nConnection: close\r\n\r\n"));
    for (String method : List.of("TRACE", "PROPFIND", "post")) {
      Wire.exchange(edge, method + " / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
      assertThat(received()).startsWith("UNKNOWN / HTTP/1.1\r\n");
    }
    var routes = new Routes(Errors.PLAIN).post("/x", call -> text("")).get("/x", call -> text(""));
    assertThat(Wire.exchange(
            edge(service(routes)), "TRACE /x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))
        .startsWith("HTTP/1.1 405")
        .contains("Allow: POST, GET, HEAD\r\n");
    try (var wire = new Wire(edge)) {
      wire.send("CONNECT x:1 HTTP/1.1\r\nHost: x:1\r\n\r\n");
      assertThat(wire.readUntil("}")).startsWith("HTTP/1.1 404");
    }
    assertThat(received).isEmpty();
  }

  private Wire.Service answering(String answer) throws IOException {
    return new Wire.Service(wire -> {
      String head = wire.readUntil("\r\n\r\n");
      if (head.contains("Content-Length: 2\r\n")) {
        head += wire.readUntil("}");
      }
      received.add(head);
      wire.send(answer);
    });
  }

  private Listener service(Routes routes) {
    return Listener.start(
        Listener.Settings.internal("127.0.0.1", 0, Errors.PLAIN),
        new InternalOnly(
            Errors.PLAIN,
            InternalSecrets.of(SECRET),
            new Traces(),
            InstantSource.system(),
            routes));
  }

  private int edge(Wire.Service service) {
    open.add(service);
    return edge(service.port());
  }

  private int edge(Listener service) {
    open.add(service);
    return edge(service.port());
  }

  private int edge(int upstream) {
    return edge(upstream, PATIENCE, 5000);
  }

  /** An edge whose calls end soon without an answer. */
  private int hastyEdge(Wire.Service service) {
    open.add(service);
    return edge(service.port(), SHORT, 50_000);
  }

  /** An edge for longer bodies. */
  private int patientEdge(Listener service) {
    open.add(service);
    return edge(service.port(), PATIENCE, 50_000);
  }

  private int edge(int upstream, Duration deadline, int bodyBytes) {
    var forward = new Forward(
        Nodes.of(
            "FWO", URI.create("http://127.0.0.1:" + upstream + (upstream % 2 == 0 ? "/" : ""))),
        new SslContextFactory.Client(),
        SECRET,
        path -> new ForwardedCall(
            path.endsWith("Refresh") ? ErrorCode.REFRESH_UNAVAILABLE : ErrorCode.CREATE_UNAVAILABLE,
            deadline,
            bodyBytes,
            false,
            false,
            SocketKind.TEXT));
    var traced =
        new Handler.Wrapper(
            ResponseInterception.beforeCommit(forward, ForwardTest::allowAnyOrigin)) {
          @Override
          public boolean handle(Request request, Response response, Callback callback) {
            Trace trace = Trace.begin();
            traces.add(trace);
            return trace.during(() -> {
              try {
                return super.handle(request, response, callback);
              } catch (Exception e) {
                throw new IllegalStateException(e);
              }
            });
          }
        };
    var listener =
        Listener.start(Listener.Settings.forBrowsers("127.0.0.1", 0, Errors.PLAIN), traced);
    open.add(listener);
    return listener.port();
  }

  private static void allowAnyOrigin(int status, HttpFields.Mutable headers) {
    if (!headers.contains("Access-Control-Allow-Origin")) {
      headers.put("Access-Control-Allow-Origin", "*");
    }
  }

  private String received() throws InterruptedException {
    return String.valueOf(received.poll(60, TimeUnit.SECONDS));
  }

  private static String get(int port, String path, String headers) throws IOException {
    return Wire.exchange(
        port, "GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + headers + "\r\n");
  }

  private static String post(int port, String path, String headers, String body)
      throws IOException {
    return Wire.exchange(
        port,
        "POST " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + headers + "\r\n" + body);
  }

  private static ApiResponse text(String text) {
    return new ApiResponse(200, text.getBytes(StandardCharsets.ISO_8859_1), List.of());
  }

  private static String body(byte[] body) {
    return new String(body, StandardCharsets.ISO_8859_1);
  }
}

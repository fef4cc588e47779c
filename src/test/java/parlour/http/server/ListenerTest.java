package parlour.http.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static parlour.Eventually.await;
import static parlour.Eventually.until;
import static parlour.Eventually.untilItWaits;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import parlour.Limits;
import parlour.TooManyRequests;
import parlour.Unavailable;
import parlour.errors.ErrorCode;
import parlour.errors.Errors;
import parlour.errors.Problem;
import parlour.http.websocket.SocketLimits;

@Timeout(120)
class ListenerTest {
  /** Longer than a loaded machine lets anything wait. */
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private static final String CLOSE = "Host: x\r\nConnection: close\r\n";

  private final CountDownLatch entered = new CountDownLatch(1);
  private final CountDownLatch mayLeave = new CountDownLatch(1);
  private Listener listener = start(routes());

  private Routes routes() {
    return routes(new BodyDeadline(PATIENCE, PATIENCE));
  }

  private Routes routes(BodyDeadline deadline) {
    return new Routes(Errors.PLAIN, deadline)
        .get("/health", call -> ApiResponse.empty(204))
        .get("/virtual", call -> text(Thread.currentThread().isVirtual() ? "yes" : "no"))
        .post("/v2/Webchat/Echo", call -> text(call.fields(1000).required("token")))
        .post("/v1/Accounts/{AccountSid}/Tokens", call -> text(call.parameter("AccountSid")))
        .get("/v1/Accounts/{AccountSid}/Tokens", call -> text("all"))
        .post(
            "/refresh",
            call -> {
              throw new Problem(ErrorCode.TOKEN_REFUSED);
            },
            Errors.WITH_VALID)
        .post(
            "/down",
            call -> {
              throw new Unavailable("FAS", "down", null);
            },
            Errors.WITH_VALID)
        .get("/busy", call -> {
          throw new TooManyRequests("FAS", Duration.ofMillis(6500));
        })
        .get("/bug", call -> {
          throw new IllegalStateException("secret details");
        })
        .get("/oom", call -> {
          throw new OutOfMemoryError("secret details");
        })
        .get("/slow", call -> {
          entered.countDown();
          await(mayLeave);
          return text("done");
        });
  }

  @BeforeEach
  void warmUp() throws IOException {
    assertThat(get("/health")).startsWith("HTTP/1.1 204");
  }

  @AfterEach
  void stop() {
    mayLeave.countDown();
    listener.close();
  }

  @Test
  void requests_run_on_virtual_threads() throws IOException {
    assertThat(get("/virtual")).endsWith("yes");
  }

  @Test
  void an_answer_reveals_nothing_of_the_server_and_is_not_cached() throws IOException {
    assertThat(get("/virtual"))
        .contains("Cache-Control: no-store", "Date: ")
        .doesNotContainIgnoringCase("server:")
        .doesNotContainIgnoringCase("jetty");
  }

  @Test
  void a_path_matches_in_any_case_but_keeps_the_sids_own() throws IOException {
    assertThat(post("/V1/aCCOUNTS/AbC/tokens", "")).endsWith("\r\n\r\nAbC");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/",
        "/v1/Accounts//Tokens/x",
        "/health/",
        "/v1/Accounts",
        "/v1/Accounts/a/Tokens/b"
      })
  void an_unknown_path_is_a_404(String path) throws IOException {
    assertThat(get(path)).containsAnyOf("HTTP/1.1 404", "HTTP/1.1 400").contains("45770");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/v1/%2e%2e/health",
        "/v1/../health",
        "/v1/..;/health",
        "/health;x=1",
        "/v1//health",
        "/v1%2fhealth",
        "/v1/%00/x",
        "/x/..",
        "/x/.",
        "/he%alth",
        "/v1\\health",
        "/%ff",
        "/./health%2f."
      })
  void an_ambiguous_path_is_refused(String path) throws IOException {
    assertThat(get(path)).containsAnyOf("HTTP/1.1 400", "HTTP/1.1 404").contains("45770");
  }

  @Test
  void a_known_path_with_another_method_is_a_405_with_allow() throws IOException {
    assertThat(exchange("PUT /v1/Accounts/AC1/Tokens HTTP/1.1\r\n" + CLOSE + "\r\n"))
        .startsWith("HTTP/1.1 405")
        .contains("Allow: POST, GET, HEAD");
    assertThat(get("/refresh")).startsWith("HTTP/1.1 405").contains("Allow: POST\r\n");
  }

  @Test
  void unusual_methods_and_targets_are_answered() throws IOException {
    for (String line : List.of(
        "OPTIONS * HTTP/1.1",
        "BREW /health HTTP/1.1",
        "GET http://x/nowhere HTTP/1.1",
        "TRACE /health HTTP/1.1")) {
      assertThat(exchange(line + "\r\n" + CLOSE + "\r\n")).as(line).contains("45770");
    }
  }

  @Test
  void the_method_CONNECT_is_refused() throws IOException {
    try (var wire = new Wire(listener.port())) {
      wire.send("CONNECT x:1 HTTP/1.1\r\nHost: x:1\r\n\r\n");
      assertThat(wire.readUntil("}")).startsWith("HTTP/1.1 404");
    }
  }

  @Test
  void head_is_answered_like_get_without_a_body() throws IOException {
    assertThat(exchange("HEAD /virtual HTTP/1.1\r\n" + CLOSE + "\r\n"))
        .startsWith("HTTP/1.1 200")
        .contains("Content-Length: 3")
        .endsWith("\r\n\r\n");
  }

  @Test
  void a_refusal_has_exactly_the_error_body() throws IOException {
    String answer = post("/refresh", "");
    assertThat(answer).startsWith("HTTP/1.1 401").doesNotContain("Retry-After");
    assertThat(body(answer))
        .matches(
            "\\{\"valid\":false,\"code\":45775,\"message\":\"This chat session is no longer valid."
                + " You can start a new chat.\","
                + "\"action\":\"restart\",\"trace_id\":\"[0-9a-f]{12}\","
                + "\"more_info\":\"docs/errors.md#45775\",\"status\":401}");
  }

  @Test
  void an_outage_and_a_bug_are_503_with_retry_after_and_reveal_nothing() throws IOException {
    assertThat(post("/down", ""))
        .startsWith("HTTP/1.1 503")
        .contains("Retry-After: 2", "{\"valid\":false,\"code\":45774,", "\"action\":\"retry\"");
    assertThat(get("/busy"))
        .startsWith("HTTP/1.1 429")
        .contains("Retry-After: 7", "{\"code\":45780,");
    for (String path : List.of("/bug", "/oom")) {
      assertThat(get(path))
          .startsWith("HTTP/1.1 503")
          .contains("Retry-After", "\"action\":\"retry\"")
          .doesNotContain("secret details");
    }
  }

  @Test
  void only_json_and_forms_are_read() throws IOException {
    assertThat(typed("application/json", "{\"Token\":\"é\"}")).endsWith("\r\n\r\né");
    assertThat(typed("Application/JSON; charset=\"UTF-8\"", "{\"token\":\"t\"}"))
        .endsWith("t");
    assertThat(typed("application/x-www-form-urlencoded", "token=t%20u")).endsWith("t u");
    for (String type :
        List.of("text/plain", "application/json; charset=iso-8859-1", "application/jsonx", "x")) {
      assertThat(typed(type, "{\"token\":\"t\"}")).as(type).startsWith("HTTP/1.1 415");
    }
    assertThat(post("/v2/Webchat/Echo", "x")).startsWith("HTTP/1.1 415");
  }

  @Test
  void a_chunked_body_is_read_and_must_be_complete() throws IOException {
    String head = "POST /v2/webchat/echo HTTP/1.1\r\n"
        + CLOSE
        + "Content-Type: application/json\r\n"
        + "Transfer-Encoding: chunked\r\n\r\n";
    assertThat(exchange(head + "5\r\n{\"tok\r\n8\r\nen\":\"t\"}\r\n0\r\n\r\n")).endsWith("t");
    assertThat(exchange(head + "d\r\n{\"token\":\"t\"}\r\n0\r\nX-Trailer: 1\r\n\r\n"))
        .endsWith("t");
    assertThat(exchange(head + "zz\r\n{}\r\n0\r\n\r\n")).startsWith("HTTP/1.1 400");
    try (var wire = new Wire(listener.port())) {
      wire.send(head + "5\r\n{\"tok\r\n").endSending();
      assertThat(wire.readAll()).startsWith("HTTP/1.1 400").contains("45770");
    }
  }

  @Test
  void a_body_that_is_announced_as_too_large_is_answered_413_before_it_is_sent()
      throws IOException {
    assertThat(exchange(echo("application/json", 1001))).startsWith("HTTP/1.1 413");
    assertThat(exchange(echo("application/json", Long.MAX_VALUE))).startsWith("HTTP/1.1 413");
  }

  @Test
  void a_body_that_grows_too_large_is_answered_413() throws IOException {
    assertThat(exchange("POST /v2/webchat/echo HTTP/1.1\r\n"
            + CLOSE
            + "Content-Type: application/json\r\n"
            + "Transfer-Encoding: chunked\r\n\r\n"
            + ("100\r\n" + " ".repeat(256) + "\r\n").repeat(5)))
        .startsWith("HTTP/1.1 413");
  }

  @Test
  void a_body_that_ends_too_early_is_answered_400() throws IOException {
    try (var wire = new Wire(listener.port())) {
      wire.send(echo("application/json", 14) + "{\"token\"").endSending();
      assertThat(wire.readAll()).startsWith("HTTP/1.1 400").contains("45770");
    }
  }

  /** A listener that waits neither for headers nor for bodies. */
  private void beHasty() {
    listener.close();
    listener = start(
        routes(new BodyDeadline(Duration.ofMillis(600), Duration.ofMillis(300))),
        PATIENCE,
        Duration.ofMillis(800));
  }

  @Test
  void a_body_that_stalls_is_answered_408() throws IOException {
    beHasty();
    try (var wire = new Wire(listener.port())) {
      wire.send(echo("application/json", 14) + "{\"token\"");
      assertThat(wire.readAll()).startsWith("HTTP/1.1 408").contains("45770");
    }
  }

  @Test
  void a_long_body_that_stalls_is_answered_408_long_before_its_deadline() throws IOException {
    var deadline = new BodyDeadline(Duration.ofSeconds(60), Duration.ofMillis(300));
    var routes = new Routes(Errors.PLAIN, deadline)
        .post("/", call -> ApiResponse.text(200, "read " + call.body(100_000).length));
    // These settings let a connection be idle for longer than this test waits.
    try (var other =
            Listener.start(Listener.Settings.forBrowsers("127.0.0.1", 0, Errors.PLAIN), routes);
        var wire = new Wire(other.port())) {
      wire.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 50000\r\n\r\n")
          .send("x".repeat(Limits.BODY_UNRESERVED_BYTES + 1));
      assertThat(wire.readAll()).startsWith("HTTP/1.1 408");
    }
  }

  @Test
  void a_body_that_arrives_too_slowly_is_answered_408() throws Exception {
    beHasty();
    try (var wire = new Wire(listener.port())) {
      wire.send(echo("application/json", 500));
      var dripping = Thread.startVirtualThread(() -> {
        try {
          for (int i = 0; i < 100; i++) {
            wire.send(" ");
            Thread.sleep(50);
          }
        } catch (IOException | InterruptedException e) {
          // closed, as expected
        }
      });
      assertThat(wire.readUntil("\"status\":408")).startsWith("HTTP/1.1 408");
      dripping.join();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "GET /health HTTP/1.1\r\nHost: x\r\n\r\n",
        "POST /v2/webchat/echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            + "Content-Length: 13\r\nExpect: 100-continue\r\n\r\n{\"token\":\"t\"}"
      })
  void a_header_that_arrives_too_slowly_ends_the_connection(String before) throws Exception {
    beHasty();
    try (var wire = new Wire(listener.port())) {
      wire.send(before);
      Thread.sleep(200);
      wire.send("GET /health HTTP/1.1\r\nX: ");
      assertThatThrownBy(() -> {
            for (int i = 0; i < 300; i++) {
              wire.send("x");
              Thread.sleep(100);
            }
          })
          .as("the connection is closed before the header is complete")
          .isInstanceOf(IOException.class);
    }
  }

  @Test
  void a_body_may_take_longer_than_a_header() throws Exception {
    listener.close();
    listener =
        start(routes(new BodyDeadline(PATIENCE, PATIENCE)), PATIENCE, Duration.ofMillis(800));
    try (var wire = new Wire(listener.port())) {
      wire.send(echo("application/json", 33));
      for (int i = 0; i < 20; i++) {
        wire.send(" ");
        Thread.sleep(80);
      }
      assertThat(wire.send("{\"token\":\"t\"}").readAll()).startsWith("HTTP/1.1 200");
    }
  }

  @Test
  void an_idle_connection_can_be_reused_until_the_idle_timeout() throws Exception {
    listener.close();
    Duration idle = Duration.ofSeconds(3);
    listener = start(routes(), idle, Duration.ofMillis(800));
    try (var wire = new Wire(listener.port())) {
      for (int i = 0; i < 3; i++) {
        wire.send("GET /virtual HTTP/1.1\r\nHost: x\r\n\r\n");
        assertThat(wire.readUntil("yes")).startsWith("HTTP/1.1 200");
        Thread.sleep(900); // longer than a header may take
      }
    }
  }

  @Test
  void a_header_that_is_too_large_is_answered_431_with_the_error_body() throws IOException {
    for (String request : List.of(
        "GET /health HTTP/1.1\r\nHost: x\r\nX: " + "x".repeat(20_000) + "\r\n\r\n",
        "GET /" + "x".repeat(20_000) + " HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\n" + "a:\r\n".repeat(6_000) + "\r\n")) {
      assertThat(exchange(request))
          .startsWith("HTTP/1.1 431")
          .contains("Access-Control-Allow-Origin: *", "\"code\":45770", "\"status\":431");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "nonsense\r\n\r\n",
        "GET / HTTP/9.9\r\nHost: x\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nno colon\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nX : space\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nX: a\r\n folded\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nX: \0\r\n\r\n",
        "GET / HTTP/1.1\nHost: x\n\n",
        "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\r\n\r\n"
      })
  void a_malformed_request_is_answered_400_with_the_error_body(String request) throws IOException {
    assertThat(exchange(request)).contains(" 400 ", "Access-Control-Allow-Origin: *", "45770");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Content-Length: 3\r\nContent-Length: 4\r\n",
        "Content-Length: 3, 4\r\n",
        "Content-Length: -3\r\n",
        "Content-Length: +3\r\n",
        "Content-Length: 0x3\r\n",
        "Content-Length: 99999999999999999999\r\n",
        "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n",
        "Transfer-Encoding: xchunked\r\n",
        "Transfer-Encoding: chunked, identity\r\n",
        "Transfer-Encoding: identity\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
        "Transfer-Encoding:\u000bchunked\r\n",
        "Transfer-Encoding : chunked\r\n"
      })
  void a_smuggling_attempt_is_refused_and_the_connection_closed(String headers) throws IOException {
    String answer =
        exchange("POST /v2/webchat/echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            + headers
            + "\r\n0\r\n\r\nGET /virtual HTTP/1.1\r\nHost: x\r\n\r\n");
    assertThat(answer).contains(" 4").doesNotContain("yes");
    assertThat(answer.split("HTTP/1.1 ", -1)).hasSize(2);
  }

  @Test
  void pipelined_requests_are_answered_in_order() throws IOException {
    String get = "GET /virtual HTTP/1.1\r\nHost: x\r\n\r\n";
    try (var wire = new Wire(listener.port())) {
      wire.send(
          get + echo("application/json", 13).replace(CLOSE, "Host: x\r\n") + "{\"token\":\"t\"}");
      wire.send("GET /nowhere HTTP/1.1\r\n" + CLOSE + "\r\n");
      assertThat(wire.readAll()).containsSubsequence("yes", "\r\n\r\nt", "HTTP/1.1 404");
    }
  }

  @Test
  void an_unread_body_is_not_read_as_the_next_request() throws IOException {
    String inner = "GET /virtual HTTP/1.1\r\nHost: x\r\n\r\n";
    assertThat(exchange("POST /nowhere HTTP/1.1\r\nHost: x\r\nContent-Length: "
            + inner.length()
            + "\r\n\r\n"
            + inner
            + "GET /health HTTP/1.1\r\n"
            + CLOSE
            + "\r\n"))
        .contains("HTTP/1.1 404")
        .doesNotContain("yes");
  }

  @Test
  void expect_100_continue_is_answered() throws IOException {
    try (var wire = new Wire(listener.port())) {
      wire.send(
          echo("application/json", 13).replace("\r\n\r\n", "\r\nExpect: 100-continue\r\n\r\n"));
      assertThat(wire.readUntil("\r\n\r\n")).startsWith("HTTP/1.1 100");
      assertThat(wire.send("{\"token\":\"t\"}").readAll()).startsWith("HTTP/1.1 200");
    }
  }

  @Test
  void connections_over_the_limit_wait_until_there_is_room() throws Exception {
    var first = new ArrayDeque<Wire>();
    for (int i = 0; i < 4; i++) {
      var wire = new Wire(listener.port()).send("GET /virtual HTTP/1.1\r\nHost: x\r\n\r\n");
      assertThat(wire.readUntil("yes")).endsWith("yes");
      first.add(wire);
    }
    var served = new CompletableFuture<String>();
    Thread.startVirtualThread(() -> {
      try {
        served.complete(get("/virtual"));
      } catch (IOException e) {
        served.completeExceptionally(e);
      }
    });
    Thread.sleep(200);
    assertThat(served).isNotDone();
    first.remove().close();
    assertThat(served.get(60, TimeUnit.SECONDS)).endsWith("yes");
    for (Wire wire : first) {
      wire.close();
    }
  }

  @Test
  void draining_finishes_running_calls_and_accepts_no_new_ones() throws Exception {
    try (var running = new Wire(listener.port())) {
      running.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
      await(entered);
      var draining = Thread.startVirtualThread(() -> listener.drain(Duration.ofSeconds(10)));
      untilItWaits(draining);
      mayLeave.countDown();
      assertThat(running.readAll()).startsWith("HTTP/1.1 200").endsWith("done");
      draining.join(60_000);
      assertThat(draining.isAlive()).isFalse();
    }
  }

  @Test
  void after_the_port_was_closed_calls_on_open_connections_are_answered() throws Exception {
    // Connections are accepted in their order, so the answer to the second one proves the first.
    try (var fresh = new Wire(listener.port());
        var kept = new Wire(listener.port())) {
      kept.send("GET /virtual HTTP/1.1\r\nHost: x\r\n\r\n");
      assertThat(kept.readUntil("yes")).doesNotContain("Connection: close");
      int port = listener.port();
      var closing = Thread.startVirtualThread(() -> listener.closePort(Duration.ofMinutes(1)));
      until("the port is closed", () -> !isOpen(port));
      for (Wire wire : List.of(kept, fresh)) {
        wire.send("GET /virtual HTTP/1.1\r\nHost: x\r\n\r\n");
        assertThat(wire.readAll())
            .startsWith("HTTP/1.1 200")
            .contains("Connection: close")
            .endsWith("yes");
      }
      closing.join();
    }
  }

  @Test
  void after_the_port_was_closed_idle_connections_are_closed_and_running_calls_finish()
      throws Exception {
    try (var idle = new Wire(listener.port());
        var running = new Wire(listener.port())) {
      running.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
      await(entered);
      listener.closePort(Duration.ofMillis(50));
      assertThat(idle.readAll()).isEmpty();
      mayLeave.countDown();
      assertThat(running.readUntil("done")).startsWith("HTTP/1.1 200").endsWith("done");
    }
  }

  private static boolean isOpen(int port) {
    try (var _ = new Wire(port)) {
      return true;
    } catch (IOException refused) {
      return false;
    }
  }

  @Test
  void draining_ends_at_its_deadline_even_if_a_call_still_runs() throws Exception {
    try (var running = new Wire(listener.port())) {
      running.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
      await(entered);
      long began = System.nanoTime();
      listener.drain(Duration.ofMillis(300));
      assertThat(System.nanoTime() - began).isLessThan(30_000_000_000L);
    }
  }

  /** As Jetty does, if its selector waits for a write to a client that reads slowly. */
  @Test
  void a_stop_ends_although_the_server_waits_for_ever() throws Exception {
    CountDownLatch waits = new CountDownLatch(1);
    CountDownLatch mayStop = new CountDownLatch(1);
    listener.close();
    listener = start(new Handler.Abstract() {
      @Override
      public boolean handle(Request request, Response response, Callback callback) {
        return false;
      }

      @Override
      protected void doStop() throws Exception {
        waits.countDown();
        mayStop.await();
      }
    });
    Thread stop = Thread.ofVirtual().start(listener::close);
    await(waits);
    try {
      assertThat(stop.join(Duration.ofSeconds(60))).isTrue();
    } finally {
      mayStop.countDown();
    }
  }

  @Test
  void the_interceptor_runs_once_for_every_answer() throws Exception {
    var silent = new Handler.Abstract() {
      @Override
      public boolean handle(Request request, Response response, Callback callback) {
        String path = Request.getPathInContext(request);
        switch (path) {
          case "/ours" -> response.getHeaders().put("Access-Control-Allow-Origin", "https://a");
          case "/throws" -> throw new IllegalStateException("boom");
          case "/fails" -> callback.failed(new IllegalStateException("boom"));
          case "/unhandled" -> {
            return false;
          }
          case "/late" ->
            Thread.startVirtualThread(() -> {
              response.setStatus(201);
              response.write(true, StandardCharsets.UTF_8.encode("x"), callback);
            });
          default -> {}
        }
        if (!path.equals("/late") && !path.equals("/fails")) {
          callback.succeeded();
        }
        return true;
      }
    };
    listener.close();
    listener = start(ResponseInterception.beforeCommit(silent, (status, headers) -> {
      headers.add("X-Status", status);
      if (!headers.contains("Access-Control-Allow-Origin")) {
        headers.put("Access-Control-Allow-Origin", "*");
      }
    }));
    assertThat(get("/ours")).contains("Access-Control-Allow-Origin: https://a", "X-Status: 200");
    assertThat(get("/none")).contains("Access-Control-Allow-Origin: *", "X-Status: 200");
    assertThat(get("/late")).contains("Access-Control-Allow-Origin: *", "X-Status: 201");
    assertThat(get("/throws")).contains("Access-Control-Allow-Origin: *", "X-Status: 503");
    assertThat(get("/fails")).contains("Access-Control-Allow-Origin: *", "X-Status: 503");
    assertThat(get("/unhandled")).contains("Access-Control-Allow-Origin: *", "X-Status: 404");
    assertThat(get("/throws").split("X-Status", -1)).hasSize(2);
  }

  private static Listener start(Handler handler) {
    return start(handler, PATIENCE, PATIENCE);
  }

  private static Listener start(Handler handler, Duration idle, Duration header) {
    return Listener.start(
        new Listener.Settings(
            "127.0.0.1", 0, Errors.PLAIN, true, 16 * 1024, 4, idle, header, SocketLimits.DEFAULT),
        handler);
  }

  private static ApiResponse text(String text) {
    return new ApiResponse(200, text.getBytes(StandardCharsets.ISO_8859_1), List.of());
  }

  private String exchange(String request) throws IOException {
    return Wire.exchange(listener.port(), request);
  }

  private String get(String path) throws IOException {
    return exchange("GET " + path + " HTTP/1.1\r\n" + CLOSE + "\r\n");
  }

  private String post(String path, String body) throws IOException {
    return exchange("POST "
        + path
        + " HTTP/1.1\r\n"
        + CLOSE
        + "Content-Length: "
        + body.length()
        + "\r\n\r\n"
        + body);
  }

  private static String echo(String type, long length) {
    return "POST /v2/webchat/echo HTTP/1.1\r\n"
        + CLOSE
        + "Content-Type: "
        + type
        + "\r\nContent-Length: "
        + length
        + "\r\n\r\n";
  }

  private String typed(String type, String body) throws IOException {
    byte[] utf8 = body.getBytes(StandardCharsets.UTF_8);
    return exchange(echo(type, utf8.length) + new String(utf8, StandardCharsets.ISO_8859_1));
  }

  private static String body(String answer) {
    return answer.substring(answer.indexOf("\r\n\r\n") + 4);
  }
}

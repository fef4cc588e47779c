package parlour.http.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.assertj.core.api.AbstractThrowableAssert;
import org.eclipse.jetty.client.HttpClient;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import parlour.InternalSecrets;
import parlour.Limits;
import parlour.TooManyRequests;
import parlour.Unavailable;
import parlour.errors.Errors;
import parlour.http.json.JsonTest.Account;
import parlour.http.server.ApiResponse;
import parlour.http.server.InternalOnly;
import parlour.http.server.Listener;
import parlour.http.server.Routes;
import parlour.http.server.Wire;
import parlour.trace.Arrow;
import parlour.trace.Lifeline;
import parlour.trace.Trace;
import parlour.trace.Traces;

@Timeout(120)
class InternalClientTest {
  /** Longer than a loaded machine lets anything wait. */
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private static final Duration SHORT = Duration.ofMillis(500);
  private static final Account QUESTION = new Account("AC1", 1);
  private static final String SECRET = "s3cret";

  private static @Nullable HttpClient http;

  @BeforeAll
  static void start() {
    http = HttpClients.start();
  }

  @AfterAll
  static void stop() throws Exception {
    http().stop();
  }

  @Test
  void a_call_carries_secret_and_trace_and_brings_the_arrows_back() throws Exception {
    var routes = new Routes(Errors.PLAIN).post("/v1/ask", call -> {
      Trace.current().action(Lifeline.SAS, "arrow 7", "");
      var asked = call.json(Account.class, 1000);
      return ApiResponse.json(
          200, new Account(asked.accountSid() + Trace.current().shortId(), 2));
    });
    try (var service = listen(new InternalOnly(
        Errors.PLAIN, InternalSecrets.of(SECRET), new Traces(), InstantSource.system(), routes))) {
      Trace trace = Trace.begin();
      Account answer = trace.during(
          () -> client(service.port(), SECRET).post("/v1/ask", QUESTION, Account.class));
      assertThat(answer).isEqualTo(new Account("AC1" + trace.shortId(), 2));
      assertThat(trace.arrows()).extracting(Arrow::text).containsExactly("arrow 7");
    }
  }

  @Test
  void a_wrong_secret_looks_like_an_unknown_path_and_is_an_outage_to_our_client() throws Exception {
    var routes = new Routes(Errors.PLAIN).post("/v1/ask", call -> ApiResponse.json(200, QUESTION));
    try (var service = listen(new InternalOnly(
        Errors.PLAIN, InternalSecrets.of(SECRET), new Traces(), InstantSource.system(), routes))) {
      for (String wrong : List.of("", "s3cre", "s3cret2", "S3CRET")) {
        unavailable(() -> client(service.port(), wrong).post("/v1/ask", QUESTION, Account.class))
            .hasMessageContaining("it answered 404");
      }
      String rest = " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n";
      String stranger = Wire.exchange(service.port(), "POST /v1/ask" + rest + "\r\n");
      String lost = Wire.exchange(
          service.port(),
          "POST /v1/nowhere" + rest + "Parlour-Internal-Secret: " + SECRET + "\r\n\r\n");
      assertThat(withoutInternal(stranger)).isEqualTo(withoutInternal(lost));
      assertThat(lost).containsIgnoringCase("parlour-trace:");
      assertThat(stranger).doesNotContainIgnoringCase("parlour-trace", "parlour-code");
    }
  }

  private static String withoutInternal(String answer) {
    return answer
        .replaceAll("(?i)parlour-(trace|code):.*\r\n", "")
        .replaceAll("Date: .*\r\n", "")
        .replaceAll("trace_id\":\"[0-9a-f]+", "");
  }

  @ParameterizedTest
  @ValueSource(ints = {204, 301, 302, 307, 400, 401, 403, 404, 407, 409, 429, 500, 502, 503})
  void any_other_status_is_an_outage(int status) throws Exception {
    try (var service = new Wire.Service(wire -> answer(
        wire,
        "HTTP/1.1 "
            + status
            + " X\r\nLocation: http://127.0.0.1:1/\r\n"
            + "WWW-Authenticate: Basic realm=x\r\nContent-Type: application/json\r\n"
            + "Content-Length: "
            + (status == 204 ? 0 : 33)
            + "\r\n\r\n"
            + (status == 204 ? "" : "{\"account_sid\":\"AC2\",\"since\":12}\n")))) {
      assertThatThrownBy(() -> ask(service.port()))
          .isExactlyInstanceOf(status == 503 ? Unavailable.Answered.class : Unavailable.class)
          .hasMessageContaining(String.valueOf(status));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\n"
            + "Content-Type: application/json\r\n"
            + "Content-Length: 50\r\n\r\n"
            + "{\"account_sid\":\"AC2\",\"since\":12}",
        "HTTP/1.1 200 OK\r\n"
            + "Content-Type: application/json\r\n\r\n"
            + "{\"account_sid\":\"AC2\",\"since\":1",
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}",
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n[]",
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\n"
            + "Content-Type: text/html\r\n"
            + "Content-Length: 32\r\n\r\n"
            + "{\"account_sid\":\"AC2\",\"since\":12}",
        "HTTP/1.1 200 OK\r\n"
            + "Content-Type: application/json\r\n"
            + "Transfer-Encoding: chunked\r\n\r\n"
            + "20\r\n"
            + "{\"account_sid\":\"AC2\",\"since\":12}\r\n",
        "HTTP/1.1 200 OK\r\n"
            + "Content-Type: application/json\r\n"
            + "Content-Encoding: gzip\r\n"
            + "Content-Length: 32\r\n\r\n"
            + "\u001f\u008b\u0008678901234567890123456789012",
        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n{}  ",
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
        "HTTP/1.1 2000 OK\r\n\r\n",
        "HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n",
        "ICY 200 OK\r\n\r\n",
        "nonsense\r\n\r\n",
        "\r\n\r\n\r\n",
        "HTTP/1.1 200 OK\r\nbad header\r\n\r\n{}",
        ""
      })
  void an_answer_that_is_incomplete_or_invalid_is_an_outage(String answer) throws Exception {
    try (var service = new Wire.Service(wire -> answer(wire, answer))) {
      unavailable(() -> ask(service.port()));
    }
  }

  @Test
  void a_429_passes_its_retry_after_on() throws Exception {
    try (var service = new Wire.Service(
        wire -> answer(wire, "HTTP/1.1 429 X\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n"))) {
      assertThatThrownBy(() -> ask(service.port()))
          .isInstanceOfSatisfying(
              TooManyRequests.class,
              later -> assertThat(later.retryAfter()).isEqualTo(Duration.ofSeconds(7)));
    }
  }

  @Test
  void interim_answers_are_skipped() throws Exception {
    try (var service = new Wire.Service(wire -> answer(
        wire,
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nLink: x\r\n\r\n"
            + "HTTP/1.1 102 Processing\r\n\r\n"
            + good()))) {
      assertThat(ask(service.port())).isEqualTo(new Account("AC2", 12));
    }
  }

  @Test
  void an_interim_answer_that_no_other_follows_is_an_outage() throws Exception {
    try (var service = new Wire.Service(wire -> answer(wire, "HTTP/1.1 199 What\r\n\r\n"))) {
      unavailable(
          () -> client(service.port(), SECRET, SHORT).post("/v1/ask", QUESTION, Account.class));
    }
  }

  @Test
  void a_refused_connection_is_an_outage() throws Exception {
    int free;
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      free = socket.getLocalPort();
    }
    unavailable(() -> ask(free));
  }

  @Test
  void a_call_with_a_long_deadline_outlives_the_idle_time_of_its_connection() throws Exception {
    var routes = new Routes(Errors.PLAIN).post("/v1/ask", call -> {
      LockSupport.parkNanos(1_000_000_000L);
      return ApiResponse.json(200, QUESTION);
    });
    HttpClient impatient = HttpClients.start();
    impatient.setIdleTimeout(100);
    try (var service = listen(new InternalOnly(
        Errors.PLAIN, InternalSecrets.of(SECRET), new Traces(), InstantSource.system(), routes))) {
      var client = new InternalClient(
          impatient,
          Nodes.of("FAS", URI.create("http://127.0.0.1:" + service.port())),
          SECRET,
          Duration.ofSeconds(60),
          Limits.AUTH_RESPONSE_BYTES);
      assertThat(client.post("/v1/ask", QUESTION, Account.class)).isEqualTo(QUESTION);
    } finally {
      impatient.stop();
    }
  }

  @Test
  void silent_slow_and_endless_answers_end_at_the_deadline() throws Exception {
    for (String drip :
        List.of("", "HTTP/1.1 200 O", "HTTP/1.1 200 OK\r\nX: x", "HTTP/1.1 200 OK\r\n\r\n{")) {
      try (var service = new Wire.Service(wire -> {
        wire.readUntil("\r\n\r\n");
        wire.send(drip);
        while (true) {
          wire.send(drip.isEmpty() ? "" : " ");
          Thread.sleep(20);
        }
      })) {
        long began = System.nanoTime();
        unavailable(
            () -> client(service.port(), SECRET, SHORT).post("/v1/ask", QUESTION, Account.class));
        assertThat(System.nanoTime() - began).isGreaterThan(300_000_000L);
      }
    }
  }

  @Test
  void an_answer_without_end_is_an_outage_before_it_fills_the_memory() throws Exception {
    try (var service = new Wire.Service(wire -> {
      wire.readUntil("\r\n\r\n");
      wire.send("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n");
      for (String more = "x".repeat(100_000); true; ) {
        wire.send(more);
      }
    })) {
      unavailable(() -> ask(service.port()));
    }
  }

  @Test
  void headers_without_end_are_an_outage() throws Exception {
    try (var service = new Wire.Service(wire -> {
      wire.readUntil("\r\n\r\n");
      wire.send("HTTP/1.1 200 OK\r\n");
      while (true) {
        wire.send("X: " + "x".repeat(1000) + "\r\n");
      }
    })) {
      unavailable(() -> ask(service.port()));
    }
  }

  @Test
  void a_connection_that_was_closed_in_the_pool_is_not_an_outage() throws Exception {
    var calls = new AtomicInteger();
    try (var service = new Wire.Service(wire -> {
      wire.readUntil("\"since\":1}");
      calls.incrementAndGet();
      wire.send(good());
      wire.readUntil("\"since\":1}"); // reads the next call, and then resets the connection
      wire.reset();
    })) {
      assertThat(ask(service.port())).isEqualTo(new Account("AC2", 12));
      assertThat(ask(service.port())).isEqualTo(new Account("AC2", 12));
      assertThat(calls).hasValue(2);
    }
  }

  @Test
  void a_service_that_always_closes_the_connection_gets_a_call_twice() throws Exception {
    var calls = new AtomicInteger();
    try (var service = new Wire.Service(wire -> {
      calls.incrementAndGet();
      wire.readUntil("\"since\":1}");
    })) {
      unavailable(() -> ask(service.port()));
      assertThat(calls).hasValue(2);
    }
  }

  @Test
  void a_bounded_number_of_calls_waits_for_a_service_that_hangs() throws Exception {
    var connections = new AtomicInteger();
    var max = new AtomicInteger();
    var full = new AtomicInteger();
    var mayEnd = new CountDownLatch(1);
    int calls = Limits.CLIENT_CONNECTIONS + Limits.CLIENT_QUEUE + 200;
    try (var service = new Wire.Service(wire -> {
          max.accumulateAndGet(connections.incrementAndGet(), Math::max);
          mayEnd.await();
          connections.decrementAndGet();
        });
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var client = client(service.port(), SECRET);
      var answers = new ArrayList<Future<Account>>();
      // Some are let in while connections are being opened, and where one opens too slowly, all
      // that
      // wait for it fail and make room again.
      for (int i = 0; i < calls || full.get() < 150; i++) {
        answers.add(threads.submit(() -> {
          try {
            return client.post("/x", QUESTION, Account.class);
          } catch (Unavailable refused) {
            if (String.valueOf(refused).contains("Max requests")) {
              full.incrementAndGet();
            }
            throw refused;
          }
        }));
        if (i >= calls) {
          Thread.sleep(10);
        }
      }
      mayEnd.countDown();
      for (var answer : answers) {
        try {
          answer.get();
        } catch (ExecutionException e) {
          assertThat(e.getCause()).isInstanceOf(Unavailable.class);
        }
      }
      assertThat(full).hasValueLessThanOrEqualTo(600);
      int slack = 50; // this side sees a connection's end a little later
      assertThat(max.get()).isLessThanOrEqualTo(Limits.CLIENT_CONNECTIONS + slack);
    }
  }

  @Test
  void an_interrupted_call_ends_at_once() throws Exception {
    try (var service = new Wire.Service(wire -> Thread.sleep(5_000))) {
      Thread.currentThread().interrupt();
      unavailable(() -> ask(service.port())).hasMessageContaining("interrupted");
      assertThat(Thread.interrupted()).isTrue();
    }
  }

  @Test
  void no_message_contains_the_secret() throws Exception {
    unavailable(() -> ask(1)).satisfies(failure -> {
      for (Throwable t = failure; t != null; t = t.getCause()) {
        assertThat(String.valueOf(t)).doesNotContain(SECRET);
      }
    });
  }

  private static void answer(Wire wire, String answer) throws IOException {
    wire.readUntil("\"since\":1}");
    wire.send(answer);
  }

  private static String good() {
    return "HTTP/1.1 200 OK\r\nContent-Type: application/json;charset=utf-8\r\nContent-Length: 32"
        + "\r\n\r\n{\"account_sid\":\"AC2\",\"since\":12}";
  }

  private static Account ask(int port) {
    return client(port, SECRET).post("/v1/ask", QUESTION, Account.class);
  }

  private static InternalClient client(int port, String secret) {
    return client(port, secret, PATIENCE);
  }

  private static InternalClient client(int port, String secret, Duration deadline) {
    return new InternalClient(
        http(),
        Nodes.of("FAS", URI.create("http://127.0.0.1:" + port)),
        secret,
        deadline,
        Limits.AUTH_RESPONSE_BYTES);
  }

  private static Listener listen(org.eclipse.jetty.server.Handler handler) {
    return Listener.start(Listener.Settings.internal("127.0.0.1", 0, Errors.PLAIN), handler);
  }

  private static HttpClient http() {
    if (http == null) {
      throw new IllegalStateException("not started");
    }
    return http;
  }

  private static AbstractThrowableAssert<?, ? extends Throwable> unavailable(Callable<?> call) {
    return assertThatThrownBy(call::call).isExactlyInstanceOf(Unavailable.class);
  }
}

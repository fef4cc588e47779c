package parlour.starship;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import parlour.Limits;
import parlour.errors.Errors;
import parlour.http.server.Listener;
import parlour.http.server.Proxies;
import parlour.http.server.Routes;
import parlour.http.server.Wire;
import parlour.http.server.WireSocket;
import parlour.metrics.Metrics;
import parlour.rates.LocalRateLimiter;
import parlour.rates.Rate;
import parlour.rates.RateLimiter;
import parlour.trace.Traces;

/** The edge in front of a fake service that answers every call. */
@Timeout(120)
class StarshipTest {
  private static final String ASKED = "Access-Control-Request-Headers: ";

  private final AtomicInteger calls = new AtomicInteger();
  private final Deque<String> paths = new ConcurrentLinkedDeque<>();
  private final Traces traces = new Traces();

  @AutoClose
  private final Listener listener = listen(new Handler.Abstract() {
    @Override
    public boolean handle(Request request, Response response, Callback callback) {
      calls.incrementAndGet();
      paths.add(request.getHttpURI().getPathQuery());
      if (request.getHeaders().contains("X-Fails")) {
        throw new IllegalStateException("boom");
      }
      if (request.getHeaders().contains("X-Refuses-The-Time")) {
        response.getHeaders().put("Parlour-Time", "1764280000");
      }
      String allowed = request.getHeaders().get("X-Allowed");
      if (allowed != null) {
        response.getHeaders().put("Access-Control-Allow-Origin", allowed);
      }
      response.write(true, StandardCharsets.UTF_8.encode("reached"), callback);
      return true;
    }
  });

  private Listener listen(Handler orchestrator) {
    return listen(orchestrator, () -> 0);
  }

  private Listener listen(Handler orchestrator, LongSupplier nanos) {
    return listen(orchestrator, new LocalRateLimiter(nanos));
  }

  private Listener listen(Handler orchestrator, RateLimiter limiter) {
    var starship = new Starship(
        orchestrator,
        new FilesHost(Optional.empty()),
        new Proxies(List.of("127.0.0.1")),
        limiter,
        traces,
        new Metrics(),
        NotedOutages.NONE,
        InstantSource.system());
    return Listener.start(Listener.Settings.forBrowsers("127.0.0.1", 0, Errors.PLAIN), starship);
  }

  private static String path(PublicCall call) {
    return switch (call) {
      case INIT -> "/v2/Webchat/Init";
      case REFRESH -> "/v2/Webchat/Token/Refresh";
      case AVAILABILITY -> "/v2/Webchat/Availability";
      case HISTORY, SEND -> "/v2/Webchat/Messages";
      case READ -> "/v2/Webchat/Read";
      case TYPING -> "/v2/Webchat/Typing";
      case END -> "/v2/Webchat/End";
      case REOPEN -> "/v2/Webchat/Reopen";
      case PUSH -> "/v2/Webchat/Push";
      case STREAM -> "/v2/Webchat/Stream";
      case REALTIME -> "/v3/wsconnect";
      case UPLOAD -> "/v2/Webchat/Media";
      case FILE -> "/v2/Webchat/Media/ME0123456789abcdef0123456789abcdef";
      case CONTENT -> "/media/AC1/ME1/original/1/mac/list.txt";
      case SERVICE_UPLOAD -> "/v1/Services/IS1/Media";
      case SERVICE_FILE -> "/v1/Services/IS1/Media/ME1";
      case SERVICE_FILES -> "/v1/Services/IS1/MediaSet";
      case SERVERS -> "/v1/Conversations/CH0123456789abcdef0123456789abcdef/Messages";
      case SIGN_IN -> "/inbox/api/sign-in";
      case OIDC_SIGN_IN -> "/inbox/api/oidc/finish";
      case INBOX -> "/inbox/api/conversations/CH1/messages";
      case INBOX_UPLOAD -> "/inbox/api/conversations/CH1/media";
      case INBOX_STREAM -> "/inbox/api/stream";
    };
  }

  private static String method(PublicCall call) {
    return switch (call) {
      case AVAILABILITY,
          HISTORY,
          STREAM,
          REALTIME,
          FILE,
          CONTENT,
          SERVICE_FILE,
          SERVERS,
          INBOX,
          INBOX_STREAM -> "GET";
      case INIT,
          REFRESH,
          SEND,
          REOPEN,
          PUSH,
          UPLOAD,
          SERVICE_UPLOAD,
          SERVICE_FILES,
          INBOX_UPLOAD,
          READ,
          TYPING,
          END,
          SIGN_IN,
          OIDC_SIGN_IN -> "POST";
    };
  }

  private String call(PublicCall call, String headers) throws IOException {
    return exchange(method(call) + " " + path(call), headers);
  }

  private String exchange(String line, String headers) throws IOException {
    return Wire.exchange(
        listener.port(),
        line + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n" + headers
            + "\r\n");
  }

  @ParameterizedTest
  @EnumSource
  void a_call_of_the_table_reaches_the_orchestrator_in_any_case(PublicCall call) throws Exception {
    assertThat(PublicCall.of(method(call), path(call))).contains(call);
    assertThat(call(call, "")).startsWith("HTTP/1.1 200").endsWith("reached");
    assertThat(exchange(method(call) + " " + path(call).toUpperCase(Locale.ROOT), ""))
        .endsWith("reached");
    assertThat(exchange("DELETE " + path(call) + "?a=b", "")).endsWith("reached");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/",
        "/v1",
        "/v1/Conversation",
        "/v1/ConversationsX",
        "/v1/Conversations%2fx/y",
        "/v1/GuestConversations/history",
        "/v1/Accounts/AC1/Conversations",
        "/v2/Webchat",
        "/v2/Webchat/Messages/",
        "/v2/Webchat/Messages/IM1",
        "/v2/Webchat/Streams",
        "/inbox",
        "/inbox/",
        "/inbox/api",
        "/inbox/apis/x",
        "/health",
      })
  void nothing_else_reaches_it(String path) throws Exception {
    assertThat(exchange("GET " + path, "")).containsAnyOf("HTTP/1.1 404", "HTTP/1.1 400");
    assertThat(exchange("POST " + path, "")).contains("45770");
    assertThat(calls).hasValue(0);
  }

  @ParameterizedTest
  @EnumSource
  void a_call_of_a_guest_reaches_it_with_a_prefix_too_and_no_other_call(PublicCall call)
      throws Exception {
    boolean isForGuests = isForGuests(call);
    for (String prefix : List.of(
        "/.twilio.com",
        "/webchat.twilio.com",
        "/A-1.twilio.com",
        "/web_chat.twilio.com",
        "/v1.2~a.twilio.com",
        "/" + "x".repeat(63) + ".twilio.com")) {
      String answer = exchange(method(call) + " " + prefix + path(call) + "?a=%2f", "");
      if (isForGuests) {
        assertThat(answer).startsWith("HTTP/1.1 200").endsWith("reached");
        assertThat(paths.getLast()).isEqualTo(path(call) + "?a=%2f");
      } else {
        assertThat(answer).startsWith("HTTP/1.1 404");
      }
    }
    String preflight = exchange("OPTIONS /webchat.twilio.com" + path(call), "");
    assertThat(preflight).startsWith("HTTP/1.1 204").contains("x-twilio-token");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/webchat.twilio.com",
        "/webchat.twilio.com/",
        "/webchat.twilio.com/webchat.twilio.com/v2/Webchat/Init",
        "/webchat.twilio.com//v2/Webchat/Init",
        "/webchat.twilio.com/v2/Webchat/Init/",
        "/webchat.twilio.com/../v2/Webchat/Init",
        "/webchat.twilio.com/v2/Webchat/x/../Init",
        "/webchat.twilio.com/./v2/Webchat/Init",
        "/webchat.twilio.com/v2/Webchat/Init;a=b",
        "/webchat.twilio.com/v2/Webchat/%49nit",
        "/webchat.twilio.com/v2%2fWebchat/Init",
        "/webchat.twilio.com/%2e%2e/v2/Webchat/Init",
        "/webchat.twilio.com/%252e%252e/v2/Webchat/Init",
        "/webchat%2etwilio.com/v2/Webchat/Init",
        "/a/webchat.twilio.com/v2/Webchat/Init",
        "/web+chat.twilio.com/v2/Webchat/Init",
        "/web%5fchat.twilio.com/v2/Webchat/Init",
        "/../webchat.twilio.com/v2/Webchat/Init",
        "/webchat.twilio.comx/v2/Webchat/Init",
        "/webchat.example.com/v2/Webchat/Init",
        "/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx.twilio.com/v2/Webchat/Init",
      })
  void only_one_segment_that_is_such_a_prefix_is_taken_off(String path) throws Exception {
    assertThat(exchange("POST " + path, "")).containsAnyOf("HTTP/1.1 404", "HTTP/1.1 400");
    assertThat(calls).hasValue(0);
  }

  @Test
  void both_spellings_of_the_refresh_are_the_same_call() throws Exception {
    for (String path : List.of("/v2/Webchat/Token/Refresh", "/v2/Webchat/Tokens/Refresh")) {
      assertThat(PublicCall.of("POST", path)).contains(PublicCall.REFRESH);
      assertThat(exchange("POST " + path, "")).endsWith("reached");
    }
  }

  private static boolean isForGuests(PublicCall call) {
    return path(call).startsWith("/v2/Webchat/")
        || path(call).startsWith("/v1/Services/") // and for servers
        || call == PublicCall.REALTIME;
  }

  @ParameterizedTest
  @EnumSource
  void other_pages_can_read_only_answers_for_guests_and_files_by_their_links(PublicCall call)
      throws Exception {
    boolean isForAll = isForGuests(call) || call == PublicCall.CONTENT;
    for (String headers : List.of("", "X-Fails: yes\r\n", "Origin: https://a.example\r\n")) {
      String answer = call(call, headers);
      if (isForAll) {
        assertThat(answer)
            .contains("Access-Control-Allow-Origin: *\r\n")
            .containsPattern("Access-Control-Expose-Headers: [^\r]*, Parlour-Time\r\n")
            .containsPattern("\r\nParlour-Time: [12][0-9]{9}\r\n");
      } else {
        assertThat(answer).doesNotContain("Access-Control", "Parlour-Time");
      }
      assertThat(answer)
          .contains("Parlour-Trace-Id: ", "X-Content-Type-Options: nosniff", "Referrer-Policy: ");
    }
    String allowed = call(call, "X-Allowed: https://a.example\r\n");
    if (isForAll) {
      assertThat(allowed).contains("Access-Control-Allow-Origin: https://a.example\r\n");
    } else {
      assertThat(allowed).doesNotContain("Access-Control");
    }
    String preflight = exchange("OPTIONS " + path(call), "Origin: https://a.example\r\n");
    assertThat(preflight).startsWith("HTTP/1.1 204");
    if (isForAll) {
      assertThat(preflight)
          .contains("Access-Control-Allow-Origin: *", "authorization", "webchat-deployment-key");
    } else {
      assertThat(preflight).doesNotContain("Access-Control");
    }
  }

  @Test
  void the_time_by_which_a_proof_was_refused_is_the_one_that_the_browser_gets() throws Exception {
    assertThat(call(PublicCall.REFRESH, "X-Refuses-The-Time: yes\r\n"))
        .containsOnlyOnce("Parlour-Time: ")
        .contains("Parlour-Time: 1764280000\r\n");
  }

  @Test
  void a_preflight_is_granted_the_header_names_that_a_page_adds_to_its_calls() throws Exception {
    assertThat(allowed("traceparent, Sentry-Trace,baggage\r\n" + ASKED + "x-datadog-origin"))
        .startsWith("content-type, authorization, content-digest, signature-input, signature, ")
        .endsWith(", traceparent, sentry-trace, baggage, x-datadog-origin");
    String plain = allowed("content-type");
    assertThat(allowed("a b, \"x\", x:y, \u00e9, , x\\y, <x>, " + "y".repeat(129)))
        .isEqualTo(plain);
    String many = IntStream.range(0, 100).mapToObj(i -> "x-" + i).collect(joining(","));
    assertThat(allowed(many))
        .endsWith(", x-" + (Limits.PREFLIGHT_HEADERS - 1))
        .doesNotContain("x-" + Limits.PREFLIGHT_HEADERS);
    assertThat(exchange("OPTIONS /v2/Webchat/Init", ASKED + "traceparent\r\n"))
        .contains("Vary: Access-Control-Request-Headers\r\n");
    assertThat(exchange("OPTIONS /inbox/api/sign-in", ASKED + "traceparent\r\n"))
        .doesNotContain("traceparent");
    assertThat(calls).hasValue(0);
  }

  private String allowed(String asked) throws IOException {
    return exchange("OPTIONS /v2/Webchat/Init", ASKED + asked + "\r\n")
        .lines()
        .filter(line -> line.startsWith("Access-Control-Allow-Headers: "))
        .findFirst()
        .orElseThrow()
        .substring("Access-Control-Allow-Headers: ".length());
  }

  @Test
  void a_client_that_guesses_passwords_is_stopped_for_sign_ins_only() throws Exception {
    String here = "X-Forwarded-For: 203.0.113.7\r\n";
    for (int i = 0; i < Limits.SIGN_INS_PER_MINUTE; i++) {
      assertThat(call(PublicCall.SIGN_IN, here)).endsWith("reached");
    }
    assertThat(call(PublicCall.SIGN_IN, here))
        .startsWith("HTTP/1.1 429")
        .contains("Retry-After: ", "\"code\":45780", "\"action\":\"retry\"")
        .doesNotContain("Access-Control");
    assertThat(exchange("GET /INBOX/API/SIGN-IN", here)).startsWith("HTTP/1.1 429");
    assertThat(calls).hasValue(Limits.SIGN_INS_PER_MINUTE);
    assertThat(call(PublicCall.INBOX, here)).endsWith("reached");
    assertThat(call(PublicCall.INIT, here)).endsWith("reached");
    assertThat(call(PublicCall.SIGN_IN, "X-Forwarded-For: 203.0.113.8\r\n")).endsWith("reached");
  }

  @Test
  void a_flood_of_messages_is_stopped_and_reading_goes_on() throws Exception {
    try (var wire = new Wire(listener.port())) {
      String post = "POST /v2/Webchat/Messages HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n";
      for (int i = 0; i < Rate.MESSAGES.calls(); i++) {
        assertThat(wire.send(post).readUntil("reached")).startsWith("HTTP/1.1 200");
      }
      assertThat(wire.send(post).readUntil("\r\n\r\n")).startsWith("HTTP/1.1 429");
    }
    assertThat(call(PublicCall.HISTORY, "")).endsWith("reached");
    assertThat(call(PublicCall.TYPING, "")).endsWith("reached");
    assertThat(call(PublicCall.STREAM, "")).endsWith("reached");
  }

  /** Stores a file that comes with a token, and refuses a call without one before it reads any. */
  private static final Handler STORES_FILES = new Handler.Abstract() {
    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
      if (!request.getHeaders().contains("Authorization")) {
        response.setStatus(401);
        callback.succeeded();
        return true;
      }
      long length =
          Content.Source.asInputStream(request).transferTo(OutputStream.nullOutputStream());
      boolean isRefused = request.getHeaders().contains("X-Refused");
      response.setStatus(isRefused ? 422 : 201);
      response.write(true, StandardCharsets.UTF_8.encode("read " + length), callback);
      return true;
    }
  };

  private static final String LONGEST_FILE = "x".repeat((int) Limits.MEDIA_FILE_BYTES);

  private static String fileOf(long announced, String headers) {
    return "POST /v2/Webchat/Media HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + headers
        + "Content-Length: " + announced + "\r\n\r\n";
  }

  private static String upload(Listener edge, String headers) throws IOException {
    return Wire.exchange(
        edge.port(),
        fileOf(Limits.MEDIA_FILE_BYTES, "Authorization: x\r\n" + headers) + LONGEST_FILE);
  }

  @Test
  void one_address_sends_at_most_the_bytes_of_files_a_day_that_its_rate_allows() throws Exception {
    var nanos = new AtomicLong();
    var limiter = new LocalRateLimiter(nanos::get);
    int file = Rate.DAILY_UPLOADS.drops(Limits.MEDIA_FILE_BYTES);
    assertThat(Limits.MEDIA_FILE_BYTES * Rate.DAILY_UPLOADS.calls() / file)
        .isEqualTo(Limits.UPLOAD_BYTES_PER_DAY);
    limiter.tryAcquire(Rate.DAILY_UPLOADS, "7f000001", Rate.DAILY_UPLOADS.calls() - 2 * file);
    try (var near = listen(STORES_FILES, limiter)) {
      assertThat(upload(near, "X-Refused: x\r\n")).as("not kept").startsWith("HTTP/1.1 422");
      assertThat(upload(near, "")).startsWith("HTTP/1.1 201");
      nanos.addAndGet(Limits.RATE_WINDOW.toNanos());
      assertThat(upload(near, "")).startsWith("HTTP/1.1 201");
      assertThat(upload(near, ""))
          .startsWith("HTTP/1.1 429")
          .containsPattern("Retry-After: [0-9]{3,}");
      nanos.addAndGet(
          Limits.RATE_DAY.dividedBy(Rate.DAILY_UPLOADS.calls() / file).toNanos());
      assertThat(upload(near, "")).as("refilled").startsWith("HTTP/1.1 201");
    }
  }

  @Test
  void calls_that_announce_long_bodies_and_send_none_leave_their_address_its_bytes()
      throws Exception {
    var nanos = new AtomicLong();
    try (var near = listen(STORES_FILES, nanos::get)) {
      for (int i = 0; i < 2 * Limits.UPLOAD_BYTES_PER_DAY / Limits.MEDIA_FILE_BYTES; i++) {
        if (i % 25 == 0) { // each takes one of the calls of a minute
          nanos.addAndGet(Limits.RATE_WINDOW.toNanos());
        }
        assertThat(Wire.exchange(near.port(), fileOf(Limits.MEDIA_FILE_BYTES, "")))
            .startsWith("HTTP/1.1 401");
      }
      assertThat(upload(near, "")).startsWith("HTTP/1.1 201");
      for (int i = 0; i < 100; i++) {
        assertThat(Wire.exchange(
                near.port(), message(Limits.MESSAGE_BODY_BYTES + Limits.ATTRIBUTES_BYTES, "")))
            .startsWith("HTTP/1.1 401");
      }
    }
  }

  private static String message(long announced, String headers) {
    return fileOf(announced, headers).replace("/Media ", "/Messages ");
  }

  @Test
  void a_body_that_arrives_is_counted_whatever_the_answer_is() throws Exception {
    try (var near = listen(STORES_FILES, () -> 0)) {
      int files = Rate.UPLOADS.calls() / Rate.UPLOADS.drops(Limits.MEDIA_FILE_BYTES);
      for (int i = 0; i < files; i++) {
        assertThat(upload(near, "X-Refused: x\r\n")).startsWith("HTTP/1.1 422");
      }
      assertThat(upload(near, "")).startsWith("HTTP/1.1 429");
    }
  }

  @Test
  void a_length_that_is_not_accepted_uses_up_nothing_of_a_rate() throws Exception {
    Handler orchestrator = new Handler.Abstract() {
      @Override
      public boolean handle(Request request, Response response, Callback callback) {
        response.write(true, StandardCharsets.UTF_8.encode("reached"), callback);
        return true;
      }
    };
    String head =
        "POST /v2/Webchat/Media HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: ";
    try (var near = listen(orchestrator, () -> 0)) {
      assertThat(Wire.exchange(near.port(), head + "2000000000\r\n\r\n"))
          .startsWith("HTTP/1.1 413");
      assertThat(Wire.exchange(near.port(), head + Limits.MEDIA_FILE_BYTES + "\r\n\r\n"))
          .contains("reached");
    }
  }

  @Test
  void a_client_that_reads_only_after_it_has_sent_a_long_file_sees_why_it_is_refused()
      throws Exception {
    long length = Limits.MEDIA_FILE_BYTES + 1;
    try (var near = listen(STORES_FILES, () -> 0);
        var client = new Socket(InetAddress.getLoopbackAddress(), near.port())) {
      OutputStream out = client.getOutputStream();
      out.write(fileOf(length, "").getBytes(StandardCharsets.US_ASCII));
      byte[] part = new byte[64 * 1024];
      for (long sent = 0; sent < length; sent += part.length) {
        out.write(part, 0, (int) Math.min(part.length, length - sent));
      }
      client.setSoTimeout(60_000);
      assertThat(new String(client.getInputStream().readNBytes(12), StandardCharsets.US_ASCII))
          .isEqualTo("HTTP/1.1 413");
    }
  }

  /** The edge reads a refused file for longer than this client waits. */
  @Test
  void a_refused_file_of_unknown_length_is_not_read() throws Exception {
    var limiter = new LocalRateLimiter(() -> 0);
    var _ = limiter.tryAcquire(Rate.UPLOADS, "7f000001", Rate.UPLOADS.calls());
    try (var near = listen(STORES_FILES, limiter);
        var client = new Socket(InetAddress.getLoopbackAddress(), near.port())) {
      client.setSoTimeout((int) Limits.REFUSED_BODY_DEADLINE.toMillis() / 2);
      client
          .getOutputStream()
          .write("POST /v2/Webchat/Media HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
              .getBytes(StandardCharsets.US_ASCII));
      assertThat(new String(client.getInputStream().readNBytes(12), StandardCharsets.US_ASCII))
          .isEqualTo("HTTP/1.1 429");
    }
  }

  @Test
  void a_refused_call_whose_body_is_late_has_one_trace() throws Exception {
    var refused = new CountDownLatch(1);
    RateLimiter limiter = (rate, whose, drops) -> {
      refused.countDown();
      return Optional.of(Duration.ofSeconds(1));
    };
    try (var near = listen(STORES_FILES, limiter);
        var client = new Socket(InetAddress.getLoopbackAddress(), near.port())) {
      OutputStream out = client.getOutputStream();
      String head = "POST /v2/Webchat/Media HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
          + "Content-Length: 9\r\n\r\n";
      out.write(head.getBytes(StandardCharsets.US_ASCII));
      refused.await();
      out.write("too late!".getBytes(StandardCharsets.US_ASCII));
      String answer = new String(client.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      Matcher trace = Pattern.compile("Parlour-Trace-Id: (\\w+)").matcher(answer);
      assertThat(trace.find()).as(answer).isTrue();
      assertThat(answer).contains("\"trace_id\":\"" + trace.group(1) + "\"");
    }
  }

  @Test
  void handshakes_of_both_streams_are_counted_as_one() {
    var buckets = new LocalRateLimiter(() -> 0);
    for (int i = 0; i < Rate.STREAMS.calls(); i++) {
      var stream = i % 2 == 0 ? PublicCall.STREAM : PublicCall.INBOX_STREAM;
      assertThat(buckets.tryAcquire(stream.rates().getFirst(), "x")).isEmpty();
    }
    assertThat(buckets.tryAcquire(PublicCall.STREAM.rates().getFirst(), "x")).isPresent();
    assertThat(buckets.tryAcquire(PublicCall.INBOX_STREAM.rates().getFirst(), "x"))
        .isPresent();
    assertThat(buckets.tryAcquire(Rate.STREAMS, "y")).isEmpty();
  }

  @Test
  void a_websocket_is_answered_like_any_call_and_then_is_one() throws Exception {
    var routes = new Routes(Errors.PLAIN).socket("/v2/Webchat/Stream", call -> {
      call.answerWith("Access-Control-Allow-Origin", "https://a.example");
      return socket -> socket.send("hello");
    });
    try (var near = listen(routes);
        var browser = WireSocket.open(near.port(), "/v2/webchat/stream", "")) {
      assertThat(browser.head())
          .startsWith("HTTP/1.1 101")
          .contains("Access-Control-Allow-Origin: https://a.example", "Parlour-Trace-Id: ");
      assertThat(browser.receive()).isEqualTo("hello");
      String id = browser.head().replaceAll("(?s).*Parlour-Trace-Id: ([0-9a-f]+).*", "$1");
      assertThat(traces.find(id).orElseThrow().toMermaid())
          .contains("GET /v2/Webchat/Stream", "answered 101");
      try (var prefixed =
          WireSocket.open(near.port(), "/webchat.twilio.com/v2/Webchat/Stream", "")) {
        assertThat(prefixed.receive()).isEqualTo("hello");
      }
    }
  }
}

package parlour.starship;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import parlour.CapturedLog;
import parlour.Limits;
import parlour.errors.Errors;
import parlour.http.server.Listener;
import parlour.http.server.Proxies;
import parlour.http.server.Wire;
import parlour.metrics.Metrics;
import parlour.rates.RateLimiter;
import parlour.trace.Arrow;
import parlour.trace.Traces;

/** Nothing but the log and the trace can say that a 404 comes from a proxy that changes Host. */
class FilesHostLogTest {
  private static final String FILES = "files.example.com";
  private static final List<String> PAGES = List.of("/", "/inbox");
  private static final String LINK =
      "/media/AC" + "0".repeat(32) + "/ME" + "1".repeat(32) + "/original/1/mac/list.txt";

  @AutoClose
  private final CapturedLog log = new CapturedLog(FilesHost.class);

  private final Traces traces = new Traces();

  /** It counts and refuses nothing. */
  private static final RateLimiter COUNTING = (rate, whose, drops) -> Optional.empty();

  @AutoClose
  private final Listener listener = listen(COUNTING);

  private Listener listen(RateLimiter limiter) {
    var files = new FilesHost(Optional.of(URI.create("https://" + FILES)));
    var pages = new Handler.Abstract() {
      @Override
      public boolean handle(Request request, Response response, Callback callback) {
        if (!PAGES.contains(request.getHttpURI().getPath())) {
          return false;
        }
        response.write(true, StandardCharsets.UTF_8.encode("reached"), callback);
        return true;
      }
    };
    var starship = new Starship(
        pages,
        files,
        new Proxies(List.of("127.0.0.1")),
        limiter,
        traces,
        new Metrics(),
        NotedOutages.NONE,
        InstantSource.system());
    return Listener.start(
        Listener.Settings.forBrowsers("127.0.0.1", 0, Errors.PLAIN),
        new Handler.Sequence(files.elsewhere(pages, PAGES::contains), starship));
  }

  private String at(String host, String call) throws IOException {
    return at(host, call, "203.0.113.7");
  }

  private String at(String host, String call, String client) throws IOException {
    return at(listener, host, call, client);
  }

  private static String at(Listener listener, String host, String call, String client)
      throws IOException {
    return Wire.exchange(
        listener.port(),
        call + " HTTP/1.1\r\nHost: " + host + "\r\nX-Forwarded-For: " + client
            + "\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
  }

  @Test
  void a_file_that_only_the_called_host_does_not_answer_is_explained() throws IOException {
    String host = "parlour" + "x".repeat(2_000) + ":8080";
    String answer = at(host, "GET " + LINK);
    assertThat(answer).startsWith("HTTP/1.1 404");
    String trace = answer.replaceFirst("(?s).*\r\nParlour-Trace-Id: ([0-9a-f]+).*", "$1");
    assertThat(log.lines())
        .singleElement()
        .satisfies(line -> assertThat(line)
            .contains("GET /media/{file} came with the Host parlourxxx")
            .contains("that of media.url, https://" + FILES)
            .contains("proxy_set_header Host $http_host")
            .doesNotContain("x".repeat(Limits.ORIGIN_CHARACTERS))
            .hasSizeLessThan(2 * Limits.ORIGIN_CHARACTERS));
    assertThat(log.events().getFirst().getKeyValuePairs().toString()).contains(trace);
    assertThat(traces.find(trace).orElseThrow().trace().arrows())
        .filteredOn(arrow -> arrow.text().equals("does not answer this call at this host"))
        .extracting(Arrow::detail)
        .singleElement()
        .satisfies(detail -> assertThat(detail).contains("parlourxxx", FILES));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /v3/wsconnect",
        "POST /webchat.twilio.com/v2/Webchat/Tokens/Refresh",
        "OPTIONS /v2/Webchat/Init",
        "GET /v1/Conversations",
        "GET /inbox",
      })
  void a_call_that_the_host_of_files_does_not_answer_is_explained(String call) throws IOException {
    assertThat(at(FILES + ":8443", call)).startsWith("HTTP/1.1 404");
    assertThat(log.lines())
        .singleElement()
        .satisfies(line -> assertThat(line)
            .contains("came with the Host of media.url, https://" + FILES)
            .contains("proxy_set_header Host $http_host"));
  }

  @Test
  void hosts_and_calls_of_one_stranger_do_not_hide_those_of_an_honest_page() throws IOException {
    for (int i = 0; i < 3 * Limits.OUTAGE_REASONS; i++) {
      at("host" + i, "GET " + LINK);
    }
    assertThat(log.lines()).hasSize(Limits.OUTAGE_REASONS_PER_CLIENT);
    at("parlour:8080", "GET " + LINK, "203.0.113.8");
    assertThat(log.lines()).last().asString().contains("with the Host parlour:8080,");
    for (String call : List.of(
        "POST /v2/Webchat/Init",
        "POST /v2/Webchat/Tokens/Refresh",
        "GET /v2/Webchat/Messages",
        "POST /v2/Webchat/Messages",
        "POST /v2/Webchat/Read",
        "POST /v2/Webchat/Typing",
        "POST /v2/Webchat/End",
        "GET /v2/Webchat/Stream",
        "GET /v1/Conversations")) {
      at(FILES, call);
    }
    at(FILES, "GET /v3/wsconnect", "203.0.113.8");
    assertThat(log.lines()).last().asString().contains("GET /v3/wsconnect");
  }

  /** Without rates, the proxy in front can hide the addresses of clients: all can seem to be one. */
  @Test
  void without_rates_no_client_has_a_share_of_the_log() throws IOException {
    try (Listener unlimited = listen(RateLimiter.UNLIMITED)) {
      for (int i = 0; i < Limits.OUTAGE_REASONS_PER_CLIENT; i++) {
        at(unlimited, "host" + i, "GET " + LINK, "203.0.113.7");
      }
      at(unlimited, "parlour:8080", "GET " + LINK, "203.0.113.7");
      assertThat(log.lines()).last().asString().contains("with the Host parlour:8080,");
    }
  }

  @Test
  void paths_that_strangers_try_at_every_host_are_not_logged_and_the_others_at_a_bounded_rate()
      throws IOException {
    for (String call : List.of("GET /", "GET /media/system/js/core.js", "GET /wp-login.php")) {
      at(FILES, call);
      assertThat(at("chat.example.com", call)).doesNotContain("HTTP/1.1 5");
    }
    assertThat(log.lines()).isEmpty();
    for (int i = 0; i < 3 * Limits.OUTAGE_REASONS; i++) {
      assertThat(at("host" + i, "GET " + LINK, "203.0.113." + i)).startsWith("HTTP/1.1 404");
    }
    assertThat(log.lines()).hasSize(Limits.OUTAGE_REASONS);
    for (int i = 0; i < 3 * Limits.OUTAGE_REASONS; i++) {
      assertThat(at(FILES + ":" + (1 + i), "INVENTED" + i + "x".repeat(2_000) + " /inbox"))
          .startsWith("HTTP/1.1 404");
    }
    assertThat(at(FILES, "GET /v3/wsconnect")).startsWith("HTTP/1.1 404");
    assertThat(log.lines())
        .hasSize(Limits.OUTAGE_REASONS + 2)
        .allSatisfy(line -> assertThat(line).hasSizeLessThan(2 * Limits.ORIGIN_CHARACTERS))
        .last()
        .asString()
        .contains("GET /v3/wsconnect");
  }
}

package parlour.starship;

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.trace.ReadWriteSpan;
import io.opentelemetry.sdk.trace.ReadableSpan;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.SpanProcessor;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import parlour.errors.Errors;
import parlour.http.server.Listener;
import parlour.http.server.Proxies;
import parlour.http.server.Wire;
import parlour.metrics.Metrics;
import parlour.rates.RateLimiter;
import parlour.trace.Spans;
import parlour.trace.Traces;

/** The calls that take no rate are not exported, so that no stranger can fill the queue with them. */
class StarshipSpansTest {
  private final List<String> ended = new CopyOnWriteArrayList<>();

  private final SpanProcessor processor = new SpanProcessor() {
    @Override
    public void onStart(Context parent, ReadWriteSpan span) {}

    @Override
    public boolean isStartRequired() {
      return false;
    }

    @Override
    public void onEnd(ReadableSpan span) {
      ended.add(span.getName());
    }

    @Override
    public boolean isEndRequired() {
      return true;
    }
  };

  /** Whether the limiter refuses all calls. */
  private final AtomicBoolean refuses = new AtomicBoolean();

  @AutoClose
  private final Listener listener = listen();

  private Listener listen() {
    RateLimiter limiter = (rate, whose, drops) ->
        refuses.get() ? Optional.of(Duration.ofSeconds(1)) : Optional.empty();
    Spans spans = new Spans(
        _ -> SdkTracerProvider.builder().addSpanProcessor(processor).build().get("test"));
    var behind = new Handler.Abstract() {
      @Override
      public boolean handle(Request request, Response response, Callback callback) {
        response.write(true, StandardCharsets.UTF_8.encode("reached"), callback);
        return true;
      }
    };
    return Listener.start(
        Listener.Settings.forBrowsers("127.0.0.1", 0, Errors.PLAIN),
        new Starship(
            behind,
            new FilesHost(Optional.of(URI.create("https://files.example.com"))),
            new Proxies(List.of("127.0.0.1")),
            limiter,
            new Traces(Optional.of(spans)),
            new Metrics(),
            NotedOutages.NONE,
            InstantSource.system()));
  }

  private String at(String host, String call, long length) throws IOException {
    return Wire.exchange(
        listener.port(),
        call + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\nContent-Length: " + length
            + "\r\n\r\n");
  }

  @Test
  void a_call_that_takes_a_rate_is_a_span_of_the_edge_and_one_of_the_orchestrator()
      throws IOException {
    assertThat(at("chat.example.com", "POST /v2/Webchat/End", 0)).contains("reached");
    assertThat(ended).hasSize(2).allSatisfy(name -> assertThat(name).contains("/v2/Webchat/End"));
  }

  @Test
  void a_call_that_the_edge_refuses_itself_is_not_exported() throws IOException {
    assertThat(at("chat.example.com", "GET /wp-login.php", 0)).startsWith("HTTP/1.1 404");
    assertThat(at("files.example.com", "POST /v2/Webchat/End", 0)).startsWith("HTTP/1.1 404");
    assertThat(at("chat.example.com", "POST /v2/Webchat/End", 1L << 30)).startsWith("HTTP/1.1 413");
    refuses.set(true);
    assertThat(at("chat.example.com", "POST /v2/Webchat/End", 0)).startsWith("HTTP/1.1 429");
    assertThat(ended).isEmpty();
  }
}

package parlour.spec;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import parlour.http.json.Json;

/** A webhook's server: keeps all requests, and answers as a test sets it. */
public final class WebhookReceiver implements AutoCloseable {

  /** One call. */
  public record Received(String signature, String eventId, byte[] body) {

    public Map<String, @Nullable Object> json() {
      return Json.object(new String(body, StandardCharsets.UTF_8)).orElseThrow();
    }

    public String type() {
      return String.valueOf(json().get("type"));
    }

    public Map<?, ?> part(String name) {
      return (Map<?, ?>) Objects.requireNonNull(json().get(name), name);
    }

    /** The body of the message, in an event of a message. */
    public String said() {
      return String.valueOf(part("message").get("body"));
    }
  }

  /** A status, and how long its receiver asks the sender to wait. */
  public record Answer(int status, @Nullable String retryAfter) {
    public static Answer of(int status) {
      return new Answer(status, null);
    }
  }

  private final List<Received> all = new CopyOnWriteArrayList<>();
  private final List<Received> taken = new CopyOnWriteArrayList<>();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpServer server;
  private volatile Function<Received, Answer> answers = received -> Answer.of(204);

  public WebhookReceiver() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    server.setExecutor(threads);
    server.createContext("/", this::answer);
    server.start();
  }

  public URI url() {
    return URI.create(
        "http://127.0.0.1:%d/hook?of=parlour".formatted(server.getAddress().getPort()));
  }

  public WebhookReceiver answering(Function<Received, Answer> answers) {
    this.answers = answers;
    return this;
  }

  public WebhookReceiver answering(int status) {
    return answering(received -> Answer.of(status));
  }

  /** Accepts requests, and does not answer them. */
  public WebhookReceiver hanging() {
    return answering(received -> {
      Installation.pause(Duration.ofMinutes(1));
      return Answer.of(204);
    });
  }

  public List<Received> all() {
    return List.copyOf(all);
  }

  /** The requests that were answered with 2xx. */
  public List<Received> taken() {
    return List.copyOf(taken);
  }

  /** The bodies of the messages that were added, each once, in order of arrival. */
  public List<String> bodies() {
    return taken.stream()
        .filter(one -> one.type().equals("message.added"))
        .map(Received::said)
        .distinct()
        .toList();
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      Received received = new Received(
          String.valueOf(exchange.getRequestHeaders().getFirst("Parlour-Signature")),
          String.valueOf(exchange.getRequestHeaders().getFirst("Parlour-Event-Id")),
          exchange.getRequestBody().readAllBytes());
      all.add(received);
      Answer answer = answers.apply(received);
      if (answer.status() / 100 == 2) {
        taken.add(received);
      }
      if (answer.retryAfter() != null) {
        exchange.getResponseHeaders().set("Retry-After", answer.retryAfter());
      }
      exchange.sendResponseHeaders(answer.status(), -1);
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}

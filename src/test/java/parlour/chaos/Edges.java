package parlour.chaos;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import parlour.http.json.Json;
import parlour.spec.Browser;

/** The public addresses of the cluster, of which some may be down. Calls go to any of them. */
final class Edges {
  /** Shorter than the internal deadlines, so that the result of a call often stays unknown. */
  private static final Duration PATIENCE = Duration.ofSeconds(3);

  static final String ORIGIN = "https://shop.example.com";

  private final HttpClient client = HttpClient.newBuilder()
      .version(HttpClient.Version.HTTP_1_1)
      .connectTimeout(Duration.ofSeconds(2))
      .build();

  private final List<URI> edges;

  Edges(List<URI> edges) {
    this.edges = List.copyOf(edges);
  }

  /** An answer. */
  record Reply(int status, String body, String traceId) {
    Map<String, @Nullable Object> json() {
      return Json.object(body)
          .orElseThrow(() -> new IllegalStateException("no JSON: " + status + " " + body));
    }

    String text(String member) {
      return String.valueOf(json().get(member));
    }

    /** Whether the answer asks for a retry, and decides nothing about the token. */
    boolean isPassing() {
      return (status == 429 || status == 503) && text("action").equals("retry");
    }

    boolean isRefusal() {
      return status == 401 || status == 403;
    }
  }

  URI any(Random random) {
    return edges.get(random.nextInt(edges.size()));
  }

  List<URI> all() {
    return edges;
  }

  /** Empty if the result of the call is unknown. */
  Optional<Reply> call(
      URI edge, String method, String path, Map<String, String> headers, @Nullable String body) {
    HttpRequest.Builder request = HttpRequest.newBuilder(edge.resolve(path)).timeout(PATIENCE);
    headers.forEach(request::setHeader);
    HttpRequest.BodyPublisher publisher = body == null
        ? HttpRequest.BodyPublishers.noBody()
        : HttpRequest.BodyPublishers.ofString(body, StandardCharsets.UTF_8);
    request.method(method, publisher);
    try {
      HttpResponse<String> response =
          client.send(request.build(), HttpResponse.BodyHandlers.ofString());
      return Optional.of(new Reply(
          response.statusCode(),
          response.body(),
          response.headers().firstValue("Parlour-Trace-Id").orElse("")));
    } catch (IOException unknown) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  static Map<String, String> headers(Browser browser) {
    Map<String, String> headers = new LinkedHashMap<>(browser.headers());
    headers.put("Origin", ORIGIN);
    headers.put("Content-Type", "application/json");
    return headers;
  }

  static Map<String, String> headers(Browser browser, String deploymentKey, String token) {
    Map<String, String> headers = headers(browser);
    headers.put("Authorization", "Bearer " + token);
    headers.put("Webchat-Deployment-Key", deploymentKey);
    return headers;
  }

  static String refresh(String deploymentKey, String token) {
    return """
        {"deploymentKey":"%s","token":"%s"}""".formatted(deploymentKey, token);
  }
}

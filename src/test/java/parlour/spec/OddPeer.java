package parlour.spec;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.eclipse.jetty.client.HttpClient;
import parlour.Limits;
import parlour.http.client.HttpClients;
import parlour.http.client.InternalClient;
import parlour.http.client.Nodes;

/** A fake process of Parlour that sends the answers that a test sets, also invalid ones. */
public final class OddPeer implements AutoCloseable {
  private final HttpServer server;
  private final HttpClient http = HttpClients.start();
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private volatile Said says = new Said(200, "", Map.of());

  private record Said(int status, String body, Map<String, String> headers) {}

  public OddPeer() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    server.createContext("/", exchange -> {
      try (exchange) {
        exchange.getRequestBody().readAllBytes();
        asked.add(exchange.getRequestURI().getPath());
        Said said = says;
        said.headers().forEach(exchange.getResponseHeaders()::set);
        byte[] body = said.body().getBytes(StandardCharsets.UTF_8);
        boolean none = body.length == 0 || said.status() == 204;
        exchange.sendResponseHeaders(said.status(), none ? -1 : body.length);
        if (!none) {
          exchange.getResponseBody().write(body);
        }
      }
    });
    server.start();
  }

  /** The paths of all calls, in order. */
  public List<String> asked() {
    return asked;
  }

  public void says(int status, String json) {
    says(status, json, Map.of());
  }

  public void says(int status, String body, Map<String, String> more) {
    Map<String, String> headers = new HashMap<>(Map.of("Content-Type", "application/json"));
    headers.putAll(more);
    says = new Said(status, body, headers);
  }

  public InternalClient client() {
    URI address = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    return new InternalClient(
        http,
        Nodes.of("the peer", address),
        "secret",
        Duration.ofSeconds(5),
        Limits.AUTH_RESPONSE_BYTES);
  }

  @Override
  public void close() {
    server.stop(0);
    try {
      http.stop();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}

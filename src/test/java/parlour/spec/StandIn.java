package parlour.spec;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Somebody else at the address where a service was. */
final class StandIn implements AutoCloseable {
  private final HttpServer server;

  /** Its answer to every request. */
  @FunctionalInterface
  interface Saying {
    void to(HttpExchange exchange) throws IOException;
  }

  private StandIn(HttpServer server) {
    this.server = server;
  }

  /**
   * @param port 0 for any free one
   */
  static StandIn at(int port, Saying saying) {
    try {
      var address = new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port);
      HttpServer server = HttpServer.create(address, 0);
      server.createContext("/", exchange -> {
        try (exchange) {
          saying.to(exchange);
        }
      });
      server.start();
      return new StandIn(server);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  URI address() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  static Saying json(int status, String body) {
    return text(status, "application/json", body);
  }

  static Saying text(int status, String type, String body) {
    return exchange -> {
      exchange.getResponseHeaders().set("Content-Type", type);
      send(exchange, status, body, body.length());
    };
  }

  static Saying empty(int status) {
    return exchange -> {
      exchange.getRequestBody().readAllBytes();
      exchange.sendResponseHeaders(status, -1);
    };
  }

  static Saying redirect() {
    return exchange -> {
      exchange.getRequestBody().readAllBytes();
      exchange.getResponseHeaders().put("Location", List.of("http://127.0.0.1:1/elsewhere"));
      exchange.sendResponseHeaders(307, -1);
    };
  }

  static Saying half(String body) {
    return exchange -> {
      exchange.getResponseHeaders().set("Content-Type", "application/json");
      send(exchange, 200, body, body.length() * 2);
    };
  }

  private static void send(HttpExchange exchange, int status, String body, int length)
      throws IOException {
    exchange.getRequestBody().readAllBytes();
    exchange.sendResponseHeaders(status, length);
    exchange.getResponseBody().write(body.getBytes(StandardCharsets.UTF_8));
    exchange.getResponseBody().flush();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}

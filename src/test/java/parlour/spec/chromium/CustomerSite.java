package parlour.spec.chromium;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executors;
import parlour.Sid;

/**
 * A customer's site, with another origin than the edge, and exactly the Content-Security-Policy
 * that docs/widget.md requires. A page whose address ends in a deployment key has the chat of that
 * deployment. If its query is {@code hangs} or {@code fails}, its IndexedDB does so; if it is {@code
 * noImages}, its policy allows no images; if it is {@code push}, it hosts a service worker.
 */
final class CustomerSite implements AutoCloseable {
  private static final String TRUSTED_TYPES = "; require-trusted-types-for 'script'";

  private final HttpServer server;

  CustomerSite(URI edge) {
    this(edge, edge.toString());
  }

  /**
   * @param files the origin of the previews of files
   */
  CustomerSite(URI edge, String files) {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    String policy = """
        default-src 'none'; script-src %1$s; connect-src %1$s %2$s; img-src %3$s; base-uri 'none'; \
        form-action 'none'; require-trusted-types-for 'script'\
        """.formatted(edge, edge.toString().replaceFirst("^http", "ws"), files);
    server.createContext("/", exchange -> {
      String path = exchange.getRequestURI().getPath();
      String query = exchange.getRequestURI().getQuery();
      byte[] page = text(edge, path, query == null ? "" : query).getBytes(StandardCharsets.UTF_8);
      exchange
          .getResponseHeaders()
          .add("Content-Type", path.endsWith(".js") ? "text/javascript" : "text/html");
      exchange
          .getResponseHeaders()
          .add(
              "Content-Security-Policy",
              query == null
                  ? path.equals("/parlour-push.js") ? policy.replace(TRUSTED_TYPES, "") : policy
                  : query.equals("noImages")
                      ? policy.replaceFirst("img-src [^;]*", "img-src 'none'")
                      : policy
                          .replace("script-src", "script-src 'self'")
                          .replace(TRUSTED_TYPES, ""));
      exchange.sendResponseHeaders(200, page.length == 0 ? -1 : page.length);
      exchange.getResponseBody().write(page);
      exchange.close();
    });
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.start();
  }

  private static String text(URI edge, String path, String query) {
    if (path.startsWith("/CV")) {
      return page(edge, path.substring(1), query);
    }
    return switch (path) {
      case "/empty" -> "<!doctype html><title>Another page</title>";
      case "/hangs.js" -> "IDBFactory.prototype.open = () => ({});";
      case "/fails.js" ->
        "IDBFactory.prototype.open = () => { throw new DOMException('no', 'SecurityError'); };";
      case "/parlour-push.js" -> "importScripts('%s/push-worker.js');".formatted(edge);
      case "/push.js" ->
        "Parlour.initWebchat({ deploymentKey: '%s', push: '/parlour-push.js' });".formatted(query);
      default -> ""; // the icon, which every browser requests
    };
  }

  private static String page(URI edge, String key, String query) {
    if (query.equals("push")) {
      return """
          <!doctype html>
          <title>A shop</title>
          <script src="%s/webchat.js"></script>
          <script src="/push.js?%s" defer></script>
          <h1>A shop</h1>
          """.formatted(edge, key);
    }
    String before = query.isEmpty() || query.equals("noImages")
        ? ""
        : "<script src=\"/%s.js\"></script>".formatted(query);
    return """
        <!doctype html>
        <html lang="en">
          <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>A shop</title>
            %s
            <script src="%s/webchat.js" data-deployment-key="%s" defer></script>
          </head>
          <body><main><h1>A shop</h1><p><a href="#">Teas</a></p></main></body>
        </html>
        """.formatted(before, edge, key);
  }

  String origin() {
    return "http://localhost:" + server.getAddress().getPort();
  }

  /** A page without the chat. */
  String emptyPage() {
    return origin() + "/empty";
  }

  String page(Sid.Deployment deployment) {
    return origin() + "/" + deployment.text();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}

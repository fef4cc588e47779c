package parlour.spec.chromium;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import parlour.Sid;

/**
 * A customer's site with a chat of its own ({@code test-clients/page.mjs}), bundled with one version of the
 * unmodified published client. Each version has its own page.
 */
final class SitesOwnChat implements AutoCloseable {
  private static final Path CLIENTS = Path.of("test-clients");
  private static final Path BUNDLER =
      Path.of("browser", "node_modules", ".bin", "esbuild").toAbsolutePath();

  private final Map<String, byte[]> bundles = new ConcurrentHashMap<>();
  private final HttpServer server;

  SitesOwnChat() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.createContext("/", exchange -> {
      String path = exchange.getRequestURI().getPath();
      boolean isScript = path.endsWith(".js");
      byte[] body = isScript
          ? bundle(path.substring(1, path.length() - ".js".length()))
          : Files.readString(CLIENTS.resolve("page.html"))
              .replace("/page.js", path + ".js")
              .getBytes(UTF_8);
      exchange.getResponseHeaders().add("Content-Type", isScript ? "text/javascript" : "text/html");
      exchange.sendResponseHeaders(200, body.length);
      exchange.getResponseBody().write(body);
      exchange.close();
    });
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.start();
  }

  String origin() {
    return "http://localhost:" + server.getAddress().getPort();
  }

  /** The page whose code names the address of the socket. */
  String page(String version, Sid.Deployment deployment, URI edge) {
    return page(version, deployment) + "&api=" + encoded(edge.toString()) + "&socket="
        + encoded(edge.toString().replaceFirst("^http", "ws") + "/v3/wsconnect");
  }

  /** The page that uses only the option {@code region}, as the web app does. */
  String page(String version, Sid.Deployment deployment, String region) {
    return page(version, deployment) + "&region=" + encoded(region);
  }

  private String page(String version, Sid.Deployment deployment) {
    return origin() + "/" + version + "?key=" + deployment.text();
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, UTF_8);
  }

  private byte[] bundle(String version) {
    return bundles.computeIfAbsent(version, SitesOwnChat::bundled);
  }

  private static byte[] bundled(String version) {
    try {
      Process bundler = new ProcessBuilder(
              BUNDLER.toString(),
              "page.mjs",
              "--bundle",
              "--alias:@twilio/conversations=conversations-" + version,
              "--log-level=error")
          .directory(CLIENTS.toFile())
          .redirectError(ProcessBuilder.Redirect.INHERIT)
          .start();
      byte[] script = bundler.getInputStream().readAllBytes();
      if (bundler.waitFor() != 0) {
        throw new IllegalStateException("the page could not be bundled with version " + version);
      }
      return script;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}

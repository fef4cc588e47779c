package parlour.http;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.regex.Pattern;
import org.eclipse.jetty.http.HttpCompliance;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.server.handler.GracefulHandler;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import parlour.Limits;
import parlour.StartupError;
import parlour.trace.Trace;

/** One open port: a Jetty server whose requests run on virtual threads, and all of its bounds. */
public final class Listener implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Listener.class);

  private static final Pattern RESOLVABLE = Pattern.compile(";|/\\.\\.?(/|$)");

  private final Server server;
  private final ServerConnector connector;

  /**
   * Where to listen and within which bounds.
   *
   * @param port 0 for any free one
   * @param anyOrigin whether errors from before any handler carry {@code
   *     Access-Control-Allow-Origin: *}
   * @param headerBytes of a request, its first line included
   */
  public record Settings(
      String host,
      int port,
      boolean anyOrigin,
      int headerBytes,
      int connections,
      Duration idle,
      Duration headerDeadline,
      SocketLimits sockets) {

    /** Of the listener that browsers talk to. */
    public static Settings forBrowsers(String host, int port) {
      return new Settings(
          host,
          port,
          true,
          Limits.PUBLIC_HEADER_BYTES,
          Limits.PUBLIC_CONNECTIONS,
          Limits.IDLE,
          Limits.HEADER_DEADLINE,
          SocketLimits.DEFAULT);
    }

    /** Of the listener that only other parts of Parlour talk to. */
    public static Settings internal(String host, int port) {
      return new Settings(
          host,
          port,
          false,
          Limits.INTERNAL_HEADER_BYTES,
          Limits.INTERNAL_CONNECTIONS,
          Limits.IDLE,
          Limits.HEADER_DEADLINE,
          SocketLimits.DEFAULT);
    }
  }

  private Listener(Settings settings, Handler root) {
    var threads = new QueuedThreadPool(); // selects and accepts; requests run on virtual threads
    threads.setName("listener");
    threads.setVirtualThreadsExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server = new Server(threads);
    connector = new ServerConnector(server, 1, 1, new HttpConnectionFactory(http(settings)));
    connector.setHost(settings.host());
    connector.setPort(settings.port());
    connector.setAcceptQueueSize(Limits.ACCEPT_QUEUE);
    connector.setIdleTimeout(settings.idle().toMillis());
    connector.addBean(new SlowHeaders(connector, settings.headerDeadline()));
    server.addConnector(connector);
    // Without its shorter idle timeout for when it is full: that would cut every quiet WebSocket.
    server.addBean(new NetworkConnectionLimit(settings.connections(), connector));
    server.addBean(new Sockets(server, settings.sockets()));
    server.setErrorHandler(new JsonErrors(settings.anyOrigin()));
    server.setHandler(new GracefulHandler(root));
  }

  /**
   * Opens the port.
   *
   * @throws StartupError when it cannot be had
   */
  public static Listener start(Settings settings, Handler root) {
    var listener = new Listener(settings, root);
    try {
      listener.server.start();
      return listener;
    } catch (Exception e) {
      listener.stop();
      throw new StartupError(
          "cannot listen on %s:%d: %s. Stop what listens there, or choose another port"
                  .formatted(settings.host(), settings.port(), reason(e))
              + " (--port for browsers, --internal-port for other parts of Parlour)",
          e);
    }
  }

  /** Jetty's own exception only says that it could not. */
  private static String reason(Throwable failure) {
    Throwable cause = failure;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return String.valueOf(cause.getMessage());
  }

  private static HttpConfiguration http(Settings settings) {
    var http = new HttpConfiguration();
    http.setRequestHeaderSize(settings.headerBytes());
    http.setResponseHeaderSize(Limits.RESPONSE_HEADER_BYTES);
    http.setSendServerVersion(false);
    http.setSendXPoweredBy(false);
    http.setSendDateHeader(true);
    http.setHttpCompliance(HttpCompliance.STRICT);
    http.setUriCompliance(UriCompliance.RFC3986);
    http.addCustomizer((request, responseHeaders) -> SlowHeaders.mark(plain(request)));
    // Otherwise a header takes the letter case of an equal one that Jetty knows, or that another
    // guest sent over the same connection from the edge: a fingerprint would change.
    http.setHeaderCacheCaseSensitive(true);
    return http;
  }

  /**
   * Refuses what Jetty would resolve: a path that the edge and a service could read differently.
   */
  private static Request plain(Request request) {
    String path = request.getHttpURI().getPath();
    if (path != null && RESOLVABLE.matcher(path).find()) {
      throw new HttpException.RuntimeException(400, "Dot segment or path parameter");
    }
    return request;
  }

  public int port() {
    return connector.getLocalPort();
  }

  /** How many WebSockets are open. */
  int sockets() {
    return Sockets.of(server).count();
  }

  /**
   * Accepts no more, tells the WebSockets to come back elsewhere, lets running calls finish for at
   * most this long, then stops.
   */
  public void drain(Duration atMost) {
    server.setStopTimeout(atMost.toMillis());
    stop();
  }

  @Override
  public void close() {
    drain(Duration.ZERO);
  }

  private void stop() {
    try {
      server.stop();
    } catch (Exception e) {
      log.warn("stopped before every call was finished: {}", e.toString());
    }
  }

  /** Gives the errors that Jetty makes itself the one error body. */
  private record JsonErrors(boolean anyOrigin) implements Request.Handler {

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
      int status = response.getStatus();
      response.reset();
      if (anyOrigin) {
        response.getHeaders().put(HttpHeader.ACCESS_CONTROL_ALLOW_ORIGIN, "*");
      }
      Trace trace =
          request.getAttribute(Errors.TRACE) instanceof Trace known ? known : Trace.current();
      var problem = new Problem(code(status), message(code(status), request));
      Errors.PLAIN.answer(problem, trace).send(response, callback);
      return true;
    }

    private static ErrorCode code(int status) {
      return switch (status) {
        case 404 -> ErrorCode.NOT_FOUND;
        case 405 -> ErrorCode.METHOD_NOT_ALLOWED;
        case 408 -> ErrorCode.REQUEST_TIMEOUT;
        case 413 -> ErrorCode.TOO_LARGE;
        case 414, 431 -> ErrorCode.HEADERS_TOO_LARGE;
        case 415 -> ErrorCode.UNSUPPORTED_MEDIA_TYPE;
        case 505 -> ErrorCode.MALFORMED; // an unknown version of HTTP is not our outage
        default -> status < 500 ? ErrorCode.MALFORMED : ErrorCode.UNEXPECTED;
      };
    }

    private static String message(ErrorCode code, Request request) {
      return code == ErrorCode.MALFORMED
              && request.getAttribute(ErrorHandler.ERROR_EXCEPTION) instanceof HttpException why
              && why.getReason() != null
          ? code.message() + " " + why.getReason() + "."
          : code.message();
    }
  }
}

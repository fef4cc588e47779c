package parlour.http.server;

import java.net.InetAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Pattern;
import org.eclipse.jetty.http.HttpCompliance;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.io.SocketChannelEndPoint;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.server.handler.GracefulHandler;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.util.thread.ScheduledExecutorScheduler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import parlour.Limits;
import parlour.StartupError;
import parlour.http.Header;
import parlour.http.InternalProtocol;
import parlour.http.websocket.SocketLimits;
import parlour.http.websocket.Sockets;
import parlour.trace.Trace;

/** One open port: a Jetty server whose requests run on virtual threads, and all of its bounds. */
public final class Listener implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Listener.class);

  private static final Pattern RESOLVABLE = Pattern.compile(";|/\\.\\.?(/|$)");

  private final Server server;
  private final ServerConnector connector;
  private final ReusableVirtualThreadExecutor requests = new ReusableVirtualThreadExecutor();

  /**
   * Where to listen and within which bounds.
   *
   * @param port 0 for any free one
   * @param errors of requests that fail before or beside the handlers
   * @param anyOrigin whether errors from before any handler carry {@code
   *     Access-Control-Allow-Origin: *}
   * @param headerBytes of a request, its first line included
   */
  public record Settings(
      String host,
      int port,
      ErrorResponses errors,
      boolean anyOrigin,
      int headerBytes,
      int connections,
      Duration idle,
      Duration headerDeadline,
      SocketLimits sockets) {

    /** Of the listener that browsers talk to. */
    public static Settings forBrowsers(String host, int port, ErrorResponses errors) {
      return new Settings(
          host,
          port,
          errors,
          true,
          Limits.PUBLIC_HEADER_BYTES,
          Limits.PUBLIC_CONNECTIONS,
          Limits.IDLE_TIMEOUT,
          Limits.HEADER_DEADLINE,
          SocketLimits.DEFAULT);
    }

    /** Of the listener that only other parts of Parlour talk to. */
    public static Settings internal(String host, int port, ErrorResponses errors) {
      return new Settings(
          host,
          port,
          errors,
          false,
          Limits.INTERNAL_HEADER_BYTES,
          Limits.INTERNAL_CONNECTIONS,
          Limits.IDLE_TIMEOUT,
          Limits.HEADER_DEADLINE,
          SocketLimits.DEFAULT);
    }
  }

  /**
   * What stands between this listener and those who connect.
   *
   * @param tls how it is encrypted; empty: not at all
   * @param proxies whose word on a browser's connection is believed, and whose connections are not
   *     counted
   * @param connectionsPerAddress of anybody else
   * @param headers on every answer to a browser whose connection is encrypted
   */
  public record Front(
      Optional<SslContextFactory.Server> tls,
      Proxies proxies,
      OptionalInt connectionsPerAddress,
      List<Header> headers) {

    /** In clear text, with nobody in front. */
    public static final Front PLAIN =
        new Front(Optional.empty(), Proxies.NONE, OptionalInt.empty(), List.of());
  }

  private volatile boolean closing;

  private Listener(Settings settings, Front front, Handler root) {
    var http = http(settings, front);
    http.addCustomizer((request, responseHeaders) -> {
      if (closing) {
        responseHeaders.put(HttpFields.CONNECTION_CLOSE);
      }
      return request;
    });
    var threads = new QueuedThreadPool(); // selects and accepts
    threads.setName("listener");
    threads.setVirtualThreadsExecutor(requests);
    server = new Server(
        threads, new ScheduledExecutorScheduler("deadlines", true, Limits.DEADLINE_THREADS), null);
    connector = new Counted(server, connections(http, front), front);
    connector.setHost(settings.host());
    connector.setPort(settings.port());
    connector.setAcceptQueueSize(Limits.ACCEPT_QUEUE);
    connector.setIdleTimeout(settings.idle().toMillis());
    connector.addBean(new HeaderTimeout(connector, settings.headerDeadline()));
    server.addConnector(connector);
    // Without its shorter idle timeout for when it is full: that would cut every quiet WebSocket.
    server.addBean(new NetworkConnectionLimit(settings.connections(), connector));
    server.addBean(new Sockets(server, settings.sockets()));
    var graceful = new GracefulHandler(root);
    server.setErrorHandler(new JsonErrors(settings.errors(), settings.anyOrigin(), graceful));
    server.setHandler(graceful);
  }

  private static ConnectionFactory[] connections(HttpConfiguration http, Front front) {
    var plain = new HttpConnectionFactory(http);
    return front
        .tls()
        .map(tls ->
            new ConnectionFactory[] {new SslConnectionFactory(tls, plain.getProtocol()), plain})
        .orElseGet(() -> new ConnectionFactory[] {plain});
  }

  /**
   * Opens the port.
   *
   * @throws StartupError when it cannot be had
   */
  public static Listener start(Settings settings, Handler root) {
    return start(settings, Front.PLAIN, root);
  }

  /** The same, behind or without a front. */
  public static Listener start(Settings settings, Front front, Handler root) {
    var listener = new Listener(settings, front, root);
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

  private static HttpConfiguration http(Settings settings, Front front) {
    var http = new HttpConfiguration();
    http.setRequestHeaderSize(settings.headerBytes());
    http.setResponseHeaderSize(Limits.RESPONSE_HEADER_BYTES);
    http.setSendServerVersion(false);
    http.setSendXPoweredBy(false);
    http.setSendDateHeader(true);
    http.setHttpCompliance(HttpCompliance.STRICT);
    http.setUriCompliance(UriCompliance.RFC3986);
    http.addCustomizer((request, responseHeaders) -> {
      PacedEndPoint.begins(request);
      return HeaderTimeout.mark(plain(request));
    });
    if (settings.anyOrigin()) {
      http.addCustomizer((request, responseHeaders) -> {
        if (front.tls().isPresent() || BrowserTls.isSaidBy(front.proxies(), request)) {
          BrowserTls.mark(request);
          front.headers().forEach(header -> responseHeaders.add(header.name(), header.value()));
        }
        return request;
      });
    }
    // Otherwise a header takes the letter case of an equal one that Jetty knows, and a
    // fingerprint would change. What came before on the connection may be another guest's, and
    // is not remembered; that would also take 100 KB a connection (docs/performance.md).
    http.setHeaderCacheCaseSensitive(true);
    http.setHeaderCacheSize(0);
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

  /**
   * Makes each answer from now on close its connection. Without this, a proxy that keeps
   * connections open, and does not check whether we are ready, would send a call on such a
   * connection and get 503. With it, the proxy has no connection left when the port closes: its
   * next attempt is refused, and it turns to another node.
   */
  public void closeAfterAnswers() {
    closing = true;
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
    } finally {
      requests.close();
    }
  }

  /** Knows how many connections each address has. */
  private static final class Counted extends ServerConnector {
    private final Optional<ConnectionLimit> limit;
    private final Front front;
    private final BytePool headers =
        new BytePool(Limits.HEADER_MEMORY, Limits.HEADER_MEMORY / Limits.HEADER_MEMORY_SHARE);

    Counted(Server server, ConnectionFactory[] factories, Front front) {
      super(server, 1, 1, factories);
      this.front = front;
      limit = front.connectionsPerAddress().isPresent()
          ? Optional.of(
              new ConnectionLimit(front.connectionsPerAddress().getAsInt(), front.proxies()))
          : Optional.empty();
    }

    @Override
    protected SocketChannelEndPoint newEndPoint(
        SocketChannel channel, ManagedSelector selector, SelectionKey key) {
      var endPoint = new PacedEndPoint(channel, selector, key, getScheduler(), this::heldFor);
      endPoint.setIdleTimeout(getIdleTimeout());
      return endPoint;
    }

    /**
     * Memory for more of a header. Connections of a proxy have no share, since they belong to many.
     */
    private Optional<BytePool.Held> heldFor(InetAddress peer) {
      boolean isCounted = front.connectionsPerAddress().isPresent()
          && !front.proxies().contains(peer.getHostAddress());
      String client = isCounted ? AddressBlock.clientOf(peer) : "";
      return headers.hold(client, Limits.HEADER_UNRESERVED_BYTES, Duration.ZERO);
    }

    @Override
    protected void onEndPointOpened(EndPoint endPoint) {
      super.onEndPointOpened(endPoint);
      limit.ifPresent(crowds -> crowds.opened(endPoint));
    }

    @Override
    protected void onEndPointClosed(EndPoint endPoint) {
      super.onEndPointClosed(endPoint);
      limit.ifPresent(crowds -> crowds.closed(endPoint));
    }
  }

  /** Gives the errors that Jetty makes itself the one error body. */
  private record JsonErrors(ErrorResponses errors, boolean anyOrigin, GracefulHandler graceful)
      implements Request.Handler {

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
      int status = response.getStatus();
      response.reset();
      if (anyOrigin) {
        response.getHeaders().put(HttpHeader.ACCESS_CONTROL_ALLOW_ORIGIN, "*");
      }
      if (!anyOrigin && wasTurnedAway(request, status)) {
        response.getHeaders().put(InternalProtocol.DRAINING_HEADER, "");
      }
      Trace trace = request.getAttribute(ErrorResponses.TRACE) instanceof Trace known
          ? known
          : Trace.current();
      errors.answer(RefusedRequest.byJetty(status, why(request)), trace).send(response, callback);
      return true;
    }

    /** By the graceful handler, before any of ours: nothing else of ours says 503 so. */
    private boolean wasTurnedAway(Request request, int status) {
      return status == 503
          && graceful.isShutdown()
          && request.getAttribute(ErrorHandler.ERROR_EXCEPTION) == null;
    }

    /** What Jetty says of the request; empty if it says nothing. */
    private static String why(Request request) {
      return request.getAttribute(ErrorHandler.ERROR_EXCEPTION) instanceof HttpException why
              && why.getReason() != null
          ? why.getReason()
          : "";
    }
  }
}

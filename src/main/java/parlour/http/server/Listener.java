package parlour.http.server;

import java.net.InetAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
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

/** A Jetty server on one port, which runs requests on virtual threads within bounds. */
public final class Listener implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Listener.class);

  private static final Pattern RESOLVABLE = Pattern.compile(";|/\\.\\.?(/|$)");

  private final Server server;
  private final ServerConnector connector;
  private final ReusableVirtualThreadExecutor requests = new ReusableVirtualThreadExecutor();

  /**
   * Address and bounds of a listener.
   *
   * @param port 0 for any free port
   * @param errors answers to requests that fail outside the handlers
   * @param anyOrigin whether these answers have {@code Access-Control-Allow-Origin: *}
   * @param headerBytes the longest header of a request, with its first line
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

    /** The settings of the listener for browsers. */
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

    /** The settings of the listener for the other processes of the installation. */
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
   * The encryption and the proxies between this listener and its clients.
   *
   * @param tls empty for a listener without encryption
   * @param proxies the proxies whose headers are trusted and whose connections are not counted
   * @param connectionsPerAddress the bound for each other client; empty for no bound
   * @param headers added to every answer to a browser whose connection is encrypted
   */
  public record Front(
      Optional<SslContextFactory.Server> tls,
      Proxies proxies,
      OptionalInt connectionsPerAddress,
      List<Header> headers) {

    /** No encryption, and no proxy. */
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
    var threads = new QueuedThreadPool(); // run selectors and acceptors
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
    // Jetty's shorter idle timeout for a full listener is not set: it would end quiet WebSockets.
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
   * @throws StartupError if the port cannot be opened
   */
  public static Listener start(Settings settings, Handler root) {
    return start(settings, Front.PLAIN, root);
  }

  /** Opens the port, with TLS or behind proxies. */
  public static Listener start(Settings settings, Front front, Handler root) {
    var listener = new Listener(settings, front, root);
    try {
      listener.server.start();
      return listener;
    } catch (Exception e) {
      listener.stop();
      throw new StartupError(
          "cannot listen on %s:%d: %s. Stop the process that uses it, or choose another port"
                  .formatted(settings.host(), settings.port(), reason(e))
              + " (--port for browsers, --internal-port for other processes of Parlour)",
          e);
    }
  }

  /** The root cause, because the message of Jetty's exception has no reason. */
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
      Runnable ended = PacedEndPoint.begins(request);
      return refuseResolvable(HeaderTimeout.mark(request, ended));
    });
    if (settings.anyOrigin()) {
      http.addCustomizer((request, responseHeaders) -> {
        if (front.tls().isPresent() || BrowserTls.isReportedBy(front.proxies(), request)) {
          BrowserTls.mark(request);
          front.headers().forEach(header -> responseHeaders.add(header.name(), header.value()));
        }
        return request;
      });
    }
    // Jetty's cache of headers would return an equal header with other letter case, which changes
    // fingerprints. The cache of a connection is off, because a proxy's connection carries many
    // guests, and because it takes 100 KB for each connection (docs/performance.md).
    http.setHeaderCacheCaseSensitive(true);
    http.setHeaderCacheSize(0);
    return http;
  }

  /** Refuses a path that Jetty would resolve, because the edge and a service could differ on it. */
  private static Request refuseResolvable(Request request) {
    String path = request.getHttpURI().getPath();
    // Nearly all paths contain neither, and searching for both is faster than matching the pattern.
    if (path != null
        && (path.indexOf(';') >= 0 || path.contains("/."))
        && RESOLVABLE.matcher(path).find()) {
      throw new HttpException.RuntimeException(400, "Dot segment or path parameter");
    }
    return request;
  }

  /**
   * Makes each answer from now on close its connection, so that a proxy that keeps connections open
   * and does not poll our readiness has few of them left when the port closes.
   */
  public void closeAfterAnswers() {
    closing = true;
  }

  /**
   * Closes the port, so that a proxy's next connection is refused and it calls another node. Calls on
   * the connections that are open already are still answered: a proxy may send one on a connection
   * that it kept, or that it opened just before. Returns when each connection without a running call
   * is closed, because no call arrived on it for this long, and at the latest after twice the time.
   * WebSockets stay open.
   */
  public void closePort(Duration idle) {
    closing = true;
    connector.close();
    long end = System.nanoTime() + 2 * idle.toNanos();
    while (closeIdle(idle) && System.nanoTime() < end) {
      try {
        Thread.sleep(Limits.DRAIN_POLL);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt(); // the caller wants to stop sooner
        return;
      }
    }
  }

  /**
   * Lets Jetty close the connections that wait for a call, when they have waited for this long.
   *
   * @return whether there is one
   */
  private boolean closeIdle(Duration idle) {
    boolean isOneWaiting = false;
    for (EndPoint endPoint : connector.getConnectedEndPoints()) {
      if (HeaderTimeout.isWaiting(endPoint) && !endPoint.isOutputShutdown()) {
        endPoint.setIdleTimeout(idle.toMillis());
        isOneWaiting = true;
      }
    }
    return isOneWaiting;
  }

  /**
   * Whether the client of a request without a body still waits for the answer: it has sent nothing
   * more and has not closed its connection. This reads the connection, so nothing else may do so.
   */
  public static boolean isClientPresent(Request request) {
    return PacedEndPoint.isClientPresent(request);
  }

  public int port() {
    return connector.getLocalPort();
  }

  /** The number of open connections, those of WebSockets among them. */
  public int connections() {
    return connector.getConnectedEndPoints().size();
  }

  /** The number of open WebSockets. */
  public int sockets() {
    return Sockets.of(server).count();
  }

  /**
   * Stops accepting connections, closes the WebSockets so that their clients connect to another
   * node, waits for running calls at most this long, then stops.
   */
  public void drain(Duration atMost) {
    server.setStopTimeout(atMost.toMillis());
    stop();
  }

  @Override
  public void close() {
    drain(Duration.ZERO);
  }

  /**
   * Stops Jetty on a thread of its own, and leaves it alone if that takes too long: while it closes a
   * connection, its selector can wait for a write that only the selector can finish.
   */
  private void stop() {
    int port = port();
    Thread stopping = Thread.ofPlatform().daemon().name("listener: stop").start(this::stopServer);
    Duration patience = Duration.ofMillis(server.getStopTimeout()).plus(Limits.LISTENER_STOP);
    try {
      if (!stopping.join(patience)) {
        log.warn(
            "the listener on port {} has not stopped in {} s, so the process stops without waiting"
                + " for it",
            port,
            patience.toSeconds());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the caller wants to stop sooner
    } finally {
      requests.close();
    }
  }

  private void stopServer() {
    try {
      server.stop();
    } catch (Exception e) {
      log.warn("stopped before all calls were finished: {}", e.toString());
    }
  }

  /** Counts the connections of each client, and bounds the memory for their headers. */
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
     * Ends the connections that are silent. Jetty would do so with WebSockets, too, by 1001: at once
     * if one was silent before, and also if it has work to finish. They are closed by {@link Sockets}.
     */
    @Override
    public CompletableFuture<Void> shutdown() {
      setShutdownIdleTimeout(0);
      CompletableFuture<Void> done = super.shutdown();
      for (EndPoint endPoint : getConnectedEndPoints()) {
        if (HeaderTimeout.isHttp(endPoint)) {
          endPoint.setIdleTimeout(Limits.DRAIN_IDLE.toMillis());
        }
      }
      return done;
    }

    @Override
    protected boolean handleAcceptFailure(Throwable failure) {
      return isOpen() && super.handleAcceptFailure(failure); // otherwise the port was closed
    }

    /**
     * Memory for more of a header. A proxy's connections have no share, as they belong to many.
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
      limit.ifPresent(bound -> bound.opened(endPoint));
    }

    @Override
    protected void onEndPointClosed(EndPoint endPoint) {
      super.onEndPointClosed(endPoint);
      limit.ifPresent(bound -> bound.closed(endPoint));
    }
  }

  /** Answers the errors that Jetty makes itself like all others. */
  private record JsonErrors(ErrorResponses errors, boolean anyOrigin, GracefulHandler graceful)
      implements Request.Handler {

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
      int status = response.getStatus();
      response.reset();
      if (anyOrigin) {
        response.getHeaders().put(HttpHeader.ACCESS_CONTROL_ALLOW_ORIGIN, "*");
      }
      if (!anyOrigin && wasRefusedByDraining(request, status)) {
        response.getHeaders().put(InternalProtocol.DRAINING_HEADER, "");
      }
      Trace trace = request.getAttribute(ErrorResponses.TRACE) instanceof Trace known
          ? known
          : Trace.current();
      errors.answer(RefusedRequest.ofJetty(status, why(request)), trace).send(response, callback);
      return true;
    }

    /** Whether Jetty's graceful handler refused the call, before any of our handlers ran. */
    private boolean wasRefusedByDraining(Request request, int status) {
      return status == 503
          && graceful.isShutdown()
          && request.getAttribute(ErrorHandler.ERROR_EXCEPTION) == null;
    }

    /** Jetty's reason for refusing the request; may be empty. */
    private static String why(Request request) {
      return request.getAttribute(ErrorHandler.ERROR_EXCEPTION) instanceof HttpException why
              && why.getReason() != null
          ? why.getReason()
          : "";
    }
  }
}

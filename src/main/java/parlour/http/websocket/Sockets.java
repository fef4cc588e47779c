package parlour.http.websocket;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.component.Graceful;
import org.eclipse.jetty.util.thread.Scheduler;
import org.eclipse.jetty.websocket.core.Behavior;
import org.eclipse.jetty.websocket.core.CloseStatus;
import org.eclipse.jetty.websocket.core.Configuration;
import org.eclipse.jetty.websocket.core.CoreSession;
import org.eclipse.jetty.websocket.core.ExtensionStack;
import org.eclipse.jetty.websocket.core.Frame;
import org.eclipse.jetty.websocket.core.FrameHandler;
import org.eclipse.jetty.websocket.core.Negotiated;
import org.eclipse.jetty.websocket.core.OutgoingEntry;
import org.eclipse.jetty.websocket.core.WebSocketComponents;
import org.eclipse.jetty.websocket.core.WebSocketConnection;
import org.eclipse.jetty.websocket.core.WebSocketCoreSession;
import org.eclipse.jetty.websocket.core.server.ServerUpgradeRequest;
import org.eclipse.jetty.websocket.core.server.ServerUpgradeResponse;
import org.eclipse.jetty.websocket.core.server.WebSocketMappings;
import org.eclipse.jetty.websocket.core.server.WebSocketNegotiator;
import org.jspecify.annotations.Nullable;

/**
 * Opens and closes the WebSockets of one listener (RFC 6455), and knows which are open. They have
 * no extensions: compression would take more memory than everything else of a socket.
 */
public final class Sockets implements Graceful {
  /** The version of the protocol (RFC 6455 §4.1). */
  public static final String VERSION = "13";

  private final Server server;
  private final SocketLimits limits;
  private final WebSocketComponents components;
  private final WebSocketMappings mappings;
  private final Set<Listed> open = ConcurrentHashMap.newKeySet();
  private final Shutdown shutdown = new Shutdown(this) {
    @Override
    public boolean isShutdownDone() {
      return open.isEmpty();
    }
  };

  public Sockets(Server server, SocketLimits limits) {
    this.server = server;
    this.limits = limits;
    this.components = new WebSocketComponents(
        null, null, server.getByteBufferPool(), null, null, server.getThreadPool());
    this.mappings = new WebSocketMappings(components);
  }

  /** The WebSockets of the listener that runs on this server. */
  public static Sockets of(Server server) {
    return Objects.requireNonNull(server.getBean(Sockets.class));
  }

  public SocketLimits limits() {
    return limits;
  }

  /** Whether a request is a valid handshake over HTTP/1.1 (§4.2.1). */
  public static boolean isHandshake(Request request) {
    var headers = request.getHeaders();
    return HttpMethod.GET.is(request.getMethod())
        && request.getConnectionMetaData().getHttpVersion() == HttpVersion.HTTP_1_1
        && "websocket".equalsIgnoreCase(onlyValue(headers, HttpHeader.UPGRADE))
        && headers.contains(HttpHeader.CONNECTION, "upgrade")
        && VERSION.equals(headers.get(HttpHeader.SEC_WEBSOCKET_VERSION))
        && headers.contains(HttpHeader.SEC_WEBSOCKET_KEY);
  }

  /** The value of the field; null if it is absent or given twice, which Jetty does not upgrade. */
  private static @Nullable String onlyValue(HttpFields headers, HttpHeader name) {
    List<String> values = headers.getValuesList(name);
    return values.size() == 1 ? values.getFirst() : null;
  }

  /**
   * Answers a {@linkplain #isHandshake handshake} by 101, and passes all frames to the handler.
   *
   * @return false if Jetty refused the handshake, and the request is not answered yet
   */
  public boolean open(Request request, Response response, Callback callback, FrameHandler handler) {
    var negotiator = new WebSocketNegotiator() {
      @Override
      public FrameHandler negotiate(
          ServerUpgradeRequest handshake, ServerUpgradeResponse answer, Callback answered) {
        answer.setExtensions(List.of());
        return new Listed(handler);
      }
    };
    return mappings.upgrade(negotiator, request, response, callback, this::configure);
  }

  /** Turns a client's connection into a WebSocket, after its handshake was answered by 101. */
  public void join(HttpClient client, EndPoint endPoint, URI address, FrameHandler handler) {
    var extensions = new ExtensionStack(components, Behavior.CLIENT);
    extensions.negotiate(List.of(), List.of());
    var negotiated = new Negotiated(address, null, false, extensions, VERSION);
    var session = new WebSocketCoreSession(handler, Behavior.CLIENT, negotiated, components);
    configure(session);
    var connection = new WebSocketConnection(
        endPoint, client.getExecutor(), client.getScheduler(), client.getByteBufferPool(), session);
    session.setWebSocketConnection(connection);
    endPoint.upgrade(connection);
  }

  private void configure(Configuration session) {
    session.setIdleTimeout(limits.idle());
    // Jetty passes a long frame on in parts, and does not collect it in memory.
    session.setAutoFragment(true);
  }

  /** Sends a frame. A peer that does not read it before the deadline loses the connection. */
  public void send(CoreSession session, Frame frame, Callback sent) {
    send(session, frame, false, sent);
  }

  /**
   * Sends a frame.
   *
   * @param isHeld whether a short frame can wait for the next one, or for a flush
   */
  void send(CoreSession session, Frame frame, boolean isHeld, Callback sent) {
    session.sendFrame(new OutgoingEntry.Builder(frame, sent)
        .batch(isHeld)
        .frameTimeout(limits.send().toMillis())
        .build());
  }

  /** Sends a close frame. If the peer does not answer it in time, the connection ends. */
  public void close(CoreSession session, CloseStatus why) {
    session.close(why, Callback.NOOP);
    var _ = after(limits.goodbye(), session::abort);
  }

  /** Runs a task later, on a platform thread, so that it runs even if all carriers are busy. */
  public Scheduler.Task after(Duration time, Runnable task) {
    return server.getScheduler().schedule(task, time.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Closes all sockets because the process stops, so that their clients connect to another. */
  @Override
  public CompletableFuture<Void> shutdown() {
    CompletableFuture<Void> done = shutdown.shutdown();
    open.forEach(this::closeForRestart);
    return done;
  }

  /** A handler that finishes work before its socket is closed because the process stops. */
  public interface Finishing {
    /** Closes the socket soon, by {@link Socket#RESTARTING}. Must not block. */
    void finish();
  }

  private void closeForRestart(Listed listed) {
    CoreSession session = listed.session;
    if (listed.handler instanceof Finishing finishing) {
      finishing.finish();
    } else if (session != null) {
      closeForRestart(session);
    }
  }

  /** Closes a socket so that its client connects to another process. */
  public void closeForRestart(CoreSession session) {
    close(session, new CloseStatus(Socket.RESTARTING, "restarting"));
  }

  @Override
  public boolean isShutdown() {
    return shutdown.isShutdown();
  }

  public int count() {
    return open.size();
  }

  /** Keeps the set of open sockets. */
  private final class Listed implements FrameHandler {
    private final FrameHandler handler;
    private volatile @Nullable CoreSession session;

    Listed(FrameHandler handler) {
      this.handler = handler;
    }

    @Override
    public void onOpen(CoreSession opened, Callback callback) {
      session = opened;
      open.add(this);
      handler.onOpen(opened, callback);
      if (isShutdown()) {
        closeForRestart(this); // it was opened during the shutdown
      }
    }

    @Override
    public void onFrame(Frame frame, Callback callback) {
      handler.onFrame(frame, callback);
    }

    @Override
    public void onError(Throwable cause, Callback callback) {
      handler.onError(cause, callback);
    }

    @Override
    public void onClosed(CloseStatus status, Callback callback) {
      open.remove(this);
      shutdown.check();
      handler.onClosed(status, callback);
    }
  }
}

package parlour.http.server;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ssl.SslConnection;
import org.eclipse.jetty.server.ConnectionMetaData;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.component.AbstractLifeCycle;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;

/**
 * Closes connections whose TLS handshake or next header arrives too slowly. Jetty has no such
 * deadline: each byte restarts its idle timeout, so 16 KiB could take days.
 */
final class HeaderTimeout extends AbstractLifeCycle {
  private static final String ANSWERING = HeaderTimeout.class.getName();

  private final ServerConnector connector;
  private final long deadlineNanos;
  private final long pauseMillis;
  private Map<EndPoint, Waiting> waiting = new HashMap<>();
  private volatile Scheduler.@Nullable Task next;

  /**
   * A connection between two requests.
   *
   * @param steps how many requests and TLS handshakes it has completed
   * @param bytes how many bytes had arrived when no header was arriving
   * @param since when that was last so, in {@link System#nanoTime}
   */
  private record Waiting(long steps, long bytes, long since) {}

  HeaderTimeout(ServerConnector connector, Duration deadline) {
    this.connector = connector;
    this.deadlineNanos = deadline.toNanos();
    this.pauseMillis = Math.max(1, deadline.toMillis() / 8);
  }

  @Override
  protected void doStart() {
    schedule();
  }

  @Override
  protected void doStop() {
    Scheduler.Task task = next;
    if (task != null) {
      task.cancel();
    }
  }

  private void schedule() {
    next = connector.getScheduler().schedule(this::sweepAgain, pauseMillis, TimeUnit.MILLISECONDS);
  }

  private void sweepAgain() {
    try {
      sweep();
    } finally {
      if (isRunning()) {
        schedule();
      }
    }
  }

  private void sweep() {
    long now = System.nanoTime();
    var stillWaiting = new HashMap<EndPoint, Waiting>();
    for (EndPoint endPoint : connector.getConnectedEndPoints()) {
      Connection outer = endPoint.getConnection();
      Connection connection = inner(outer);
      if (!isWaiting(connection)) {
        continue;
      }
      long bytes = outer.getBytesIn();
      long steps = connection.getMessagesIn() + (hasCompletedHandshake(outer) ? 1 : 0);
      Waiting before = waiting.get(endPoint);
      if (before == null || before.steps != steps) {
        // In a new connection all bytes count; later only those after the last step.
        stillWaiting.put(endPoint, new Waiting(steps, steps == 0 ? 0 : bytes, now));
      } else if (before.bytes == bytes) {
        stillWaiting.put(endPoint, new Waiting(before.steps, before.bytes, now));
      } else if (now - before.since < deadlineNanos) {
        stillWaiting.put(endPoint, before);
      } else {
        endPoint.close();
      }
    }
    waiting = stillWaiting;
  }

  /** Whether this connection waits for a request: it does not answer one, nor carries a WebSocket. */
  static boolean isWaiting(EndPoint endPoint) {
    return isWaiting(inner(endPoint.getConnection()));
  }

  /** Whether this connection carries requests, and no WebSocket. */
  static boolean isHttp(EndPoint endPoint) {
    return inner(endPoint.getConnection()) instanceof ConnectionMetaData;
  }

  private static boolean isWaiting(Connection connection) {
    return connection instanceof ConnectionMetaData http && !isAnswering(http);
  }

  private static Connection inner(Connection outer) {
    return outer instanceof SslConnection tls ? tls.getSslEndPoint().getConnection() : outer;
  }

  private static boolean hasCompletedHandshake(Connection connection) {
    return connection instanceof SslConnection tls
        && !tls.getSSLEngine().getSession().getProtocol().equals("NONE");
  }

  /**
   * Marks the connection of a request: until the answer, it does not wait for a header.
   *
   * @param ended runs after the answer. It shares the one completion listener, because Jetty wraps the
   *     request's stream again for each listener
   */
  static Request mark(Request request, Runnable ended) {
    ConnectionMetaData connection = request.getConnectionMetaData();
    connection.setAttribute(ANSWERING, request);
    Request.addCompletionListener(request, failure -> {
      ended.run();
      if (request.equals(connection.getAttribute(ANSWERING))) {
        connection.removeAttribute(ANSWERING);
      }
    });
    return request;
  }

  // Jetty's counters of messages do not show it: they count each 100 Continue as an answer.
  private static boolean isAnswering(ConnectionMetaData connection) {
    return connection.getAttribute(ANSWERING) != null;
  }
}

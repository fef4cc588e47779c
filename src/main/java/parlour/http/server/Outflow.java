package parlour.http.server;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Blocker;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.Scheduler;
import parlour.Limits;

/**
 * Bounds outgoing data: the memory that this process holds for clients that have not read their
 * answers yet, and the time that it waits for them. Short answers have neither bound, because they
 * fit into the buffers of the connection.
 */
public final class Outflow {
  private static final BytePool LEAVING =
      new BytePool(Limits.RESPONSE_MEMORY, Limits.RESPONSE_MEMORY / Limits.RESPONSE_MEMORY_SHARE);

  private Outflow() {}

  /** Reserves memory for an answer before it is made; empty if there is none. */
  public static Optional<BytePool.Held> hold(String client, int bytes, Duration timeout) {
    return LEAVING.hold(client, bytes, timeout);
  }

  /** The time in which a client must read this many bytes. */
  static Duration deadline(int bytes) {
    return Limits.READER_DEADLINE.plusSeconds(bytes / Limits.READER_BYTES_PER_SECOND);
  }

  /** Sends a whole body, and closes the connection if the client reads it too slowly. */
  public static void write(Response response, byte[] body, Callback callback) {
    write(response, body, deadline(body.length), callback);
  }

  static void write(Response response, byte[] body, Duration deadline, Callback callback) {
    if (body.length <= Limits.RESPONSE_UNRESERVED_BYTES) {
      response.write(true, ByteBuffer.wrap(body), callback);
      return;
    }
    Runnable inTime = closeUnless(response, deadline);
    response.write(true, ByteBuffer.wrap(body), Callback.from(callback, inTime));
  }

  /**
   * Sends a part of a body, and waits until the network has accepted it. Closes the connection if
   * the client reads it too slowly.
   *
   * @throws IOException if the connection is lost
   */
  static void writePart(Response response, boolean isLast, byte[] part) throws IOException {
    Runnable inTime = closeUnless(response, deadline(part.length));
    try (Blocker.Callback written = Blocker.callback()) {
      response.write(isLast, ByteBuffer.wrap(part), written);
      written.block();
    } finally {
      inTime.run();
    }
  }

  /** Closes the connection after the deadline, unless the returned action runs before. */
  private static Runnable closeUnless(Response response, Duration deadline) {
    Request request = response.getRequest();
    EndPoint endPoint = request.getConnectionMetaData().getConnection().getEndPoint();
    var over = new AtomicBoolean();
    // A platform thread runs the deadline, because other clients can keep all carriers busy.
    Scheduler.Task cutOff = request
        .getComponents()
        .getScheduler()
        .schedule(
            () -> {
              if (over.compareAndSet(false, true)) {
                endPoint.close(new TimeoutException("the answer is read too slowly"));
              }
            },
            deadline.toMillis(),
            TimeUnit.MILLISECONDS);
    return () -> {
      over.set(true);
      cutOff.cancel();
    };
  }
}

package parlour.http.server;

import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.util.thread.Invocable;
import org.eclipse.jetty.util.thread.Scheduler;
import parlour.Limits;

/**
 * The body of a request while it is read. Only what this object holds of it is in memory, and its
 * memory is from a pool that all requests share.
 *
 * <p>Its methods throw {@link RefusedRequest}: 413 if the body is longer than allowed, 400 if it
 * ends too early, 408 if it arrives too slowly, 503 if there is no memory for it.
 */
final class ArrivingBody implements AutoCloseable {
  private final Request request;
  private final String client;
  private final long atMostBytes;
  private final BodyDeadline deadline;
  private final ByteArrayOutputStream held = new ByteArrayOutputStream();
  private final List<BytePool.Held> memory = new ArrayList<>();
  private final long end;

  /** The length of what has arrived, including what was passed on. */
  private long arrived;

  /** How many bytes can be held before more memory must be acquired. */
  private int room = Limits.BODY_UNRESERVED_BYTES;

  /** How many bytes must have arrived at {@link #dueBy}. */
  private long due = Limits.BODY_UNRESERVED_BYTES;

  private long dueBy;

  /**
   * @param client the client that its memory is counted for
   */
  ArrivingBody(Request request, String client, long atMostBytes, BodyDeadline deadline) {
    this.request = request;
    this.client = client;
    this.atMostBytes = atMostBytes;
    this.deadline = deadline;
    this.end = System.nanoTime() + deadline.whole().toNanos();
    this.dueBy = Math.min(end, System.nanoTime() + Limits.BODY_DEADLINE.toNanos());
  }

  /** Reads the whole body. */
  byte[] whole() {
    while (!next()) {
      // reads on
    }
    return held.toByteArray();
  }

  /**
   * Reads the body in chunks, so that a long one never is in memory as a whole. While the sink
   * runs, nothing is read.
   *
   * @param chunkBytes the length of each chunk but the last one, which can be shorter
   * @return the length of the body
   */
  long inChunks(int chunkBytes, Consumer<byte[]> sink) {
    boolean isLast;
    do {
      isLast = next();
      byte[] bytes = held.toByteArray();
      int passed = 0;
      while (bytes.length - passed >= chunkBytes || (isLast && passed < bytes.length)) {
        int to = Math.min(bytes.length, passed + chunkBytes);
        sink.accept(Arrays.copyOfRange(bytes, passed, to));
        passed = to;
      }
      if (passed > 0) {
        held.reset();
        held.write(bytes, passed, bytes.length - passed);
        dueBy = System.nanoTime() + deadline.step().toNanos(); // the sink took its own time
      }
    } while (!isLast);
    return arrived;
  }

  /** Waits for the next bytes; returns whether they were the last ones. */
  private boolean next() {
    while (true) {
      Content.Chunk chunk = request.read();
      if (chunk == null) {
        awaitMore();
        continue;
      }
      if (Content.Chunk.isFailure(chunk)) {
        throw unreadable(chunk.getFailure());
      }
      try {
        add(chunk);
      } finally {
        chunk.release();
      }
      return chunk.isLast();
    }
  }

  private void add(Content.Chunk chunk) {
    arrived += chunk.remaining();
    if (arrived > atMostBytes) {
      throw new RefusedRequest(413);
    }
    while (held.size() + chunk.remaining() > room) {
      memory.add(ApiRequest.arriving()
          .hold(client, Limits.BODY_RESERVATION, Duration.ZERO)
          .orElseThrow(() -> new RefusedRequest(503).withHeader("Connection", "close")));
      room += Limits.BODY_RESERVATION;
    }
    byte[] more = new byte[chunk.remaining()];
    chunk.get(more, 0, more.length);
    held.writeBytes(more);
    if (arrived >= due) {
      due = arrived + deadline.stepBytes();
      dueBy = System.nanoTime() + deadline.step().toNanos();
    }
  }

  private void awaitMore() {
    var more = new Semaphore(0);
    long giveUp = Math.min(end, dueBy);
    // A platform thread runs the deadline, because other clients can keep all carriers busy.
    Scheduler.Task tooSlow = request
        .getComponents()
        .getScheduler()
        .schedule(
            () -> request.fail(new TimeoutException("the body is too slow")),
            giveUp - System.nanoTime(),
            TimeUnit.NANOSECONDS);
    request.demand(Invocable.from(Invocable.InvocationType.NON_BLOCKING, more::release));
    try {
      more.acquire();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RefusedRequest(503);
    } finally {
      tooSlow.cancel();
    }
  }

  private static RefusedRequest unreadable(Throwable failure) {
    if (failure instanceof TimeoutException) {
      return new RefusedRequest(408).withHeader("Connection", "close");
    }
    String why = failure instanceof HttpException http ? http.getReason() : "it ends too early";
    return RefusedRequest.malformed(RequestFields.sentence(String.valueOf(why)))
        .withHeader("Connection", "close");
  }

  @Override
  public void close() {
    memory.forEach(BytePool.Held::close);
  }
}

package parlour.starship;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.eclipse.jetty.client.ContentSourceRequestContent;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;
import parlour.Limits;
import parlour.errors.ErrorCode;
import parlour.errors.Problem;
import parlour.http.client.Attempts;
import parlour.http.server.Listener;

/**
 * The request that is being forwarded: counts the bytes of its body, keeps those that may have to
 * be sent again, and remembers what the caller did wrong.
 */
final class Caller extends Request.Wrapper {
  private final Attempts attempts;
  private final long bodyBytes;
  private final boolean isKept;
  private final HttpFields headers;
  private boolean isWaiting;
  private final AtomicReference<Body> body = new AtomicReference<>(new Arriving(0, null));

  /** How far the body was read. Only {@link #fail} comes from any thread; reads are serial. */
  private sealed interface Body {}

  /**
   * The last part was not read yet.
   *
   * @param bytes the number of bytes that were read so far
   * @param copy of these bytes; null if they will not be sent again
   */
  private record Arriving(long bytes, @Nullable ByteArrayOutputStream copy) implements Body {}

  /**
   * The whole body was read.
   *
   * @param copy of the body; null if it will not be sent again
   */
  private record Arrived(byte @Nullable [] copy) implements Body {}

  /**
   * Bytes that were read must be passed on before any others.
   *
   * @param then the state after that
   */
  private record Buffered(byte[] bytes, Body then) implements Body {
    boolean isWhole() {
      return then instanceof Arrived;
    }
  }

  /** The caller sent something wrong, or stopped sending. */
  private record Failed(Problem problem) implements Body {}

  /**
   * A node failed while the body arrived: the rest is not read, and the caller did nothing wrong.
   */
  private record Abandoned() implements Body {}

  /**
   * @param bodyBytes the largest body that is forwarded
   * @param isKept whether the body may have to be sent again, because there are several nodes
   */
  Caller(Request request, long bodyBytes, Attempts attempts, boolean isKept) {
    super(request);
    this.attempts = attempts;
    this.bodyBytes = bodyBytes;
    this.isKept = isKept;
    // Jetty answers Expect itself when the body is read, so no service has to.
    this.headers =
        HttpFields.build(request.getHeaders()).remove(HttpHeader.EXPECT).asImmutable();
  }

  Attempts attempts() {
    return attempts;
  }

  /** Whether it waits, or has waited, for a node that accepts it. Set between two attempts. */
  boolean isWaiting() {
    return isWaiting;
  }

  void waitForNode() {
    isWaiting = true;
  }

  /**
   * Whether the client of a handshake without a body still waits for the answer. Nothing else reads
   * its connection until then. False for a handshake with a body, which something else reads.
   */
  boolean isPresent() {
    return !headers.contains(HttpHeader.TRANSFER_ENCODING)
        && !headers.contains(HttpHeader.CONTENT_LENGTH)
        && Listener.isClientPresent(this);
  }

  @Override
  public HttpFields getHeaders() {
    return headers;
  }

  /** The caller's mistake; null if there is none. */
  @Nullable
  Problem problem() {
    return body.get() instanceof Failed(Problem problem) ? problem : null;
  }

  /**
   * Reads the beginning of the body before a service is called, so that a slow sender of a short
   * body holds no connection to the service.
   *
   * @param then called once, with whether this was the whole body; {@link #problem} has what was
   *     wrong
   */
  void gather(int max, Duration timeout, Consumer<Boolean> then) {
    Scheduler.Task tooSlow = getComponents()
        .getScheduler()
        .schedule(
            () -> super.fail(new TimeoutException("the body is too slow")),
            timeout.toMillis(),
            TimeUnit.MILLISECONDS);
    int likelyBytes = Math.clamp(getLength(), 0, max);
    gather(new ByteArrayOutputStream(likelyBytes), max, isWhole -> {
      tooSlow.cancel();
      then.accept(isWhole);
    });
  }

  private void gather(ByteArrayOutputStream beginning, int max, Consumer<Boolean> then) {
    boolean isWhole = false;
    while (!isWhole && beginning.size() < max) {
      Content.Chunk chunk = super.read();
      if (chunk == null) {
        super.demand(() -> gather(beginning, max, then));
        return;
      }
      if (Content.Chunk.isFailure(chunk)) {
        body.set(new Failed(problem(chunk.getFailure())));
        then.accept(true);
        return;
      }
      if (beginning.size() + chunk.remaining() > bodyBytes) {
        chunk.release();
        body.set(new Failed(new Problem(ErrorCode.TOO_LARGE)));
        then.accept(true);
        return;
      }
      beginning.writeBytes(BufferUtil.toArray(chunk.getByteBuffer()));
      isWhole = chunk.isLast();
      chunk.release();
    }
    body.set(buffered(beginning, isWhole));
    then.accept(isWhole);
  }

  private Buffered buffered(ByteArrayOutputStream beginning, boolean isWhole) {
    byte[] bytes = beginning.toByteArray();
    boolean isCopied = isKept && bytes.length <= Limits.REPEATED_BODY;
    return new Buffered(
        bytes,
        isWhole
            ? new Arrived(isCopied ? bytes : null)
            : new Arriving(bytes.length, isCopied ? beginning : null));
  }

  @Override
  public Content.@Nullable Chunk read() {
    return switch (body.get()) {
      case Buffered buffered -> {
        body.compareAndSet(buffered, buffered.then());
        yield Content.Chunk.from(ByteBuffer.wrap(buffered.bytes()), buffered.isWhole());
      }
      case Arriving before -> arrived(before, super.read());
      case Failed(Problem problem) -> Content.Chunk.from(problem, true);
      case Arrived _, Abandoned _ -> super.read();
    };
  }

  private Content.@Nullable Chunk arrived(Arriving before, Content.@Nullable Chunk chunk) {
    if (chunk == null) {
      return null;
    }
    // Each change of the state fails if the body was abandoned meanwhile.
    if (Content.Chunk.isFailure(chunk)) {
      body.compareAndSet(before, new Failed(problem(chunk.getFailure())));
      return chunk;
    }
    long bytes = before.bytes() + chunk.remaining();
    if (bytes > bodyBytes) {
      chunk.release();
      var tooLarge = new Problem(ErrorCode.TOO_LARGE);
      body.compareAndSet(before, new Failed(tooLarge));
      return Content.Chunk.from(tooLarge, true);
    }
    ByteArrayOutputStream copy = bytes > Limits.REPEATED_BODY ? null : before.copy();
    if (copy != null) {
      copy.writeBytes(BufferUtil.toArray(chunk.getByteBuffer()));
    }
    body.compareAndSet(
        before,
        chunk.isLast()
            ? new Arrived(copy == null ? null : copy.toByteArray())
            : new Arriving(bytes, copy));
    return chunk;
  }

  private static Problem problem(Throwable failure) {
    return switch (failure) {
      case Problem problem -> problem;
      case TimeoutException slow -> new Problem(ErrorCode.REQUEST_TIMEOUT);
      default -> new Problem(ErrorCode.MALFORMED, "The body stops half way.");
    };
  }

  @Override
  public void demand(Runnable demandCallback) {
    if (body.get() instanceof Buffered) {
      demandCallback.run();
    } else {
      super.demand(demandCallback);
    }
  }

  /** Whether the body, as far as it was read, can be sent to another node. */
  boolean isResendable() {
    return switch (body.get()) {
      case Buffered _ -> true;
      case Arriving arriving -> arriving.bytes() == 0;
      case Arrived(byte @Nullable [] copy) -> copy != null;
      case Failed _, Abandoned _ -> false;
    };
  }

  /** Lets the next attempt read the body from its beginning; only if it {@link #isResendable}. */
  void startAgain() {
    if (body.get() instanceof Arrived(byte @Nullable [] copy) && copy != null) {
      body.set(new Buffered(copy, new Arrived(copy)));
    }
  }

  /** Stops reading the body, because a node failed. A body that was read already stays as it is. */
  @Override
  public void fail(Throwable cause) {
    body.updateAndGet(before -> switch (before) {
      case Buffered buffered when buffered.isWhole() -> buffered;
      case Buffered _, Arriving _ -> new Abandoned();
      case Arrived _, Failed _, Abandoned _ -> before;
    });
    super.fail(cause);
  }

  /**
   * The body as one attempt sends it. If the attempt fails before anything was sent, the body is
   * not abandoned at once, because the next attempt may need it.
   */
  static final class SentBody extends ContentSourceRequestContent {
    private final Caller caller;
    private volatile boolean begun;
    private volatile @Nullable Throwable undecided;

    SentBody(Caller caller, org.eclipse.jetty.client.Request attempt) {
      super(caller, caller.getHeaders().get(HttpHeader.CONTENT_TYPE));
      this.caller = caller;
      attempt.onRequestBegin(_ -> begun = true);
    }

    @Override
    public void fail(Throwable cause, boolean last) {
      if (begun || !caller.isResendable()) {
        super.fail(cause, last);
      } else {
        undecided = cause;
      }
    }

    /** Abandons the body after the last attempt. */
    void giveUp() {
      Throwable cause = undecided;
      if (cause != null) {
        caller.fail(cause);
      }
    }
  }
}

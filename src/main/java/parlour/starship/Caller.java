package parlour.starship;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.eclipse.jetty.client.ContentSourceRequestContent;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;
import parlour.Limits;
import parlour.errors.ErrorCode;
import parlour.errors.Problem;
import parlour.http.client.Nodes.Node;

/**
 * The caller's request: what it sends is counted, kept where it may have to be sent again, and
 * how its sending failed is remembered.
 */
final class Caller extends Request.Wrapper {
  private final long bodyBytes;
  private final HttpFields headers;
  private final long end;
  final List<Node> tried = new ArrayList<>();
  volatile boolean begun;
  private volatile @Nullable Throwable undecided;
  private boolean wasReadAgain;
  private long read;
  private boolean isWhole;
  private @Nullable ByteArrayOutputStream kept;
  private Content.@Nullable Chunk again;
  private volatile @Nullable Throwable failure;
  private volatile boolean abandoned;

  Caller(Request request, long bodyBytes, Duration deadline, boolean mayBeRepeated) {
    super(request);
    this.bodyBytes = bodyBytes;
    this.end = System.nanoTime() + deadline.toNanos();
    this.kept = mayBeRepeated ? new ByteArrayOutputStream() : null;
    // We answer Expect ourselves when the body is read. To wait for the service to answer it
    // would be a way to hang.
    this.headers =
        HttpFields.build(request.getHeaders()).remove(HttpHeader.EXPECT).asImmutable();
  }

  /**
   * Reads the beginning of the body before a service is called, so that a slow sender of a short
   * body holds no connection to the service.
   *
   * @param then called once, with whether this was the whole body; {@link #problem} has what was
   *     wrong
   */
  void gather(int max, Duration timeout, Consumer<Boolean> then) {
    var beginning = new ByteArrayOutputStream();
    Scheduler.Task tooSlow = getComponents()
        .getScheduler()
        .schedule(
            () -> super.fail(new TimeoutException("the body is too slow")),
            timeout.toMillis(),
            TimeUnit.MILLISECONDS);
    gather(beginning, max, isWhole -> {
      tooSlow.cancel();
      then.accept(isWhole);
    });
  }

  private void gather(ByteArrayOutputStream beginning, int max, Consumer<Boolean> then) {
    boolean last = false;
    while (!last && beginning.size() < max) {
      Content.Chunk chunk = read();
      if (chunk == null) {
        super.demand(() -> gather(beginning, max, then));
        return;
      }
      if (Content.Chunk.isFailure(chunk)) {
        then.accept(true);
        return;
      }
      beginning.writeBytes(BufferUtil.toArray(chunk.getByteBuffer()));
      last = chunk.isLast();
      chunk.release();
    }
    again = Content.Chunk.from(ByteBuffer.wrap(beginning.toByteArray()), last);
    then.accept(last);
  }

  /** Who is asked now. */
  Node node() {
    return tried.getLast();
  }

  long nanosLeft() {
    return end - System.nanoTime();
  }

  /** Whether what was read of the body can be read again, and is all of it or nothing. */
  boolean rewinds() {
    if (again != null || (read == 0 && !isWhole)) {
      return true;
    }
    ByteArrayOutputStream all = kept;
    if (!isWhole || all == null) {
      return false;
    }
    again = Content.Chunk.from(ByteBuffer.wrap(all.toByteArray()), true);
    return true;
  }

  /** Nobody else is asked: the body that nobody took is not read any more. */
  void giveUp() {
    Throwable cause = undecided;
    if (cause != null) {
      fail(cause);
    }
  }

  /** A call that changes nothing, which may be made once more. */
  boolean mayBeReadAgain() {
    boolean onlyReads = HttpMethod.GET.is(getMethod()) || HttpMethod.HEAD.is(getMethod());
    boolean may = onlyReads && !wasReadAgain;
    wasReadAgain = true;
    return may;
  }

  @Override
  public HttpFields getHeaders() {
    return headers;
  }

  @Override
  public Content.@Nullable Chunk read() {
    Content.Chunk repeated = again;
    if (repeated != null) {
      again = null;
      return repeated;
    }
    Content.Chunk chunk = super.read();
    if (Content.Chunk.isFailure(chunk)) {
      if (!abandoned) {
        failure = chunk.getFailure();
      }
    } else if (chunk != null) {
      read += chunk.remaining();
      if (read > bodyBytes) {
        chunk.release();
        var tooLarge = new Problem(ErrorCode.TOO_LARGE);
        failure = tooLarge;
        return Content.Chunk.from(tooLarge, true);
      }
      keep(chunk);
    }
    return chunk;
  }

  private void keep(Content.Chunk chunk) {
    isWhole = chunk.isLast();
    if (kept != null && read > Limits.REPEATED_BODY) {
      kept = null;
    }
    if (kept != null) {
      kept.writeBytes(BufferUtil.toArray(chunk.getByteBuffer()));
    }
  }

  @Override
  public void demand(Runnable demandCallback) {
    if (again != null) {
      demandCallback.run();
    } else {
      super.demand(demandCallback);
    }
  }

  /** Called when the service failed: what is read from now on is not the caller's doing. */
  @Override
  public void fail(Throwable cause) {
    abandoned = true;
    super.fail(cause);
  }

  /** What the caller did wrong, if it was the caller. */
  @Nullable
  Problem problem() {
    return switch (failure) {
      case null -> null;
      case Problem problem -> problem;
      case TimeoutException slow -> new Problem(ErrorCode.REQUEST_TIMEOUT);
      default -> new Problem(ErrorCode.MALFORMED, "The body stops half way.");
    };
  }

  /**
   * The body as it is sent to one process. When that fails, what becomes of the caller's sending is
   * decided when the failure is known: it may go on to another one.
   */
  static final class Body extends ContentSourceRequestContent {
    private final Caller caller;

    Body(Caller caller) {
      super(caller, caller.getHeaders().get(HttpHeader.CONTENT_TYPE));
      this.caller = caller;
    }

    @Override
    public void fail(Throwable cause, boolean last) {
      if (caller.begun || caller.kept == null) {
        super.fail(cause, last);
      } else {
        caller.undecided = cause;
      }
    }
  }
}

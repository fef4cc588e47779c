package parlour.http.websocket;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.FutureCallback;
import org.eclipse.jetty.util.thread.Scheduler;
import org.eclipse.jetty.websocket.core.CloseStatus;
import org.eclipse.jetty.websocket.core.CoreSession;
import org.eclipse.jetty.websocket.core.Frame;
import org.eclipse.jetty.websocket.core.FrameHandler;
import org.eclipse.jetty.websocket.core.OpCode;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import parlour.OutageLog;
import parlour.TooManyRequests;
import parlour.Unavailable;
import parlour.http.HttpFailure;
import parlour.trace.Trace;

/**
 * A WebSocket (RFC 6455) for its handler: one thread receives texts, and any thread can send them.
 *
 * <p>Only one text is read ahead, so a peer that sends faster than the handler receives must wait.
 * A close of the peer is noticed only while no text waits; so a handler must keep receiving.
 */
public final class Socket {
  private static final OutageLog outages =
      new OutageLog(LoggerFactory.getLogger(Socket.class), "a socket is closed");

  // The close codes that we send (§7.4.1 and its registry).
  public static final int NORMAL = 1000;
  public static final int GONE = 1001;
  public static final int NO_TEXT = 1003;
  public static final int NO_UTF8 = 1007;
  public static final int REFUSED = 1008;
  public static final int TOO_LARGE = 1009;
  public static final int BUG = 1011;
  public static final int RESTARTING = 1012;
  public static final int TRY_LATER = 1013;

  /** Never sent: the connection was lost without a close frame. */
  public static final int LOST = 1006;

  private final Sockets sockets;
  private final SocketHandler handler;
  private final Trace trace;
  private final Frames frames;
  private @Nullable CoreSession session;

  @GuardedBy("this")
  private @Nullable String arrived;

  @GuardedBy("this")
  private @Nullable Closed closed;

  @GuardedBy("this")
  private @Nullable Thread companion;

  public Socket(Sockets sockets, SocketHandler handler, Trace trace) {
    this.sockets = sockets;
    this.handler = handler;
    this.trace = trace;
    this.frames = new Frames();
  }

  /** The socket was closed, by either side. An expected outcome, so it has no stack trace. */
  public static final class Closed extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int code;

    Closed(int code) {
      super("closed by " + code, null, false, false);
      this.code = code;
    }

    /** The first close code of either side; {@link #LOST} if there was none. */
    public int code() {
      return code;
    }
  }

  /** No text arrived in time. An expected outcome, so it has no stack trace. */
  public static final class Silent extends RuntimeException {
    private static final long serialVersionUID = 1;

    public Silent() {
      super("no text arrived in time", null, false, false);
    }
  }

  /**
   * Receives the next text. Only one thread at a time may call it.
   *
   * @throws Silent if no text arrives in time; the caller may try again
   * @throws Closed if the socket is closed and all earlier texts were received
   */
  public String receive(Duration timeout) {
    // A platform thread runs a second deadline, because other clients can keep all carriers busy.
    Scheduler.Task overdue = sockets.after(timeout.plus(sockets.limits().overdue()), this::abandon);
    String text;
    try {
      text = await(System.nanoTime() + timeout.toNanos());
    } finally {
      overdue.cancel();
    }
    session().demand();
    return text;
  }

  private void abandon() {
    if (end(new Closed(GONE))) {
      session().abort();
    }
  }

  private synchronized String await(long giveUp) {
    while (arrived == null) {
      if (closed != null) {
        throw closed;
      }
      long left = TimeUnit.NANOSECONDS.toMillis(giveUp - System.nanoTime());
      if (left <= 0) {
        throw new Silent();
      }
      try {
        wait(left);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new Closed(LOST);
      }
    }
    String text = arrived;
    arrived = null;
    return text;
  }

  /**
   * Sends a text, and returns when the network has accepted it.
   *
   * @throws Closed also if the peer reads too slowly, which ends the socket
   */
  public void send(String text) {
    throwIfClosed();
    var sent = new FutureCallback();
    sockets.send(session(), new Frame(OpCode.TEXT, text), sent);
    try {
      // Jetty's own deadline ends first and gives the reason; this one is for when it fails.
      sent.get(sockets.limits().send().toMillis() * 2, TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      session().abort();
      end(new Closed(LOST));
      throwIfClosed();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Closed(LOST);
    }
  }

  /**
   * Runs more of the handler's work on a second virtual thread, which is interrupted when the
   * socket is closed. Its exceptions close the socket like those of the handler; its return does
   * not.
   */
  public void alongside(Runnable work) {
    Thread thread = Thread.ofVirtual()
        .unstarted(() -> trace.during(() -> {
          try {
            work.run();
          } catch (Throwable failure) {
            closeAfter(failure);
          }
          return true;
        }));
    synchronized (this) {
      if (companion != null) {
        throw new IllegalStateException("this socket has a second thread already");
      }
      companion = thread;
      if (closed != null) {
        thread.interrupt();
      }
    }
    thread.start();
  }

  /** Closes the socket. Drops a text that was not received; later calls do nothing. */
  public void close(int code, String reason) {
    if (end(new Closed(code))) {
      synchronized (this) {
        if (arrived != null) {
          arrived = null;
          session().demand();
        }
      }
      sockets.close(session(), new CloseStatus(code, reason));
    }
  }

  public FrameHandler frames() {
    return frames;
  }

  private void serve() {
    try {
      handler.run(this);
      close(NORMAL, "");
    } catch (Throwable failure) {
      closeAfter(failure);
    }
  }

  private void closeAfter(Throwable failure) {
    if (isClosed()) {
      return; // the failure is a consequence of the close
    }
    switch (failure) {
      case Closed lost -> close(lost.code() == LOST ? GONE : lost.code(), "");
      case Silent _ -> close(GONE, "silent");
      case HttpFailure refused ->
        close(refused.isTemporary() ? TRY_LATER : REFUSED, refused.closeReason());
      case TooManyRequests _ -> close(TRY_LATER, "too many requests");
      case Unavailable unavailable -> {
        outages.failed(unavailable, trace.shortId());
        close(TRY_LATER, "could not be answered just now");
      }
      default -> {
        outages.failed(failure, trace.shortId());
        close(BUG, "could not be answered just now");
      }
    }
  }

  private synchronized boolean isClosed() {
    return closed != null;
  }

  private synchronized void throwIfClosed() {
    if (closed != null) {
      throw closed;
    }
  }

  /** Ends the socket; false if it was over before. */
  private synchronized boolean end(Closed how) {
    if (closed != null) {
      return false;
    }
    closed = how;
    if (companion != null) {
      companion.interrupt();
    }
    notifyAll();
    return true;
  }

  private CoreSession session() {
    if (session == null) {
      throw new IllegalStateException("not open yet");
    }
    return session;
  }

  /** Receives frames on Jetty's threads, one at a time, which must not block. */
  private final class Frames implements FrameHandler {
    private final FrameGuard guard = new FrameGuard(sockets.limits());
    private @Nullable ByteArrayOutputStream begun;

    @Override
    public void onOpen(CoreSession opened, Callback callback) {
      session = opened;
      callback.succeeded();
      opened.demand();
      trace.becomesSocket();
      Thread.ofVirtual()
          .start(() -> trace.during(() -> {
            serve();
            return true;
          }));
    }

    @Override
    public void onFrame(Frame frame, Callback callback) {
      if (frame.getOpCode() == OpCode.CLOSE) {
        end(new Closed(CloseStatus.getCloseStatus(frame).getCode()));
        callback.succeeded();
        return;
      }
      CloseStatus refusal = guard.refusal(frame);
      if (refusal != null) {
        callback.succeeded();
        close(refusal.getCode(), refusal.getReason());
        return;
      }
      switch (frame.getOpCode()) {
        case OpCode.TEXT, OpCode.CONTINUATION -> onText(frame, callback);
        case OpCode.PING -> {
          var pong = new Frame(OpCode.PONG, BufferUtil.copy(frame.getPayload()));
          callback.succeeded();
          sockets.send(session(), pong, Callback.from(session()::demand, _ -> {}));
        }
        default -> {
          callback.succeeded();
          session().demand();
        }
      }
    }

    private void onText(Frame frame, Callback callback) {
      if (begun == null) {
        begun = new ByteArrayOutputStream();
      }
      begun.writeBytes(BufferUtil.toArray(frame.getPayload()));
      callback.succeeded();
      if (!frame.isFin()) {
        session().demand();
        return;
      }
      byte[] whole = begun.toByteArray();
      begun = null;
      try {
        arrive(
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(whole)).toString());
      } catch (CharacterCodingException e) {
        close(NO_UTF8, "not UTF-8");
      }
    }

    private void arrive(String text) {
      synchronized (Socket.this) {
        if (closed == null) {
          arrived = text;
          Socket.this.notifyAll();
          return;
        }
      }
      if (guard.readsOnAfterClose()) {
        session().demand(); // until the peer's answer to our close
      }
    }

    @Override
    public void onError(Throwable cause, Callback callback) {
      callback.succeeded(); // onClosed follows
    }

    @Override
    public void onClosed(CloseStatus status, Callback callback) {
      end(new Closed(status.getCode()));
      callback.succeeded();
    }
  }
}

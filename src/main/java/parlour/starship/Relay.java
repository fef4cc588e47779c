package parlour.starship;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.Scheduler;
import org.eclipse.jetty.websocket.core.CloseStatus;
import org.eclipse.jetty.websocket.core.CoreSession;
import org.eclipse.jetty.websocket.core.Frame;
import org.eclipse.jetty.websocket.core.FrameHandler;
import org.eclipse.jetty.websocket.core.OpCode;
import org.jspecify.annotations.Nullable;
import parlour.Limits;
import parlour.http.websocket.FrameGuard;
import parlour.http.websocket.Socket;
import parlour.http.websocket.SocketKind;
import parlour.http.websocket.Sockets;

/**
 * Passes the frames of two WebSockets to each other: the browser's and the service's. Each frame is
 * read after the one before it was written, in parts as they arrive, so that neither side can fill
 * the edge's memory. When one side closes, the other is closed with the same status.
 */
final class Relay {
  private final Sockets sockets;
  private final SocketKind kind;
  private final Browser browser;
  private final Upstream service = new Upstream();

  @GuardedBy("this")
  private @Nullable CloseStatus over;

  /** The deadline by which the browser must have sent a message, and the thread that checks it. */
  private volatile long speaksBy;

  private volatile Scheduler.@Nullable Task listening;

  Relay(Sockets sockets, SocketKind kind) {
    this.sockets = sockets;
    this.kind = kind;
    this.browser = new Browser();
  }

  FrameHandler browser() {
    return browser;
  }

  FrameHandler service() {
    return service;
  }

  /** Begins to read from both sides after both are open. */
  private void begin() {
    CoreSession first = browser.session;
    CoreSession second = service.session;
    CloseStatus how;
    synchronized (this) {
      how = over;
    }
    if (how != null && first != null) {
      end(first, how);
    } else if (first != null && second != null) {
      expect(sockets.limits().hello());
      listen();
      first.demand();
      second.demand();
    }
  }

  private void expect(Duration timeout) {
    speaksBy = System.nanoTime() + timeout.plus(sockets.limits().overdue()).toNanos();
  }

  /**
   * Ends the socket of a browser that is silent for too long. The service does that first, and
   * gives the reason; but a virtual thread reads the service's close, and does not run while
   * strangers keep all carriers busy.
   */
  private void listen() {
    long left = speaksBy - System.nanoTime();
    if (left > 0) {
      listening = sockets.after(Duration.ofNanos(left).plusMillis(1), this::listen);
    } else {
      endBoth(new CloseStatus(Socket.GONE, "silent"));
    }
  }

  private void endBoth(CloseStatus why) {
    CoreSession first = browser.session;
    end(service, why);
    if (first != null) {
      end(first, why);
    }
  }

  /** Closes the other side. The first status of either side is the status of both. */
  private void end(Side other, CloseStatus how) {
    synchronized (this) {
      if (over != null) {
        return;
      }
      over = how;
    }
    Scheduler.Task task = listening;
    if (task != null) {
      task.cancel();
    }
    CoreSession session = other.session;
    if (session != null) {
      end(session, how);
    }
  }

  private void end(CoreSession session, CloseStatus how) {
    if (how.getCode() == Socket.LOST) {
      session.abort();
    } else {
      sockets.close(session, how);
    }
  }

  /** Receives the frames of one side, on Jetty's threads, which must not block. */
  private abstract class Side implements FrameHandler {
    volatile @Nullable CoreSession session;

    abstract Side other();

    /** Why a frame is not passed on; null if it is. */
    abstract @Nullable CloseStatus refusal(Frame frame);

    /** Whether to read another frame from this side after both sides were closed. */
    abstract boolean readsOn();

    /** The status for the other side if this side ended without a close frame. */
    abstract CloseStatus lost(CloseStatus how);

    @Override
    public void onOpen(CoreSession opened, Callback callback) {
      session = opened;
      callback.succeeded();
      begin();
    }

    @Override
    public void onFrame(Frame frame, Callback callback) {
      CoreSession from = session;
      CoreSession to = other().session;
      if (frame.getOpCode() == OpCode.CLOSE) {
        end(other(), CloseStatus.getCloseStatus(frame));
        callback.succeeded(); // which answers the close
        return;
      }
      CloseStatus refusal = refusal(frame);
      if (refusal != null || from == null || to == null) {
        callback.succeeded();
        var why = refusal == null ? new CloseStatus(Socket.RESTARTING) : refusal;
        end(other(), why);
        if (from != null) {
          end(from, why);
        }
        return;
      }
      // A copy, because the frame has the mask of the connection on which it came.
      var copy = new Frame(frame.getOpCode(), frame.isFin(), frame.getPayload());
      sockets.send(
          to,
          copy,
          Callback.from(
              () -> {
                callback.succeeded();
                from.demand();
              },
              _ -> {
                callback.succeeded();
                if (readsOn()) {
                  from.demand(); // reads the close frame that will come
                }
              }));
    }

    @Override
    public void onError(Throwable cause, Callback callback) {
      callback.succeeded(); // onClosed follows
    }

    @Override
    public void onClosed(CloseStatus how, Callback callback) {
      end(other(), lost(how));
      callback.succeeded();
    }
  }

  private final class Browser extends Side implements Sockets.Finishing {
    private final FrameGuard guard = new FrameGuard(sockets.limits(), kind);

    @Override
    Side other() {
      return service;
    }

    @Override
    @Nullable
    CloseStatus refusal(Frame frame) {
      CloseStatus refusal = guard.refusal(frame);
      if (refusal == null && !frame.isControlFrame() && frame.isFin()) {
        expect(sockets.limits().silence());
      }
      return refusal;
    }

    @Override
    boolean readsOn() {
      return guard.readsOnAfterClose();
    }

    /** A client of binary messages may wait for answers: the service knows, and closes the socket. */
    @Override
    public void finish() {
      CoreSession upstream = service.session;
      if (kind == SocketKind.BINARY && upstream != null) {
        sockets.send(upstream, new Frame(OpCode.PING, Socket.RESTART), Callback.NOOP);
        var _ = sockets.after(
            Limits.REALTIME_FINISH
                .plus(Limits.REALTIME_ARRIVAL)
                .plus(sockets.limits().overdue()),
            this::closeForRestart);
      } else {
        closeForRestart();
      }
    }

    private void closeForRestart() {
      CoreSession own = session;
      if (own != null) {
        sockets.closeForRestart(own);
      }
    }

    /** The status of Parlour's own close, or of the browser's mistake; otherwise LOST. */
    @Override
    CloseStatus lost(CloseStatus how) {
      return CloseStatus.isTransmittableStatusCode(how.getCode())
          ? new CloseStatus(how.getCode(), how.getReason())
          : new CloseStatus(Socket.LOST);
    }
  }

  private final class Upstream extends Side {

    @Override
    Side other() {
      return browser;
    }

    @Override
    @Nullable
    CloseStatus refusal(Frame frame) {
      return null; // services are trusted: their frames can have any length
    }

    @Override
    boolean readsOn() {
      return true;
    }

    /** The browser did nothing wrong, and should connect again. */
    @Override
    CloseStatus lost(CloseStatus how) {
      return new CloseStatus(Socket.RESTARTING, "restarting");
    }
  }
}

package parlour.http.websocket;

import java.nio.ByteBuffer;
import org.eclipse.jetty.websocket.core.CloseStatus;
import org.eclipse.jetty.websocket.core.Frame;
import org.jspecify.annotations.Nullable;
import parlour.Limits;

/**
 * Decides which frames of one WebSocket's client are read. Bounds a message in bytes and in parts,
 * and counts the frames without content: pings, pongs, empty parts and empty messages. No protocol
 * here needs them, and each costs us a read, while a client can send a million a second.
 *
 * <p>Called by one thread at a time.
 */
public final class FrameGuard {
  private static final long WINDOW_NANOS = Limits.RATE_WINDOW.toNanos();
  private static final long PAUSE_NANOS = WINDOW_NANOS / Limits.SOCKET_EMPTY_FRAMES_PER_MINUTE;

  private final SocketKind kind;
  private final int messageBytes;
  private int bytes;
  private int parts;
  private int afterClose;

  /** When the empty frames so far would have arrived at a pace of one per {@link #PAUSE_NANOS}. */
  private long paidAt = System.nanoTime();

  public FrameGuard(SocketLimits limits, SocketKind kind) {
    this.kind = kind;
    messageBytes = limits.bytes(kind);
  }

  /**
   * The reason to close the socket because of this frame, which is not a close; null if it is read.
   */
  public @Nullable CloseStatus refusal(Frame frame) {
    if (kind.refuses(frame.getOpCode())) {
      return new CloseStatus(Socket.WRONG_KIND, kind.refusal());
    }
    ByteBuffer payload = frame.getPayload();
    int length = payload == null ? 0 : payload.remaining();
    if ((frame.isControlFrame() || length == 0) && exceedsRate()) {
      return new CloseStatus(Socket.REFUSED, "too many frames without content");
    }
    return frame.isControlFrame() ? null : refusalOfPart(length, frame.isFin());
  }

  private @Nullable CloseStatus refusalOfPart(int length, boolean last) {
    bytes += length;
    parts++;
    if (bytes > messageBytes) {
      return new CloseStatus(Socket.TOO_LARGE, "at most " + messageBytes + " bytes");
    }
    if (parts > kind.parts()) {
      return new CloseStatus(Socket.REFUSED, "too many parts of one message");
    }
    if (last) {
      bytes = 0;
      parts = 0;
    }
    return null;
  }

  private boolean exceedsRate() {
    long now = System.nanoTime();
    paidAt = Math.max(paidAt - now, 0) + now + PAUSE_NANOS;
    return paidAt - now > WINDOW_NANOS;
  }

  /**
   * Whether another frame may be read after we closed the socket: the client's own close comes
   * after the frames that it sent before it received ours, which may be the longest message in its
   * parts. A client that goes on sending is no longer read, until {@link Sockets#close} ends the
   * connection.
   */
  public boolean readsOnAfterClose() {
    return ++afterClose <= kind.parts();
  }
}

package parlour.http.websocket;

import java.nio.ByteBuffer;
import org.eclipse.jetty.websocket.core.CloseStatus;
import org.eclipse.jetty.websocket.core.Frame;
import org.eclipse.jetty.websocket.core.OpCode;
import org.jspecify.annotations.Nullable;
import parlour.Limits;

/**
 * Decides which frames of one WebSocket's client are read. Bounds a text in bytes and in parts, and
 * counts the frames without content: pings, pongs, empty parts and empty texts. Our own protocol
 * needs none of them, and each costs us a read, while a client can send a million a second.
 *
 * <p>Called by one thread at a time.
 */
public final class FrameGuard {
  private static final long WINDOW_NANOS = Limits.RATE_WINDOW.toNanos();
  private static final long PAUSE_NANOS = WINDOW_NANOS / Limits.SOCKET_EMPTY_FRAMES_PER_MINUTE;

  private final int textBytes;
  private int bytes;
  private int parts;
  private int afterClose;

  /** When the empty frames so far would have arrived at a pace of one per {@link #PAUSE_NANOS}. */
  private long paidAt = System.nanoTime();

  public FrameGuard(SocketLimits limits) {
    textBytes = limits.frameBytes();
  }

  /**
   * The reason to close the socket because of this frame, which is not a close; null if it is read.
   */
  public @Nullable CloseStatus refusal(Frame frame) {
    if (frame.getOpCode() == OpCode.BINARY) {
      return new CloseStatus(Socket.NO_TEXT, "text only");
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
    if (bytes > textBytes) {
      return new CloseStatus(Socket.TOO_LARGE, "at most " + textBytes + " bytes");
    }
    if (parts > Limits.SOCKET_TEXT_PARTS) {
      return new CloseStatus(Socket.REFUSED, "too many parts of one text");
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
   * after the frames that it sent before it received ours. A client that goes on sending is no
   * longer read, until {@link Sockets#close} ends the connection.
   */
  public boolean readsOnAfterClose() {
    return ++afterClose <= Limits.SOCKET_FRAMES_AFTER_CLOSE;
  }
}

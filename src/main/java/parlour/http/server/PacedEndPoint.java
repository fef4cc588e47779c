package parlour.http.server;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.io.SocketChannelEndPoint;
import org.eclipse.jetty.io.ssl.SslConnection;
import org.eclipse.jetty.server.ConnectionMetaData;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;
import parlour.Limits;

/**
 * A connection whose reading thread pauses after many reads without a wait. Jetty reads as long as
 * there are bytes: frames, pipelined requests, the extensions of a chunk. A virtual thread that
 * never blocks is not preempted, so a few such connections would occupy all carriers.
 *
 * <p>The pause is a timed one. A thread that only yields goes to the end of its carrier's own
 * queue, and a carrier whose queue is never empty takes no other work.
 *
 * <p>This class also bounds the memory for unfinished request headers of all connections together:
 * a connection that would exceed it is closed.
 */
final class PacedEndPoint extends SocketChannelEndPoint {
  private final Function<InetAddress, Optional<BytePool.Held>> headerRoom;

  @GuardedBy("held")
  private final List<BytePool.Held> held = new ArrayList<>();

  /** Reads since the last wait. Not guarded, because only one thread reads at a time. */
  private int reads;

  /** Bytes of the arriving header, without those of the last read. */
  private int headerBytes;

  /** Bytes of the last read, which may belong to a header or a body. */
  private int lastRead;

  /** How many bytes the header may have before more memory must be acquired. */
  private int room = Limits.HEADER_UNRESERVED_BYTES;

  private volatile boolean isInHeader = true;

  /**
   * Whether the last read emptied the socket, because it brought less than there was room for. Jetty
   * reads twice more after each answer before it waits, and each read is a call of the system. Not
   * guarded, as {@link #reads}.
   */
  private boolean isDrained;

  /**
   * @param headerRoom acquires memory for {@link Limits#HEADER_UNRESERVED_BYTES} more of a header
   */
  PacedEndPoint(
      SocketChannel channel,
      ManagedSelector selector,
      SelectionKey key,
      Scheduler scheduler,
      Function<InetAddress, Optional<BytePool.Held>> headerRoom) {
    super(channel, selector, key, scheduler);
    this.headerRoom = headerRoom;
  }

  /** Called for each request whose header has arrived; returns the action to run when it is answered. */
  static Runnable begins(Request request) {
    if (socketOf(request) instanceof PacedEndPoint paced) {
      paced.isInHeader = false;
      paced.headerBytes = 0;
      paced.lastRead = 0;
      paced.giveBack();
      paced.pauseIfBusy(); // one read can contain many requests
      return () -> paced.isInHeader = true;
    }
    return () -> {};
  }

  /** As {@link Listener#isClientPresent}. */
  static boolean isClientPresent(Request request) {
    if (socketOf(request) instanceof PacedEndPoint paced) {
      paced.isDrained = false; // the socket was empty, and can have ended since
    }
    try {
      return endPointOf(request).fill(BufferUtil.allocate(1)) == 0;
    } catch (IOException gone) {
      return false;
    }
  }

  /** Where the request's bytes are read. */
  private static EndPoint endPointOf(Request request) {
    return request.getConnectionMetaData().getConnection().getEndPoint();
  }

  /** The socket itself, below TLS. */
  private static EndPoint socketOf(Request request) {
    return endPointOf(request) instanceof SslConnection.SslEndPoint encrypted
        ? encrypted.getSslConnection().getEndPoint()
        : endPointOf(request);
  }

  @Override
  public int fill(ByteBuffer buffer) throws IOException {
    countHeader();
    if (isDrained) {
      return 0; // so Jetty waits, and the selector reports bytes that have arrived since
    }
    int room = BufferUtil.space(buffer);
    int filled = super.fill(buffer);
    isDrained = filled >= 0 && filled < room;
    if (filled > 0) {
      lastRead = filled;
      pauseIfBusy();
    }
    return filled;
  }

  /** Counts the bytes of the last read, once it is known that they did not end the header. */
  private void countHeader() {
    if (lastRead > 0 && isInHeader && isHttp()) {
      headerBytes += lastRead;
      makeRoom();
    }
    lastRead = 0;
  }

  private void makeRoom() {
    while (headerBytes > room && isOpen()) {
      Optional<BytePool.Held> more = getRemoteSocketAddress() instanceof InetSocketAddress peer
          ? headerRoom.apply(peer.getAddress())
          : Optional.empty();
      if (more.isEmpty()) {
        close();
        return;
      }
      synchronized (held) {
        held.add(more.get());
      }
      room += Limits.HEADER_UNRESERVED_BYTES;
    }
    if (!isOpen()) {
      giveBack();
    }
  }

  /** Not called after the upgrade to a WebSocket. */
  private boolean isHttp() {
    Connection connection = getConnection();
    if (connection instanceof SslConnection encrypted) {
      connection = encrypted.getSslEndPoint().getConnection();
    }
    return connection instanceof ConnectionMetaData;
  }

  private void giveBack() {
    room = Limits.HEADER_UNRESERVED_BYTES;
    synchronized (held) {
      held.forEach(BytePool.Held::close);
      held.clear();
    }
  }

  @Override
  public void onClose(@Nullable Throwable cause) {
    super.onClose(cause);
    giveBack();
  }

  private void pauseIfBusy() {
    reads++;
    if (reads % Limits.READS_WITHOUT_PAUSE == 0 && Thread.currentThread().isVirtual()) {
      LockSupport.parkNanos(1);
    }
  }

  @Override
  public void fillInterested(Callback callback) {
    beginWaiting();
    super.fillInterested(callback);
  }

  @Override
  public boolean tryFillInterested(Callback callback) {
    beginWaiting();
    return super.tryFillInterested(callback);
  }

  /** The callback of a wait can run before the method that begins it has returned. */
  private void beginWaiting() {
    countHeader();
    reads = 0;
    isDrained = false;
  }
}

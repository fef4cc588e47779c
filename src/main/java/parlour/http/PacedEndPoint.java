package parlour.http;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.concurrent.locks.LockSupport;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.io.SocketChannelEndPoint;
import org.eclipse.jetty.io.ssl.SslConnection;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.Scheduler;
import parlour.Limits;

/**
 * A connection whose reader pauses after it has read much without having had to wait. Jetty reads
 * for as long as bytes are there: frames, requests that came at once, the extensions of a chunk. A
 * virtual thread that never waits is never interrupted, so a few such connections would take the
 * place of everybody else.
 *
 * <p>The pause is a timed one. A thread that only yields goes to the end of its carrier's own
 * queue, and a carrier whose queue is never empty takes no other work.
 */
final class PacedEndPoint extends SocketChannelEndPoint {
  /** Only one thread reads at a time. */
  private int reads;

  PacedEndPoint(
      SocketChannel channel, ManagedSelector selector, SelectionKey key, Scheduler scheduler) {
    super(channel, selector, key, scheduler);
  }

  /** Counts a request, since many of them fit one read. */
  static void begins(Request request) {
    EndPoint endPoint = request.getConnectionMetaData().getConnection().getEndPoint();
    if (endPoint instanceof SslConnection.SslEndPoint encrypted) {
      endPoint = encrypted.getSslConnection().getEndPoint();
    }
    if (endPoint instanceof PacedEndPoint paced) {
      paced.pauseIfBusy();
    }
  }

  @Override
  public int fill(ByteBuffer buffer) throws IOException {
    int filled = super.fill(buffer);
    if (filled > 0) {
      pauseIfBusy();
    }
    return filled;
  }

  private void pauseIfBusy() {
    reads++;
    if (reads % Limits.READS_WITHOUT_PAUSE == 0 && Thread.currentThread().isVirtual()) {
      LockSupport.parkNanos(1);
    }
  }

  @Override
  public void fillInterested(Callback callback) {
    reads = 0;
    super.fillInterested(callback);
  }

  @Override
  public boolean tryFillInterested(Callback callback) {
    reads = 0;
    return super.tryFillInterested(callback);
  }
}

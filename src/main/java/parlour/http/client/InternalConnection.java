package parlour.http.client;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLSocket;
import org.eclipse.jetty.util.ssl.SslContextFactory;

/**
 * A connection to another process, for one call at a time. The thread that calls also writes and
 * reads: on a virtual thread, waiting costs less than handing the bytes over.
 */
final class InternalConnection implements AutoCloseable {
  private final SocketChannel channel = SocketChannel.open();

  /** The channel's, or the encrypted one over it. */
  private Socket socket = channel.socket();

  private long idleSince;

  InternalConnection() throws IOException {}

  /** Connects, within this time. */
  void connect(InetSocketAddress address, long nanos) throws IOException {
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    socket.connect(address, millis(nanos));
  }

  /** Encrypts the connection, if the certificate of the other side is for this host. */
  void encrypt(SslContextFactory.Client tls, String host, int port) throws IOException {
    var encrypted = (SSLSocket)
        tls.getSslContext().getSocketFactory().createSocket(socket, host, port, true);
    encrypted.setUseClientMode(true);
    encrypted.setSSLParameters(tls.customize(encrypted.getSSLParameters()));
    encrypted.startHandshake();
    socket = encrypted;
  }

  void write(byte[] bytes) throws IOException {
    OutputStream out = socket.getOutputStream();
    out.write(bytes);
    out.flush();
  }

  /**
   * Reads what has arrived, or waits for it.
   *
   * @param end when to stop, by {@link System#nanoTime}
   * @throws SocketTimeoutException after the end
   */
  int read(byte[] into, int offset, int length, long end) throws IOException {
    long left = end - System.nanoTime();
    if (left <= 0) {
      throw new SocketTimeoutException("no answer in time");
    }
    socket.setSoTimeout(millis(left));
    InputStream in = socket.getInputStream();
    return in.read(into, offset, length);
  }

  /** Rounded up, as 0 would mean no limit. */
  private static int millis(long nanos) {
    return Math.toIntExact(Math.max(1, TimeUnit.NANOSECONDS.toMillis(nanos + 999_999)));
  }

  /** Whether the other side has closed the connection, or sent what nobody asked for. */
  boolean isSpent() {
    try {
      channel.configureBlocking(false);
      int arrived = channel.read(ByteBuffer.allocate(1));
      channel.configureBlocking(true);
      return arrived != 0;
    } catch (IOException e) {
      return true;
    }
  }

  void idles() {
    idleSince = System.nanoTime();
  }

  boolean isIdleFor(long nanos) {
    return System.nanoTime() - idleSince >= nanos;
  }

  /** Also ends a call of another thread. */
  @Override
  public void close() {
    try {
      channel.close(); // not the encrypted socket: closing it could wait for the other side
    } catch (IOException e) {
      // it is closed
    }
  }
}

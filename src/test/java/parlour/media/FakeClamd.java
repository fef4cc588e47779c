package parlour.media;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A server that speaks the protocol of clamd (clamd(8)) to the letter. It knows two signatures:
 * that of the EICAR test file, and that of a text which no other scanner knows. It refuses a chunk
 * before the command, and a stream without its end.
 */
public final class FakeClamd implements AutoCloseable {
  /** The test file of EICAR, in two parts, so that no scanner finds it in this source. */
  public static final String EICAR =
      "X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR" + "-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*";

  /** A text for files that other scanners may read, such as our examples. */
  private static final String HARMLESS = "This text counts as malware in the tests.";

  /** A text of files that take long. */
  static final String SLOW = "This text takes long in the tests.";

  private final ServerSocket server;
  private final Thread accepting;
  private final AtomicInteger scans = new AtomicInteger();
  private volatile int maxLength = 25 << 20;
  private volatile @Nullable String reply;
  private volatile CountDownLatch slow = new CountDownLatch(0);
  private volatile Runnable beforeAnswer = () -> {};

  public FakeClamd() {
    try {
      server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    accepting = Thread.ofVirtual().start(() -> {
      while (!server.isClosed()) {
        try {
          Socket socket = server.accept();
          Thread.ofVirtual().start(() -> serve(socket));
        } catch (IOException e) {
          // closed
        }
      }
    });
  }

  public InetSocketAddress address() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), server.getLocalPort());
  }

  /** Streams that were scanned to their end. */
  public int scans() {
    return scans.get();
  }

  /** Sets StreamMaxLength. */
  void maxLength(int bytes) {
    maxLength = bytes;
  }

  /** Sets the answer to every stream; an empty text for none at all, null for the right one. */
  void reply(@Nullable String text) {
    reply = text;
  }

  /** Sets what happens once, after a stream has arrived and before its answer. */
  void beforeAnswer(Runnable action) {
    beforeAnswer = action;
  }

  /** Answers the streams that contain {@link #SLOW} only after the latch has opened. */
  void slow(CountDownLatch open) {
    slow = open;
  }

  private void serve(Socket socket) {
    try (socket) {
      var in = new DataInputStream(socket.getInputStream());
      String command = command(in);
      switch (command) {
        case "PING" -> send(socket, "PONG");
        case "INSTREAM" -> scan(in, socket);
        default -> send(socket, "UNKNOWN COMMAND");
      }
    } catch (IOException e) {
      // the client is gone
    }
  }

  /** Only the form with a zero at its end is known here. */
  private static String command(DataInputStream in) throws IOException {
    var text = new ByteArrayOutputStream();
    int next = in.read();
    while (next > 0 && text.size() < 100) {
      text.write(next);
      next = in.read();
    }
    String all = text.toString(StandardCharsets.US_ASCII);
    return next == 0 && all.startsWith("z") ? all.substring(1) : "";
  }

  private void scan(DataInputStream in, Socket socket) throws IOException {
    var bytes = new ByteArrayOutputStream();
    int length = in.readInt();
    while (length != 0) {
      if (length < 0 || bytes.size() + (long) length > maxLength) {
        send(socket, "INSTREAM size limit exceeded. ERROR");
        return; // which closes, although the client may still be sending
      }
      byte[] chunk = in.readNBytes(length);
      if (chunk.length < length) {
        throw new EOFException();
      }
      bytes.writeBytes(chunk);
      length = in.readInt();
    }
    scans.incrementAndGet();
    Runnable action = beforeAnswer;
    beforeAnswer = () -> {};
    action.run();
    String set = reply;
    String text = bytes.toString(StandardCharsets.ISO_8859_1);
    if (text.contains(SLOW)) {
      awaitSlow();
    }
    String right = "stream: OK";
    if (text.contains(EICAR)) {
      right = "stream: Eicar-Test-Signature FOUND";
    } else if (text.contains(HARMLESS)) {
      right = "stream: Parlour-Test-Signature FOUND";
    }
    if (set == null || !set.isEmpty()) {
      send(socket, set == null ? right : set);
    }
  }

  private void awaitSlow() {
    try {
      slow.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void send(Socket socket, String reply) throws IOException {
    socket.getOutputStream().write((reply + "\0").getBytes(StandardCharsets.US_ASCII));
  }

  @Override
  public void close() {
    try {
      server.close();
      accepting.join(); // the system accepts connections for as long as this thread waits for one
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

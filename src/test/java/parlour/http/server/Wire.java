package parlour.http.server;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;

/** A plain socket, for requests and answers that no correct client or server sends. Latin-1. */
public final class Wire implements AutoCloseable {
  private final Socket socket;
  private final InputStream received;

  public Wire(int port) throws IOException {
    this(new Socket(InetAddress.getLoopbackAddress(), port));
  }

  private Wire(Socket socket) throws IOException {
    this.socket = socket;
    received = new BufferedInputStream(socket.getInputStream());
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(60_000);
  }

  public Wire send(String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    socket.getOutputStream().flush();
    return this;
  }

  public Wire endSending() throws IOException {
    socket.shutdownOutput();
    return this;
  }

  /** Reads until the other side closes or resets the connection. */
  public String readAll() throws IOException {
    var all = new ByteArrayOutputStream();
    try {
      int next;
      while ((next = received.read()) >= 0) {
        all.write(next);
      }
    } catch (SocketException reset) {
      all.writeBytes("[reset]".getBytes(StandardCharsets.ISO_8859_1));
    }
    return all.toString(StandardCharsets.ISO_8859_1);
  }

  /** Reads until the text has arrived, or the other side closes. */
  public String readUntil(String end) throws IOException {
    var all = new StringBuilder();
    int next;
    while (all.indexOf(end) < 0 && (next = received.read()) >= 0) {
      all.append((char) next);
    }
    return all.toString();
  }

  /** The next byte; -1 if the other side closes. */
  public int read() throws IOException {
    return received.read();
  }

  /** Whether the other side has neither closed the connection nor sent anything. */
  public boolean isQuiet() throws IOException {
    int timeout = socket.getSoTimeout();
    socket.setSoTimeout(1);
    try {
      received.mark(1);
      if (received.read() >= 0) {
        received.reset();
      }
      return false;
    } catch (SocketTimeoutException nothingCame) {
      return true;
    } catch (SocketException reset) {
      return false;
    } finally {
      socket.setSoTimeout(timeout);
    }
  }

  /** Resets the connection instead of closing it. */
  public void reset() throws IOException {
    socket.setSoLinger(true, 0);
    socket.close();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }

  /** Sends a request, and reads until the other side closes. */
  public static String exchange(int port, String request) throws IOException {
    try (var wire = new Wire(port)) {
      return wire.send(request).readAll();
    }
  }

  /** Handles each connection of a faulty service. */
  @FunctionalInterface
  public interface Conversation {
    void with(Wire wire) throws Exception;
  }

  /** A service on a free port; each connection gets a virtual thread. */
  public static final class Service implements AutoCloseable {
    private final ServerSocket server;

    public Service(Conversation conversation) throws IOException {
      server = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
      Thread.startVirtualThread(() -> {
        while (!server.isClosed()) {
          try {
            var wire = new Wire(server.accept());
            Thread.startVirtualThread(() -> talk(wire, conversation));
          } catch (IOException e) {
            return;
          }
        }
      });
    }

    private static void talk(Wire wire, Conversation conversation) {
      try (wire) {
        conversation.with(wire);
      } catch (Exception e) {
        // the other side closed the connection, as some tests intend
      }
    }

    public int port() {
      return server.getLocalPort();
    }

    @Override
    public void close() throws IOException {
      server.close();
    }
  }
}

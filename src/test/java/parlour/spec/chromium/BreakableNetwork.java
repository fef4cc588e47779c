package parlour.spec.chromium;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A TCP proxy between browsers and an edge, which a test can interrupt or redirect. */
final class BreakableNetwork implements AutoCloseable {
  private final ServerSocket listener;
  private final Set<Socket> ends = ConcurrentHashMap.newKeySet();
  private volatile boolean isUp = true;
  private volatile URI edge;

  BreakableNetwork(URI edge) {
    this.edge = edge;
    try {
      listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread.ofVirtual().start(this::accept);
  }

  /** The address that browsers use, whichever edge is behind it. */
  URI address() {
    return URI.create("http://127.0.0.1:" + listener.getLocalPort());
  }

  void connectTo(URI edge) {
    this.edge = edge;
  }

  /** Breaks all connections, and closes each new one at once. */
  void cut() {
    isUp = false;
    breakConnections();
  }

  void restore() {
    isUp = true;
  }

  /** Breaks all connections; later ones work. */
  void breakConnections() {
    ends.forEach(BreakableNetwork::close);
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket browser = listener.accept();
        Thread.ofVirtual().start(() -> relay(browser));
      } catch (IOException e) {
        return; // closed
      }
    }
  }

  private void relay(Socket browser) {
    ends.add(browser);
    try (browser;
        Socket server = new Socket(edge.getHost(), edge.getPort())) {
      ends.add(server);
      if (!isUp) {
        return;
      }
      Thread back = Thread.ofVirtual().start(() -> copy(server, browser));
      copy(browser, server);
      back.join();
      ends.remove(server);
    } catch (IOException e) {
      // no edge listens: the browser sees its connection closed
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      ends.remove(browser);
    }
  }

  private static void copy(Socket from, Socket to) {
    try {
      from.getInputStream().transferTo(to.getOutputStream());
      to.shutdownOutput();
    } catch (IOException e) {
      close(from);
      close(to);
    }
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    try {
      listener.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    breakConnections();
  }
}

package parlour.spec;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A TCP proxy in front of an edge or of a node, which a test can interrupt, delay or redirect. */
public final class BreakableNetwork implements AutoCloseable {
  private final ServerSocket listener;
  private final Set<Socket> ends = ConcurrentHashMap.newKeySet();
  private volatile boolean isUp = true;
  private volatile URI edge;
  private boolean isHanging;

  public BreakableNetwork(URI edge) {
    this.edge = edge;
    try {
      listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread.ofVirtual().start(this::accept);
  }

  /** The address that callers use, whichever process is behind it. */
  public URI address() {
    return URI.create("http://127.0.0.1:" + listener.getLocalPort());
  }

  public void connectTo(URI edge) {
    this.edge = edge;
  }

  /** Breaks all connections, and closes each new one at once. */
  public void cut() {
    isUp = false;
    breakConnections();
  }

  public void restore() {
    isUp = true;
  }

  /** Breaks all connections; later ones work. */
  public void breakConnections() {
    ends.forEach(BreakableNetwork::close);
  }

  /** Forwards nothing, like a process that hangs, until {@link #goOn}. */
  public void hang() {
    setHanging(true);
  }

  public void goOn() {
    setHanging(false);
  }

  private synchronized void setHanging(boolean hanging) {
    isHanging = hanging;
    notifyAll();
  }

  private synchronized void awaitTurn() throws InterruptedException {
    while (isHanging) {
      wait();
    }
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

  private void copy(Socket from, Socket to) {
    try {
      byte[] some = new byte[8_192];
      for (int read = from.getInputStream().read(some);
          read >= 0;
          read = from.getInputStream().read(some)) {
        awaitTurn();
        to.getOutputStream().write(some, 0, read);
      }
      to.shutdownOutput();
    } catch (IOException | InterruptedException e) {
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
    goOn();
    breakConnections();
  }
}

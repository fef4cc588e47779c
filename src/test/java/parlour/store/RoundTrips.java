package parlour.store;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.concurrent.atomic.AtomicInteger;

/** Forwards bytes to a PostgreSQL, and counts how often we send after the server has sent. */
public final class RoundTrips implements AutoCloseable {
  private final ServerSocket listens = new ServerSocket(0, 50, InetAddress.ofLiteral("127.0.0.1"));
  private final PostgresServer server;
  private final int port;
  private final AtomicInteger seen = new AtomicInteger();

  public RoundTrips(PostgresServer server) throws IOException {
    this.server = server;
    port = URI.create(server.toString()).getPort();
    Thread.ofVirtual().start(this::accept);
  }

  /** The same server, through this. */
  public PostgresServer server() {
    return PostgresServer.parse(
        server.toString().replace(":" + port + "/", ":" + listens.getLocalPort() + "/"),
        server.password());
  }

  public int seen() {
    return seen.get();
  }

  @Override
  public void close() throws IOException {
    listens.close();
  }

  private void accept() {
    try {
      while (true) {
        Socket client = listens.accept();
        Socket ahead = new Socket(InetAddress.ofLiteral("127.0.0.1"), port);
        AtomicInteger unanswered = new AtomicInteger();
        Thread.ofVirtual()
            .start(() -> pass(client, ahead, () -> {
              if (unanswered.getAndSet(1) == 0) {
                seen.incrementAndGet();
              }
            }));
        Thread.ofVirtual().start(() -> pass(ahead, client, () -> unanswered.set(0)));
      }
    } catch (IOException closed) {
      // the test is over
    }
  }

  private static void pass(Socket from, Socket to, Runnable seen) {
    try (from;
        to) {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      byte[] buffer = new byte[8192];
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        seen.run();
        out.write(buffer, 0, read);
      }
    } catch (IOException over) {
      // one side has closed it
    }
  }
}

package parlour.chaos;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import parlour.spec.Browser;
import parlour.spec.SdkSocket;

/** One socket of the published client, its notifications, and the time of its end. */
final class PackageClient implements OpenSocket {
  private final SdkSocket socket;
  private final CountDownLatch end = new CountDownLatch(1);
  private final Queue<String> notifications = new ConcurrentLinkedQueue<>();
  private volatile Optional<String> wrongEnd = Optional.empty();
  private volatile @Nullable Instant over;

  private PackageClient(SdkSocket socket) {
    this.socket = socket;
  }

  /** Opens a socket that follows the chat. Empty if it cannot in time. */
  static Optional<OpenSocket> open(URI edge, HonestGuest guest, Duration timeout) {
    BinarySocket wire;
    try {
      wire = new BinarySocket(edge, Browser.CHROME_ON_WINDOWS, Edges.ORIGIN);
    } catch (IOException down) {
      return Optional.empty();
    }
    wire.isLostAfter(timeout);
    SdkSocket socket = new SdkSocket(wire);
    try {
      if (socket.init(guest.token()) == 200) {
        socket.follows(socket.reads(guest.conversation()));
        PackageClient client = new PackageClient(socket);
        wire.isLostAfter(BinarySocket.PATIENCE);
        Thread.ofVirtual().start(client::listen);
        return Optional.of(client);
      }
    } catch (IOException | IllegalStateException down) {
      // the edge, or what is behind it, is down
    }
    wire.close();
    return Optional.empty();
  }

  private void listen() {
    try {
      while (over == null) {
        SdkSocket.Frame frame = socket.next();
        notifications.add(frame.text());
        if (frame.method().equals("close")) {
          over = Instant.now();
          if (!(frame.header().get("status") instanceof Map<?, ?> status
              && Long.valueOf(401).equals(status.get("code")))) {
            wrongEnd = Optional.of(String.valueOf(frame.header()));
          }
        }
      }
    } catch (IOException closed) {
      over = Instant.now();
    }
    end.countDown();
  }

  @Override
  public boolean received(String body) {
    return notifications.stream().anyMatch(text -> text.contains(body));
  }

  @Override
  public Optional<String> wrongEnd() {
    return wrongEnd;
  }

  @Override
  public Optional<Instant> overWithin(Duration time) throws InterruptedException {
    var _ = end.await(time.toMillis(), TimeUnit.MILLISECONDS);
    return Optional.ofNullable(over);
  }

  @Override
  public void close() {
    socket.close();
  }
}

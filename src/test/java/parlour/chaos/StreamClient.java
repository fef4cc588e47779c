package parlour.chaos;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import parlour.spec.Browser;
import parlour.spec.GuestSocket;

/** One socket, its frames, and the time of its end. */
final class StreamClient implements OpenSocket {
  private final GuestSocket socket;
  private final CountDownLatch welcome = new CountDownLatch(1);
  private final CountDownLatch end = new CountDownLatch(1);
  private final List<Map<String, @Nullable Object>> frames = new CopyOnWriteArrayList<>();
  private volatile @Nullable Instant over;

  private StreamClient(GuestSocket socket) {
    this.socket = socket;
  }

  /** Opens a socket. Empty if no welcome arrives in time. */
  static Optional<OpenSocket> open(URI edge, HonestGuest guest, Duration timeout)
      throws InterruptedException {
    try {
      GuestSocket socket = GuestSocket.open(edge, Browser.CHROME_ON_WINDOWS, Edges.ORIGIN);
      StreamClient ear = new StreamClient(socket);
      socket.says(guest.hello(-1));
      Thread.ofVirtual().start(ear::listen);
      if (ear.welcome.await(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
        return Optional.of(ear);
      }
      ear.close();
    } catch (CompletionException | IllegalStateException noConnection) {
      // the edge is down
    }
    return Optional.empty();
  }

  private void listen() {
    try {
      while (over == null) {
        Optional<Map<String, @Nullable Object>> frame =
            socket.receivesWithin(Duration.ofMillis(100));
        if (frame.isPresent()) {
          frames.add(frame.get());
          switch (String.valueOf(frame.get().get("type"))) {
            case "welcome" -> welcome.countDown();
            case "refused" -> over = Instant.now();
            default -> {} // kept, for the checks at the end
          }
        } else if (socket.isOver()) {
          over = Instant.now();
        }
      }
    } catch (InterruptedException e) {
      over = Instant.now();
    }
    end.countDown();
  }

  @Override
  public boolean received(String body) {
    return frames.stream()
        .anyMatch(frame ->
            frame.get("message") instanceof Map<?, ?> message && body.equals(message.get("body")));
  }

  @Override
  public Optional<String> wrongEnd() {
    return frames.stream()
        .filter(frame -> "refused".equals(frame.get("type")))
        .findFirst()
        .filter(frame -> !Long.valueOf(45775).equals(frame.get("code")))
        .map(String::valueOf);
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

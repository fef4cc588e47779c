package parlour.spec;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import parlour.http.json.Json;

/** A browser's end of a socket: keeps the frames that arrive, in order. */
public final class GuestSocket implements WebSocket.Listener, AutoCloseable {
  private static final HttpClient client = HttpClient.newHttpClient();
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final BlockingQueue<Map<String, @Nullable Object>> frames = new LinkedBlockingQueue<>();
  private final CompletableFuture<Integer> closed = new CompletableFuture<>();
  private final CompletableFuture<String> challenge = new CompletableFuture<>();
  private final StringBuilder part = new StringBuilder();
  private @Nullable WebSocket socket;

  /** Makes the handshake as a browser on that page does. */
  public static GuestSocket open(URI edge, Browser browser, @Nullable String origin) {
    Map<String, String> headers = new HashMap<>(browser.headers());
    headers.keySet().removeIf(name -> name.startsWith("x-")); // no page can set any
    return open(edge, "/v2/Webchat/Stream", headers, origin);
  }

  public static GuestSocket open(
      URI edge, String path, Map<String, String> headers, @Nullable String origin) {
    var opened = new GuestSocket();
    WebSocket.Builder handshake = client.newWebSocketBuilder();
    headers.forEach(handshake::header);
    if (origin != null) {
      handshake.header("Origin", origin);
    }
    URI address = URI.create("ws" + edge.toString().substring(4) + path);
    opened.socket =
        handshake.buildAsync(address, opened).orTimeout(60, TimeUnit.SECONDS).join();
    return opened;
  }

  public GuestSocket says(String text) {
    Objects.requireNonNull(socket)
        .sendText(text, true)
        .orTimeout(60, TimeUnit.SECONDS)
        .join();
    return this;
  }

  /** The nonce of the server's challenge, which a browser without a key ignores. */
  public String challenge() {
    return challenge.orTimeout(60, TimeUnit.SECONDS).join();
  }

  /** The next frame that is neither a ping nor the challenge. */
  public Map<String, @Nullable Object> receives() {
    try {
      while (true) {
        Map<String, @Nullable Object> frame =
            frames.poll(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        if (frame == null) {
          throw new AssertionError("no frame arrived; the end of the socket: " + closed);
        }
        if (!"ping".equals(frame.get("type"))) {
          return frame;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** The next frame of a type. Drops those before it. */
  public Map<String, @Nullable Object> receives(String type) {
    Map<String, @Nullable Object> frame = receives();
    while (!type.equals(frame.get("type"))) {
      frame = receives();
    }
    return frame;
  }

  /** The bodies of all messages up to the one with this body. */
  public List<String> receivesUntil(String body) {
    List<String> bodies = new ArrayList<>();
    while (!bodies.contains(body)) {
      Map<String, @Nullable Object> frame = receives();
      if (frame.get("message") instanceof Map<?, ?> message) {
        bodies.add(String.valueOf(message.get("body")));
      }
    }
    return bodies;
  }

  /** The next frame, also a ping, if one arrives in time. */
  public Optional<Map<String, @Nullable Object>> receivesWithin(Duration time)
      throws InterruptedException {
    return Optional.ofNullable(frames.poll(time.toMillis(), TimeUnit.MILLISECONDS));
  }

  /** Whether it was closed or lost, and each frame before that was read. */
  public boolean isOver() {
    return closed.isDone() && frames.isEmpty();
  }

  public boolean receivesNothingFor(Duration time) throws InterruptedException {
    return frames.poll(time.toMillis(), TimeUnit.MILLISECONDS) == null;
  }

  /** The code with which the other side closed it. */
  public int closedWith() {
    return closed.orTimeout(60, TimeUnit.SECONDS).join();
  }

  @Override
  public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
    part.append(data);
    if (last) {
      Map<String, @Nullable Object> frame = Json.object(part.toString()).orElseThrow();
      part.setLength(0);
      if ("challenge".equals(frame.get("type"))) {
        challenge.complete(String.valueOf(frame.get("nonce")));
      } else {
        frames.add(frame);
      }
    }
    from.request(1);
    return null;
  }

  @Override
  public @Nullable CompletionStage<?> onClose(WebSocket from, int code, String reason) {
    closed.complete(code);
    return null;
  }

  @Override
  public void onError(WebSocket from, Throwable error) {
    closed.completeExceptionally(error);
  }

  @Override
  public void close() {
    Objects.requireNonNull(socket).abort();
  }
}

package parlour.chaos;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import parlour.spec.Browser;
import parlour.spec.SdkSocket;

/** A WebSocket with binary messages, opened as a page with the published client opens it. */
final class BinarySocket implements SdkSocket.Wire, WebSocket.Listener {
  private static final HttpClient CLIENT = HttpClient.newBuilder()
      .version(HttpClient.Version.HTTP_1_1)
      .connectTimeout(Duration.ofSeconds(2))
      .build();
  static final Duration PATIENCE = Duration.ofSeconds(60); // the server pings more often

  /** Empty after the last message. */
  private final BlockingQueue<Optional<byte[]>> messages = new LinkedBlockingQueue<>();

  private volatile Duration silence = PATIENCE;
  private final ByteArrayOutputStream part = new ByteArrayOutputStream();
  private final WebSocket socket;

  BinarySocket(URI edge, Browser browser, String origin) throws IOException {
    WebSocket.Builder handshake = CLIENT.newWebSocketBuilder().header("Origin", origin);
    browser.headers().forEach((name, value) -> {
      if (!name.startsWith("x-")) { // no page can set any
        handshake.header(name, value);
      }
    });
    URI address = URI.create("ws" + edge.toString().substring(4) + "/v3/wsconnect");
    try {
      socket = handshake
          .buildAsync(address, this)
          .orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS)
          .join();
    } catch (CompletionException noConnection) {
      throw new IOException(noConnection);
    }
  }

  /** From now on a socket without a message for this long counts as lost. */
  void isLostAfter(Duration longestSilence) {
    silence = longestSilence;
  }

  @Override
  public void send(byte[] message) throws IOException {
    try {
      socket
          .sendBinary(ByteBuffer.wrap(message), true)
          .orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS)
          .join();
    } catch (CompletionException lost) {
      throw new IOException(lost);
    }
  }

  @Override
  public byte[] receive() throws IOException {
    try {
      Optional<byte[]> message = messages.poll(silence.toMillis(), TimeUnit.MILLISECONDS);
      if (message == null || message.isEmpty()) {
        throw new IOException(message == null ? "silent" : "closed");
      }
      return message.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  @Override
  public @Nullable CompletionStage<?> onBinary(WebSocket from, ByteBuffer data, boolean last) {
    byte[] bytes = new byte[data.remaining()];
    data.get(bytes);
    part.writeBytes(bytes);
    if (last) {
      messages.add(Optional.of(part.toByteArray()));
      part.reset();
    }
    from.request(1);
    return null;
  }

  @Override
  public @Nullable CompletionStage<?> onClose(WebSocket from, int code, String reason) {
    messages.add(Optional.empty());
    return null;
  }

  @Override
  public void onError(WebSocket from, Throwable error) {
    messages.add(Optional.empty());
  }

  @Override
  public void close() {
    messages.add(Optional.empty());
    socket.abort();
  }
}

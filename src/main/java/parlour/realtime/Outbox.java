package parlour.realtime;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import parlour.Limits;
import parlour.RandomHex;
import parlour.http.Header;
import parlour.http.json.Json;
import parlour.http.websocket.Socket;

/**
 * Sends the frames of a socket. The client acknowledges each of them that is not a reply; a client
 * that acknowledges too slowly makes us wait, and in the end loses the socket.
 */
final class Outbox {
  private static final byte[] NOTHING = {};

  private final Consumer<byte[]> socket;
  private final Consumer<byte[]> held;
  private final Runnable flush;
  private final Runnable close;

  /** The first digits of all ids of this socket, and the number of ids so far. */
  private final String idPrefix;

  private final AtomicLong ids = new AtomicLong();

  /** The length of each frame that the client has not acknowledged, by the frame's id. */
  @GuardedBy("this")
  private final Map<String, Integer> unacknowledged = new HashMap<>();

  @GuardedBy("this")
  private long unacknowledgedBytes;

  Outbox(Socket socket, SecureRandom random) {
    this(
        socket::send,
        socket::sendHeld,
        socket::flush,
        () -> socket.close(Socket.REFUSED, ""),
        random);
  }

  /**
   * @param socket sends a message
   * @param held sends a message that can wait for others
   * @param flush sends those that wait
   * @param close closes the socket for good
   */
  Outbox(
      Consumer<byte[]> socket,
      Consumer<byte[]> held,
      Runnable flush,
      Runnable close,
      SecureRandom random) {
    this.socket = socket;
    this.held = held;
    this.flush = flush;
    this.close = close;
    this.idPrefix = "TM" + RandomHex.next(random, Long.BYTES);
  }

  /** A status of a frame, apart from that of a request in it. */
  record Status(int code, String word, Optional<String> description, int errorCode) {
    static final Status OK = new Status(200, "OK");

    Status(int code, String word) {
      this(code, word, Optional.empty(), 0);
    }

    JsonObject json() {
      JsonObject json = new JsonObject().with("code", code).with("status", word);
      description.ifPresent(text -> json.with("description", text));
      return errorCode == 0 ? json : json.with("errorCode", errorCode);
    }
  }

  /** Answers an {@code init} or an {@code update}. */
  void reply(String id, Status status) {
    JsonObject header = new JsonObject()
        .with("method", "reply")
        .with("id", id)
        .with("status", status.json())
        .with("capabilities", List.of("client_update"));
    socket.accept(TwilsockFrame.bytes(header, NOTHING));
  }

  /** Answers a request. */
  void reply(String id, FrameResponse response) {
    JsonObject header = new JsonObject()
        .with("method", "reply")
        .with("id", id)
        .with("status", Status.OK.json())
        .with(
            "http_status",
            new JsonObject().with("code", response.status()).with("status", response.reason()));
    response
        .retryAfter()
        .ifPresent(wait -> header.with(
            "http_headers", new JsonObject().with("Retry-After", Header.seconds(wait))));
    socket.accept(TwilsockFrame.bytes(
        header.with("payload_type", "application/json"),
        response.body().map(Json::write).orElse(NOTHING)));
  }

  String nextId() {
    return idPrefix + HexFormat.of().toHexDigits(ids.incrementAndGet());
  }

  /**
   * Sends a notification at the next {@link #flush} at the latest. Waits before that until the client has
   * acknowledged enough.
   */
  void notify(String id, String messageType, JsonObject payload) {
    sendForAcknowledgement(
        held,
        id,
        new JsonObject()
            .with("method", "notification")
            .with("id", id)
            .with("message_type", messageType)
            .with("notification_ctx_id", "")
            .with("payload_type", "application/json"),
        payload.bytes());
  }

  /** Sends the notifications so far: those of one change leave together. */
  void flush() {
    flush.run();
  }

  /** The heartbeat: the client knows no such method, but acknowledges it. */
  String ping() {
    String id = nextId();
    sendForAcknowledgement(
        socket, id, new JsonObject().with("method", "ping").with("id", id), NOTHING);
    return id;
  }

  /**
   * Waits until the client has received all that was sent: it acknowledges a ping after that. The end
   * of a connection can discard what its other side has not read yet.
   */
  void awaitArrival(Duration timeout) {
    String ping = ping();
    long giveUp = System.nanoTime() + timeout.toNanos();
    synchronized (this) {
      try {
        while (unacknowledged.containsKey(ping)) {
          long left = (giveUp - System.nanoTime()) / 1_000_000;
          if (left <= 0) {
            return;
          }
          wait(left);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Asks the client to present a new token soon. */
  void tokenExpires() {
    String id = nextId();
    sendForAcknowledgement(
        socket,
        id,
        new JsonObject()
            .with("method", "client_update")
            .with("id", id)
            .with("client_update_type", "token_about_to_expire"),
        NOTHING);
  }

  /** Says why, and closes the socket. */
  void close(Status status) {
    socket.accept(TwilsockFrame.bytes(
        new JsonObject().with("method", "close").with("id", nextId()).with("status", status.json()),
        NOTHING));
    close.run();
  }

  private void sendForAcknowledgement(
      Consumer<byte[]> by, String id, JsonObject header, byte[] payload) {
    byte[] frame = TwilsockFrame.bytes(header, payload);
    if (hasNoRoom(frame.length)) {
      flush(); // the client acknowledges only what has left
    }
    reserve(id, frame.length);
    by.accept(frame);
  }

  private synchronized boolean hasNoRoom(int bytes) {
    return unacknowledged.size() >= Limits.REALTIME_UNACKNOWLEDGED
        || (unacknowledgedBytes > 0
            && unacknowledgedBytes + bytes > Limits.REALTIME_UNACKNOWLEDGED_BYTES);
  }

  private synchronized void reserve(String id, int bytes) {
    long giveUp = System.nanoTime() + Limits.SOCKET_SEND.toNanos();
    while (hasNoRoom(bytes)) {
      long left = (giveUp - System.nanoTime()) / 1_000_000;
      if (left <= 0) {
        throw new Socket.Silent(); // which ends the socket
      }
      try {
        wait(left);
      } catch (InterruptedException closed) {
        Thread.currentThread().interrupt();
        throw new Socket.Silent();
      }
    }
    unacknowledged.put(id, bytes);
    unacknowledgedBytes += bytes;
  }

  /**
   * Returns the id of the frame that a message acknowledges, if the client owes that: how many of these
   * messages there are depends on what was sent to the client, and each has a bounded length.
   */
  Optional<String> acknowledgedBy(byte[] message) {
    if (message.length > Limits.REALTIME_ACKNOWLEDGEMENT) {
      return Optional.empty();
    }
    try {
      TwilsockFrame frame = TwilsockFrame.parse(message);
      return frame.isAcknowledgement() && awaits(frame.id())
          ? Optional.of(frame.id())
          : Optional.empty();
    } catch (TwilsockFrame.Malformed _) {
      return Optional.empty();
    }
  }

  private synchronized boolean awaits(String id) {
    return unacknowledged.containsKey(id);
  }

  synchronized void acknowledged(String id) {
    @Nullable Integer bytes = unacknowledged.remove(id);
    if (bytes != null) {
      unacknowledgedBytes -= bytes;
      notifyAll();
    }
  }
}

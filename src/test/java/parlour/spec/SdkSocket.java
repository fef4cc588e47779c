package parlour.spec;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import parlour.http.json.Json;

/**
 * A realtime socket as the published client uses it, for tests and benchmarks that need many of them:
 * the requests of the package's start, and an acknowledgement for each frame. One thread uses it.
 */
public final class SdkSocket implements AutoCloseable {
  private static final String BEGIN = "TWILSOCK V3.0 ";

  private final Wire wire;
  private final Deque<Frame> arrived = new ArrayDeque<>();

  /** Answers that came before the test waited for them: the server answers in any order. */
  private final Map<String, Frame> early = new LinkedHashMap<>();

  /** A WebSocket with binary messages. */
  public interface Wire extends AutoCloseable {
    void send(byte[] message) throws IOException;

    /** Waits for the next message. Throws when the socket is closed. */
    byte[] receive() throws IOException;

    @Override
    void close();
  }

  /** One Twilsock message. */
  public record Frame(Map<String, @Nullable Object> header, byte[] payload) {
    static Frame parse(byte[] message) {
      int line = 0;
      while (message[line] != '\r') {
        line++;
      }
      int length = Integer.parseInt(
          new String(message, BEGIN.length(), line - BEGIN.length(), StandardCharsets.US_ASCII));
      String header = new String(message, line + 2, length, StandardCharsets.UTF_8);
      byte[] payload = Arrays.copyOfRange(message, line + 2 + length + 2, message.length);
      return new Frame(Json.object(header).orElseThrow(), payload);
    }

    /** Makes the bytes of a message, and adds the length of the payload to the header. */
    public static byte[] bytes(Map<String, Object> header, byte[] payload) {
      Map<String, Object> whole = new LinkedHashMap<>(header);
      whole.put("payload_size", payload.length);
      byte[] head = Json.write(whole);
      var bytes = new ByteArrayOutputStream(head.length + payload.length + 32);
      bytes.writeBytes((BEGIN + head.length + "\r\n").getBytes(StandardCharsets.US_ASCII));
      bytes.writeBytes(head);
      bytes.writeBytes(new byte[] {'\r', '\n'});
      bytes.writeBytes(payload);
      return bytes.toByteArray();
    }

    public String method() {
      return String.valueOf(header.get("method"));
    }

    /** The payload, which is JSON. */
    public String text() {
      return new String(payload, StandardCharsets.UTF_8);
    }
  }

  /** A Sync object that is followed. */
  public record Followed(String kind, String sid, long lastEvent) {}

  public SdkSocket(Wire wire) {
    this.wire = wire;
  }

  /** The first frame: presents a token. Returns the status of the answer. */
  public long init(String token) throws IOException {
    return present("init", token);
  }

  /** Presents the next token of the session. */
  public long update(String token) throws IOException {
    return present("update", token);
  }

  /** Presents the next token, and does not wait for the answer. Returns the id of its frame. */
  public String presents(String token) throws IOException {
    return send(new LinkedHashMap<>(Map.of("method", "update", "token", token)), "");
  }

  /** Says something of a notification, and returns the status of the answer. */
  public long notificationContext(String method, String context) throws IOException {
    return replyStatus(
        send(new LinkedHashMap<>(Map.of("method", method, "notification_ctx_id", context)), "{}"));
  }

  private long present(String method, String token) throws IOException {
    return replyStatus(send(new LinkedHashMap<>(Map.of("method", method, "token", token)), ""));
  }

  /** Waits for the answer to a frame without a request in it. */
  public long replyStatus(String id) throws IOException {
    Frame reply = answer(id);
    return (Long) Objects.requireNonNull(member(reply.header(), "status").get("code"));
  }

  /** Makes a request, and returns the body of its answer; fails on any status but 2xx. */
  public Map<String, @Nullable Object> call(
      String method, String path, Map<String, String> params, String body) throws IOException {
    Frame reply = answer(ask(method, path, params, body));
    Object status = member(reply.header(), "http_status").get("code");
    if (!(status instanceof Long code) || code / 100 != 2) {
      throw new IllegalStateException(path + ": " + status + " " + reply.text());
    }
    return Json.object(reply.text()).orElse(Map.of());
  }

  /**
   * Sends a message, and returns the body of the answer.
   *
   * @param mutationId names the intent: the package repeats it when it sends a message again
   */
  public Map<String, @Nullable Object> says(String conversation, String text, String mutationId)
      throws IOException {
    Frame reply = message(conversation, text, mutationId);
    if (status(reply) != 201) {
      throw new IllegalStateException("not sent: " + status(reply) + " " + reply.text());
    }
    return Json.object(reply.text()).orElseThrow();
  }

  /** Sends a message, and returns the status of the answer. */
  public long sends(String conversation, String text, String mutationId) throws IOException {
    return status(message(conversation, text, mutationId));
  }

  private Frame message(String conversation, String text, String mutationId) throws IOException {
    String body = new String(Json.write(Map.of("body", text)), StandardCharsets.UTF_8);
    String path = "/Conversations/" + conversation + "/Messages";
    return answer(ask("POST", path, Map.of(), body, mutationId));
  }

  private static long status(Frame reply) {
    return (Long) Objects.requireNonNull(member(reply.header(), "http_status").get("code"));
  }

  /** Makes a request, and returns the status of its answer. */
  public long status(String method, String path, String body) throws IOException {
    return status(answer(ask(method, path, Map.of(), body)));
  }

  /** The frames that came before the last answer, and were not taken yet. */
  public List<Frame> arrived() {
    return List.copyOf(arrived);
  }

  /** Makes a request, and does not wait for its answer. Returns the id of its frame. */
  public String ask(String method, String path, Map<String, String> params, String body)
      throws IOException {
    return ask(method, path, params, body, UUID.randomUUID().toString());
  }

  private String ask(
      String method, String path, Map<String, String> params, String body, String mutationId)
      throws IOException {
    return send(
        new LinkedHashMap<>(Map.of(
            "method",
            "message",
            "active_grant",
            "ip_messaging",
            "payload_type",
            "application/json; charset=utf-8",
            "http_request",
            Map.of(
                "host",
                "aim.us1.twilio.com",
                "path",
                path,
                "method",
                method,
                "params",
                params,
                "headers",
                Map.of(
                    "Content-Type",
                    "application/json; charset=utf-8",
                    "X-Twilio-Mutation-Id",
                    mutationId)))),
        body);
  }

  /** The requests of the package's start. Returns its objects, which are not followed yet. */
  public List<Followed> reads(String conversation) throws IOException {
    Map<String, @Nullable Object> configuration =
        call("GET", "/Client/v2/Configuration", Map.of(), "");
    Map<?, ?> names = member(configuration, "sync_objects");
    String mine = path(member(configuration, "links").get("my_conversations"));
    List<Followed> objects = new ArrayList<>();
    objects.add(root("map", "/v3/Maps/" + names.get("my_conversations"), Map.of()));
    objects.add(root("map", "/v3/Maps/" + names.get("my_user_info"), Map.of("Include", "items")));
    var _ = call("GET", mine, Map.of(), "");
    objects.add(root("document", "/v3/Documents/" + conversation + ".channel", Map.of()));
    objects.add(root("list", "/v3/Lists/" + conversation + ".messages", Map.of()));
    objects.add(root("map", "/v3/Maps/" + conversation + ".roster", Map.of()));
    var _ = call(
        "GET",
        "/v3/Maps/" + objects.getLast().sid() + "/Items",
        Map.of("PageSize", "100", "Order", "asc"),
        "");
    return objects;
  }

  private Followed root(String kind, String path, Map<String, String> params) throws IOException {
    Map<String, @Nullable Object> root = call("GET", path, params, "");
    return new Followed(kind, String.valueOf(root.get("sid")), (Long)
        Objects.requireNonNull(root.get("last_event_id")));
  }

  /** The newest messages, as items of their list. */
  public List<Map<?, ?>> newest(Followed list, int size) throws IOException {
    Map<String, @Nullable Object> page = call(
        "GET",
        "/v3/Lists/" + list.sid() + "/Items",
        Map.of("PageSize", String.valueOf(size), "Order", "desc"),
        "");
    List<Map<?, ?>> items = new ArrayList<>();
    for (Object item : (List<?>) Objects.requireNonNull(page.get("items"))) {
      items.add((Map<?, ?>) item);
    }
    return items;
  }

  /** Follows objects from their last events on. Replays can arrive before the answer. */
  public void follows(List<Followed> objects) throws IOException {
    var _ = call("POST", "/v4/Subscriptions", Map.of(), subscription(objects));
  }

  /** The body of a request for subscriptions. */
  public static String subscription(List<Followed> objects) {
    return new String(
        Json.write(Map.of(
            "event_protocol_version",
            4,
            "action",
            "establish",
            "correlation_id",
            System.nanoTime(),
            "requests",
            objects.stream()
                .map(one -> Map.of(
                    "object_sid", one.sid(),
                    "object_type", one.kind(),
                    "last_event_id", one.lastEvent()))
                .toList())),
        StandardCharsets.UTF_8);
  }

  /**
   * The next frame that answers no request; it is acknowledged. Throws when the server closes the
   * socket.
   */
  public Frame next() throws IOException {
    Frame waiting = arrived.poll();
    if (waiting != null) {
      return waiting;
    }
    Frame frame = Frame.parse(wire.receive());
    while (keptAsEarly(frame)) {
      frame = Frame.parse(wire.receive());
    }
    acknowledge(frame);
    return frame;
  }

  private Frame answer(String id) throws IOException {
    while (true) {
      @Nullable Frame came = early.remove(id);
      if (came != null) {
        return came;
      }
      Frame frame = Frame.parse(wire.receive());
      if (!keptAsEarly(frame)) {
        acknowledge(frame);
        arrived.add(frame);
      }
    }
  }

  private boolean keptAsEarly(Frame frame) {
    if (!frame.method().equals("reply")) {
      return false;
    }
    early.put(String.valueOf(frame.header().get("id")), frame);
    return true;
  }

  private void acknowledge(Frame frame) throws IOException {
    Map<String, Object> reply = new LinkedHashMap<>();
    reply.put("id", String.valueOf(frame.header().get("id")));
    reply.put("method", "reply");
    reply.put("payload_type", "application/json");
    reply.put("status", Map.of("code", 200, "status", "OK"));
    wire.send(Frame.bytes(reply, new byte[0]));
  }

  private String send(Map<String, Object> header, String payload) throws IOException {
    String id = "TM" + UUID.randomUUID();
    header.put("id", id);
    wire.send(Frame.bytes(header, payload.getBytes(StandardCharsets.UTF_8)));
    return id;
  }

  private static Map<?, ?> member(Map<?, ?> object, String name) {
    return (Map<?, ?>) Objects.requireNonNull(object.get(name), name);
  }

  /** The path of a link of the configuration. */
  private static String path(@Nullable Object link) {
    return String.valueOf(link).replaceFirst("^https?://[^/]+", "");
  }

  @Override
  public void close() {
    wire.close();
  }
}

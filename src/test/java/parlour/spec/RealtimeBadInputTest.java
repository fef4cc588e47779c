package parlour.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static parlour.Eventually.until;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;
import parlour.Limits;
import parlour.LongForm;
import parlour.http.server.WireSocket;
import parlour.spec.Guest.Reply;
import parlour.spec.Installation.Shape;

/** The realtime socket and clients that send what the published package never sends. */
@ParameterizedClass
@InBothShapes
class RealtimeBadInputTest {
  private static final String CONFIGURATION = "/Client/v2/Configuration";

  @AutoClose
  private static final BothShapes installations = new BothShapes();

  private final Installation installation;
  private final Guest guest;
  private final List<PageSocket> open = new ArrayList<>();

  RealtimeBadInputTest(Shape shape) {
    installation = installations.in(shape);
    guest = installation.guest().starts();
  }

  private PageSocket connects() throws IOException {
    PageSocket peer = PageSocket.open(installation);
    open.add(peer);
    return peer;
  }

  @AfterEach
  void everybodyElseIsServed() throws IOException {
    SdkSocket other = connects().enters(installation.guest().starts());
    assertThat(other.status("GET", CONFIGURATION, "")).isEqualTo(200);
    open.forEach(PageSocket::close);
  }

  // ---- Frames

  /** Bytes that do not make a frame, or a frame without a meaning. */
  record Bad(String what, String bytes) {
    @Override
    public String toString() {
      return what;
    }
  }

  static final List<Bad> FRAMES = List.of(
      new Bad("nothing", ""),
      new Bad("another protocol", "GET / HTTP/1.1\r\n\r\n"),
      new Bad("another version", "TWILSOCK V2.0 2\r\n{}\r\n"),
      new Bad("no length", "TWILSOCK V3.0 \r\n{}\r\n"),
      new Bad("a header that is longer than its length", "TWILSOCK V3.0 1\r\n{}\r\n"),
      new Bad("a header that is shorter than its length", "TWILSOCK V3.0 999\r\n{}\r\n"),
      new Bad("a negative length", "TWILSOCK V3.0 -2\r\n{}\r\n"),
      new Bad(
          "a header of nearly 1 MiB",
          frame(
              "{\"method\":\"init\",\"id\":\"" + "x".repeat(Limits.REALTIME_FRAME - 100) + "\"}",
              "")),
      new Bad("a header that is not JSON", frame("secret", "")),
      new Bad("a header that is a list", frame("[]", "")),
      new Bad("a payload that is longer than its length", frame(header("update", 0, ""), "secret")),
      new Bad("a payload that is shorter than its length", frame(header("update", 99, ""), "{}")),
      new Bad("no method", frame("{\"id\":\"TM1\",\"payload_size\":0}", "")),
      new Bad("an unknown method", frame(header("secret", 0, ""), "")),
      new Bad("init again", frame(header("init", 0, ",\"tokens\":\"secret\""), "")),
      new Bad("update without a token", frame(header("update", 0, ""), "")),
      new Bad("update with a number", frame(header("update", 0, ",\"token\":7"), "")),
      new Bad("message without a request", frame(header("message", 0, ""), "")),
      new Bad("message with a text", frame(header("message", 0, ",\"http_request\":\"x\""), "")),
      new Bad("a body that is not UTF-8", message("POST", "/Typing", "\u00ff\u00fe")),
      new Bad("a subscription that is a list", message("POST", "/v4/Subscriptions", "[]")),
      new Bad(
          "a subscription to more objects than there can be",
          message(
              "POST",
              "/v4/Subscriptions",
              SdkSocket.subscription(objects(Limits.REALTIME_SUBSCRIPTIONS + 1)))));

  private static String frame(String header, String payload) {
    return "TWILSOCK V3.0 " + header.length() + "\r\n" + header + "\r\n" + payload;
  }

  private static String header(String method, int payloadSize, String more) {
    return "{\"method\":\"%s\",\"id\":\"TM1\"%s,\"payload_size\":%d}"
        .formatted(method, more, payloadSize);
  }

  private static String message(String method, String path, String body) {
    String request =
        ",\"http_request\":{\"method\":\"%s\",\"path\":\"%s\"}".formatted(method, path);
    return frame(header("message", body.length(), request), body);
  }

  private static List<SdkSocket.Followed> objects(int number) {
    return IntStream.range(0, number)
        .mapToObj(i -> new SdkSocket.Followed("list", "ES" + i, 0))
        .toList();
  }

  @ParameterizedTest
  @FieldSource("FRAMES")
  void a_malformed_frame_ends_the_socket_with_the_reason(Bad frame) throws IOException {
    PageSocket stranger = connects();
    stranger.frames().sendBytes(frame.bytes());
    stranger.assertClosed(1008);
    PageSocket peer = connects();
    SdkSocket socket = peer.enters(guest);
    assertThat(socket.status("GET", CONFIGURATION, "")).isEqualTo(200);
    peer.frames().sendBytes(frame.bytes());
    peer.assertClosed(1008);
  }

  @Test
  void a_text_frame_ends_the_socket() throws IOException {
    PageSocket stranger = connects();
    stranger.frames().sendText(frame(header("init", 0, ""), ""));
    stranger.assertClosed(1003);
    PageSocket peer = connects();
    peer.enters(guest);
    peer.frames().sendText(message("GET", CONFIGURATION, ""));
    peer.assertClosed(1003);
  }

  @Test
  void a_message_of_more_than_1_MiB_ends_the_socket() throws IOException {
    PageSocket peer = connects();
    peer.enters(guest);
    peer.frames().sendBytes("x".repeat(Limits.REALTIME_FRAME + 1));
    peer.assertClosed(1009);
  }

  @Test
  @LongForm(instead = "AdmittedSocketsTest")
  void a_client_that_never_presents_a_token_loses_its_socket() throws IOException {
    connects().assertClosed(1001);
  }

  /** The package says so of push notifications, which Parlour does not send. */
  @ParameterizedTest
  @ValueSource(strings = {"put_notification_ctx", "delete_notification_ctx"})
  void the_context_of_a_notification_is_accepted_and_without_effect(String method)
      throws IOException {
    SdkSocket socket = connects().enters(guest);
    assertThat(socket.notificationContext(method, "NC1")).isEqualTo(200);
    assertThat(socket.status("GET", CONFIGURATION, "")).isEqualTo(200);
  }

  // ---- Requests

  @ParameterizedTest
  @CsvSource({
    "GET, /, 404",
    "GET, '', 404",
    "GET, Client/v2/Configuration, 404",
    "GET, /Client/v2/Configuration/, 404",
    "GET, /Client/v2/../v2/Configuration, 404",
    "GET, /x/%2e%2e/Client/v2/Configuration, 404",
    "GET, /%252e%252e/Client/v2/Configuration, 404",
    "GET, /Client%2fv2%2fConfiguration, 404",
    "GET, /Client/v2/Configuration%00, 404",
    "GET, /webchat.twilio.com/webchat.twilio.com/Client/v2/Configuration, 404",
    "GET, /inbox/api/me, 404",
    "GET, /v1/Conversations, 404",
    "BREW, /Client/v2/Configuration, 404",
    "GET, /Client/v2/ContentTemplates, 404",
    "GET, /v3/Streams/x, 404",
    "GET, /v3/Maps/x, 404",
    "POST, /v3/Maps/x, 403",
    "DELETE, /v3/Lists/x/Items/0, 403",
    "POST, /v4/Streams, 404",
    "POST, /Conversations, 403",
    "GET, /Typing, 404",
    "POST, /Typing, 404",
  })
  void a_request_that_leads_nowhere_is_answered_and_the_socket_goes_on(
      String method, String path, long status) throws IOException {
    SdkSocket socket = connects().enters(guest);
    assertThat(socket.status(method, path, "")).isEqualTo(status);
    assertThat(socket.status("GET", "/" + "x".repeat(Limits.REALTIME_PATH), "")).isEqualTo(404);
    assertThat(socket.status("GET", "/webchat.twilio.com" + CONFIGURATION, "")).isEqualTo(200);
  }

  @Test
  void the_objects_of_other_guests_are_not_there() throws IOException {
    Guest other = installation.guest().starts();
    String message = other.says("secret", "a-1").text("sid");
    String sentFile = uploads(other);
    other.posts("/v2/Webchat/Messages", """
        {"body":"","client_id":"a-2","media_sids":["%s"]}""".formatted(sentFile));
    String unsentFile = uploads(other);
    SdkSocket victim = connects().enters(other);
    List<SdkSocket.Followed> objects = victim.reads(other.conversation());
    victim.follows(objects);
    String theirs = other.conversation();
    String identity = String.valueOf(
        Objects.requireNonNull(victim.call("GET", CONFIGURATION, Map.of(), "").get("identity")));
    SdkSocket socket = connects().enters(guest);
    String own = guest.conversation();
    assertThat(socket.reads(own)).hasSameSizeAs(objects);
    for (SdkSocket.Followed one : objects) {
      String kind =
          Map.of("map", "Maps", "list", "Lists", "document", "Documents").get(one.kind());
      assertThat(socket.status("GET", "/v3/" + kind + "/" + one.sid(), "")).isEqualTo(404);
      assertThat(socket.status("GET", "/v3/" + kind + "/" + one.sid() + "/Items", ""))
          .isEqualTo(404);
    }
    assertThat(socket.status("GET", "/v3/Lists/" + theirs + ".messages", "")).isEqualTo(404);
    assertThat(socket.status("GET", "/v3/Maps/" + theirs + ".roster/Items", "")).isEqualTo(404);
    assertThat(socket.status("GET", "/v3/Documents/" + theirs + ".channel", "")).isEqualTo(404);
    assertThat(socket.status("GET", "/Conversations/" + theirs, "")).isEqualTo(404);
    assertThat(socket.status("GET", "/MyConversations/" + theirs, "")).isEqualTo(404);
    assertThat(socket.status("GET", "/Users/" + identity, "")).isEqualTo(404);
    assertThat(socket.status("POST", "/Users/" + identity, "{\"friendly_name\":\"Eve\"}"))
        .isEqualTo(403);
    assertThat(
            socket.status("POST", "/MyConversations/" + theirs, "{\"last_read_message_index\":0}"))
        .isEqualTo(404);
    String messages = "/Conversations/" + theirs + "/Messages";
    assertThat(socket.status("POST", messages, "{\"body\":\"Eve\"}")).isEqualTo(404);
    assertThat(socket.status("POST", messages + "/" + message, "{\"body\":\"Eve\"}"))
        .isEqualTo(404);
    assertThat(socket.status("DELETE", messages + "/" + message, "")).isEqualTo(404);
    assertThat(socket.status("POST", "/Typing", "ChannelSid=" + theirs)).isEqualTo(404);
    String ownMessages = "/Conversations/" + own + "/Messages";
    assertThat(socket.status("POST", ownMessages + "/" + message, "{\"body\":\"Eve\"}"))
        .isEqualTo(403);
    assertThat(socket.status("DELETE", ownMessages + "/" + message, "")).isEqualTo(403);
    for (String file : List.of(sentFile, unsentFile)) {
      assertThat(socket.status("POST", ownMessages, "{\"media_sids\":[\"%s\"]}".formatted(file)))
          .isEqualTo(400);
    }
    socket.follows(objects);
    for (int i = 0; i < objects.size(); i++) {
      assertThat(socket.next().text()).contains("\"subscription_failed\"");
    }
    assertThat(other.says("and once more", "a-3").text("index")).isEqualTo("2");
    assertThat(next(victim, "list_item_added").text()).contains("and once more");
    assertThat(other.get("/v2/Webchat/Messages").response().body()).doesNotContain("Eve");
    assertThat(guest.says("mine", "b-1").text("index")).isEqualTo("0");
  }

  @Test
  void a_token_of_another_session_is_refused_and_ends_the_socket() throws IOException {
    Guest other = installation.guest().starts();
    PageSocket peer = connects();
    SdkSocket socket = peer.enters(guest);
    socket.follows(socket.reads(guest.conversation()));
    assertThat(socket.update(guest.token())).as("a token of its own session").isEqualTo(200);
    assertThat(socket.update(other.token())).isEqualTo(403);
    assertThat(other.says("secret", "a-1").status()).isEqualTo(201);
    assertThat(guest.says("mine", "b-1").status()).isEqualTo(201);
    WireSocket.Frame frame = peer.frames().next();
    while (frame.opcode() != WireSocket.CLOSE) {
      assertThat(frame.payload()).doesNotContain("secret");
      frame = peer.frames().next();
    }
    assertThat(frame.code()).isEqualTo(1008);
  }

  /** The package repeats a call that it does not know the answer of under the same id. */
  @Test
  void a_message_under_a_repeated_mutation_id_is_stored_once() throws IOException {
    SdkSocket socket = connects().enters(guest);
    String conversation = guest.conversation();
    String id = "573f5bab-0000-4000-8000-000000000001";
    Map<String, @Nullable Object> first = socket.says(conversation, "one", id);
    assertThat(socket.says(conversation, "one", id)).isEqualTo(first);
    assertThat(socket.says(conversation, "another text", id)).isEqualTo(first);
    SdkSocket anew = connects().enters(guest);
    assertThat(anew.says(conversation, "one", id)).isEqualTo(first);
    assertThat(anew.says(conversation, "two", id.replace("1", "2"))).containsEntry("index", 1L);
    assertThat(guest.get("/v2/Webchat/Messages").response().body())
        .containsOnlyOnce("\"body\":\"one\"")
        .doesNotContain("another text");
  }

  private String uploads(Guest by) {
    Reply file = by.send(
        "POST",
        "/v1/Services/IS" + installation.account.text().substring(2) + "/Media?Filename=a.txt",
        "A list",
        Map.of("X-Twilio-Token", by.token(), "Content-Type", "text/plain"));
    assertThat(file.status()).as(file.response().body()).isEqualTo(201);
    return file.text("sid");
  }

  private static SdkSocket.Frame next(SdkSocket socket, String event) throws IOException {
    SdkSocket.Frame frame = socket.next();
    while (!frame.text().contains("\"" + event + "\"")) {
      frame = socket.next();
    }
    return frame;
  }

  // ---- Subscriptions

  private static SdkSocket.Followed list(SdkSocket socket, Guest guest) throws IOException {
    return socket.reads(guest.conversation()).stream()
        .filter(one -> one.kind().equals("list"))
        .findFirst()
        .orElseThrow();
  }

  /** The client leaves a conversation and comes back: then pages and events begin anew. */
  @Test
  void a_cancelled_subscription_sends_nothing_and_pages_show_everything_after_the_next_root()
      throws IOException {
    SdkSocket socket = connects().enters(guest);
    List<SdkSocket.Followed> followed = List.of(list(socket, guest));
    socket.follows(followed);
    next(socket, "subscription_established");
    String cancel = SdkSocket.subscription(followed).replace("establish", "cancel");
    socket.call("POST", "/v4/Subscriptions", Map.of(), cancel);
    String correlation = cancel.replaceFirst("(?s).*\"correlation_id\":(\\d+).*", "$1");
    assertThat(socket.next().text())
        .contains("\"subscription_canceled\"", "\"correlation_id\":" + correlation)
        .contains("\"object_sid\":\"" + followed.getFirst().sid() + "\"");
    guest.says("meanwhile", "a-1");
    until(
        "a page after the next root shows the message",
        () -> socket.newest(list(socket, guest), 10).toString().contains("meanwhile"));
    SdkSocket.Followed anew = list(socket, guest);
    assertThat(socket.arrived())
        .as("events")
        .noneSatisfy(frame -> assertThat(frame.text()).contains("list_item_added"));
    socket.follows(List.of(anew));
    next(socket, "subscription_established");
    guest.says("afterwards", "a-2");
    assertThat(socket.next().text()).contains("\"list_item_added\"", "afterwards");
  }

  /** The client takes an empty page for the end of the list, and never shows the earlier ones. */
  @Test
  void a_page_passes_over_messages_whose_events_are_not_acknowledged() throws IOException {
    guest.says("the earlier one", "a-0");
    PageSocket page = connects();
    SdkSocket socket = new SdkSocket(new Unacknowledging(page));
    assertThat(socket.init(guest.token())).isEqualTo(200);
    SdkSocket.Followed list = list(socket, guest);
    socket.follows(List.of(list));
    int unhandled = 100;
    for (int i = 0; i < unhandled; i++) {
      guest.says("message " + i, "b-" + i);
    }
    while (!next(socket, "list_item_added").text().contains("\"message " + (unhandled - 1))) {}
    assertThat(socket.newest(list, 10))
        .singleElement()
        .satisfies(item -> assertThat(item.toString()).contains("the earlier one"));
  }

  /** The socket of a client that receives events and does not acknowledge them. */
  private record Unacknowledging(PageSocket socket) implements SdkSocket.Wire {
    @Override
    public void send(byte[] message) throws IOException {
      if (!SdkSocket.Frame.parse(message).method().equals("reply")) {
        socket.send(message);
      }
    }

    @Override
    public byte[] receive() throws IOException {
      return socket.receive();
    }

    @Override
    public void close() {
      socket.close();
    }
  }

  // ---- Amounts

  @Test
  void subscriptions_without_end_are_refused_or_replace_each_other() throws IOException {
    SdkSocket socket = connects().enters(guest);
    socket.follows(objects(Limits.REALTIME_SUBSCRIPTIONS));
    for (int i = 0; i < Limits.REALTIME_SUBSCRIPTIONS; i++) {
      assertThat(next(socket, "subscription_failed").text()).contains("\"ES" + i + "\"");
    }
    SdkSocket.Followed list = socket.reads(guest.conversation()).stream()
        .filter(one -> one.kind().equals("list"))
        .findFirst()
        .orElseThrow();
    int times = 300;
    for (int i = 0; i < times; i++) {
      socket.follows(Collections.nCopies(Limits.REALTIME_SUBSCRIPTIONS, list));
    }
    for (int i = 0; i < times; i++) {
      next(socket, "subscription_established");
    }
    guest.says("one", "a-1");
    guest.says("two", "a-2");
    assertThat(socket.next().text()).contains("\"list_item_added\"", "\"one\"");
    assertThat(socket.next().text()).contains("\"list_item_added\"", "\"two\"");
  }

  /** Otherwise one client could keep any amount of messages in the memory of the server. */
  @Test
  @LongForm(instead = "FramePaceTest and OutboxTest")
  void a_client_that_acknowledges_nothing_gets_so_many_frames_and_loses_the_socket()
      throws IOException {
    SdkSocket good = connects().enters(guest);
    List<SdkSocket.Followed> list = good.reads(guest.conversation()).stream()
        .filter(one -> one.kind().equals("list"))
        .toList();
    good.follows(list);
    PageSocket silent = connects();
    silent.enters(guest);
    silent.frames().sendBytes(message("POST", "/v4/Subscriptions", SdkSocket.subscription(list)));
    int messages = Limits.REALTIME_UNACKNOWLEDGED + 10;
    for (int i = 0; i < messages; i++) {
      guest.says("message " + i, "a-" + i);
    }
    for (int i = 0; i < messages; i++) {
      assertThat(next(good, "list_item_added").text()).contains("\"message " + i + "\"");
    }
    int notifications = 0;
    WireSocket.Frame frame = silent.frames().next();
    while (frame.opcode() != WireSocket.CLOSE) {
      notifications += frame.payload().contains("\"method\":\"notification\"") ? 1 : 0;
      frame = silent.frames().next();
    }
    assertThat(notifications).isEqualTo(Limits.REALTIME_UNACKNOWLEDGED);
    assertThat(frame.code()).isEqualTo(1001);
  }

  @Test
  void a_client_that_acknowledges_nothing_gets_so_many_bytes_and_loses_the_socket()
      throws IOException {
    PageSocket silent = connects();
    SdkSocket socket = new SdkSocket(new Unacknowledging(silent));
    assertThat(socket.init(guest.token())).isEqualTo(200);
    socket.follows(List.of(list(socket, guest)));
    String body = "x".repeat(30_000);
    int fit = Limits.REALTIME_UNACKNOWLEDGED_BYTES / body.length();
    for (int i = 0; i < 2 * fit; i++) {
      guest.says(body, "a-" + i);
    }
    int messages = (int)
        socket.arrived().stream().filter(frame -> frame.text().contains(body)).count();
    StringBuilder message = new StringBuilder(); // the edge passes it on in parts
    WireSocket.Frame frame = silent.frames().next();
    while (frame.opcode() != WireSocket.CLOSE) {
      message.append(frame.payload());
      if (frame.last()) {
        messages += message.indexOf(body) >= 0 ? 1 : 0;
        message.setLength(0);
      }
      frame = silent.frames().next();
    }
    assertThat(messages).isBetween(fit - 1, fit);
    assertThat(frame.code()).isEqualTo(1001);
  }
}

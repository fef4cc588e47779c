package parlour.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;
import parlour.Limits;
import parlour.Sha256;
import parlour.Sid;
import parlour.accounts.Accounts;
import parlour.accounts.AllowedOrigins;
import parlour.accounts.Lifetimes;
import parlour.accounts.TokenRules;
import parlour.http.json.Json;
import parlour.spec.Guest.Reply;
import parlour.spec.Installation.Shape;
import parlour.spec.TestClients.Rejected;
import parlour.spec.TestClients.SdkClient;

/** Files by the published clients, unchanged, and the calls that they make for them. */
@ParameterizedClass
@InBothShapes
class RealtimeFilesTest {
  static final List<String> VERSIONS = TestClients.VERSIONS;

  private static final String TEXT = "A list:\n- one\n- two \uD83D\uDE42\n";
  private static final byte[] PICTURE = picture();

  @AutoClose
  private static final BothShapes installations = new BothShapes();

  private static final TestClients clients = TestClients.start();
  private static final Map<Shape, Sid.Deployment> deployments = new EnumMap<>(Shape.class);

  private final Installation installation;
  private final Sid.Deployment deployment;
  private final Guest guest;
  private final List<SdkClient> connected = new ArrayList<>();

  RealtimeFilesTest(Shape shape) {
    installation = installations.in(shape);
    // Node sends no Origin, so that only a deployment without a list admits it.
    deployment = deployments.computeIfAbsent(
        shape, _ -> deploy(AllowedOrigins.any(), TokenRules.DEFAULT.withRealtime()));
    guest = installation.guest().of(deployment).starts();
  }

  private Sid.Deployment deploy(AllowedOrigins origins, TokenRules rules) {
    return installation.deploy(new Accounts.Settings(
        Optional.of(installation.address), origins, rules, Lifetimes.DEFAULT));
  }

  @AfterEach
  void everyErrorOfTheClientsWasCaught() {
    connected.forEach(one -> one.does("shutdown"));
    assertThat(clients.unexpected()).isEmpty();
  }

  @AfterAll
  static void stop() {
    clients.close();
  }

  // ---- The packages

  @ParameterizedTest
  @FieldSource("VERSIONS")
  void a_guest_sends_a_picture_and_a_text_and_everybody_in_the_chat_can_open_them(String version) {
    SdkClient client = connect(version);
    client.does("sendFile", here("file", pictureFile()));
    client.does("sendForm", here("file", textFile("list.txt")));
    var picture =
        client.sees("messageAdded", one -> "photo.png".equals(file(one).get("filename")));
    var text = client.sees("messageAdded", one -> "list.txt".equals(file(one).get("filename")));
    assertThat(file(picture))
        .containsEntry("contentType", "image/png")
        .containsEntry("category", "media")
        .containsEntry("size", (long) PICTURE.length);
    assertThat(file(text)).containsEntry("contentType", "text/plain");
    assertOpens(client, picture, PICTURE);
    assertOpens(client, text, bytes(TEXT));
    AgentBrowser agent = new AgentBrowser(installation);
    assertThat(agent.reads(guest.conversation()).response().body())
        .contains("photo.png", "list.txt");
    assertThat(Http.bytes(URI.create(linkOfServer(sid(picture))))).isEqualTo(PICTURE);
    assertThat(Http.bytes(URI.create(linkOfServer(sid(text))))).isEqualTo(bytes(TEXT));
  }

  @ParameterizedTest
  @FieldSource("VERSIONS")
  void a_message_takes_a_text_and_several_files_in_their_order(String version) {
    SdkClient client = connect(version);
    client.does(
        "sendFiles",
        here("body", "Both pages", "files", List.of(textFile("one.txt"), textFile("two.txt"))));
    var message = client.sees("messageAdded", one -> "Both pages".equals(one.get("body")));
    assertThat(files(message))
        .extracting(one -> one.get("filename"))
        .containsExactly("one.txt", "two.txt");
    assertOpens(client, message, bytes(TEXT), bytes(TEXT));
    SdkClient later = connect(version);
    assertThat(files(later.lists("newest", here("size", 10)).getFirst())).isEqualTo(files(message));
  }

  @ParameterizedTest
  @FieldSource("VERSIONS")
  void a_server_sends_a_file_and_the_guest_opens_it_until_it_is_removed(String version) {
    SdkClient client = connect(version);
    String sent = serverSends("offer.txt");
    var message = client.sees("messageAdded", one -> sent.equals(one.get("sid")));
    assertThat(file(message)).containsEntry("filename", "offer.txt");
    assertThat(message).containsEntry("author", "bot");
    assertOpens(client, message, bytes(TEXT));
    server("DELETE", "/v1/Conversations/" + guest.conversation() + "/Messages/" + sent, "");
    client.sees("messageRemoved", one -> sent.equals(one.get("sid")));
    assertThatThrownBy(() -> client.does("openFiles", "message", sent))
        .isInstanceOfSatisfying(
            Rejected.class, rejected -> assertThat(rejected.status()).isEqualTo(404));
  }

  @ParameterizedTest
  @FieldSource("VERSIONS")
  void an_upload_that_broke_in_the_middle_is_repeated_and_sent_once(String version) {
    TestClients.CuttableLine line = clients.line(installation.edge().getPort());
    SdkClient client = connect(version, line.port());
    Map<String, Object> file =
        Map.of("contentType", "text/plain", "filename", "long.txt", "size", 2 << 20);
    line.limit(1 << 20);
    assertThatThrownBy(() -> client.does("sendFile", here("file", file)))
        .isInstanceOf(Rejected.class);
    line.lift();
    client.does("sendFile", here("file", file));
    var message = client.sees("messageAdded", one -> true);
    assertThat(file(message)).containsEntry("size", 2L << 20);
    assertThat(server("GET", "/v1/Conversations/" + guest.conversation() + "/Messages", "")
            .response()
            .body())
        .containsOnlyOnce("\"filename\":\"long.txt\"");
  }

  @ParameterizedTest
  @FieldSource("VERSIONS")
  void a_file_that_is_not_accepted_says_why_and_sends_nothing(String version) {
    SdkClient client = connect(version);
    Map<String, Object> tooLong = Map.of(
        "contentType", "text/plain", "filename", "a.txt", "size", Limits.MEDIA_FILE_BYTES + 1);
    assertThatThrownBy(() -> client.does("sendFile", here("file", tooLong)))
        .isInstanceOfSatisfying(Rejected.class, rejected -> {
          assertThat(rejected.status()).isEqualTo(413);
          assertThat(rejected).hasMessageContaining("too large");
        });
    Map<String, Object> page = Map.of(
        "contentType",
        "image/png",
        "filename",
        "photo.png",
        "text",
        "<!DOCTYPE html><script>alert(1)</script>");
    for (String way : List.of("sendFile", "sendForm")) {
      assertThatThrownBy(() -> client.does(way, here("file", page)))
          .isInstanceOfSatisfying(Rejected.class, rejected -> {
            assertThat(rejected.status()).isEqualTo(415);
            assertThat(rejected).hasMessageContaining("text/html");
          });
    }
    assertThat(client.gets("conversation", here())).containsEntry("last", null);
  }

  /**
   * All versions at once, because each waits for the same time until its server sees the expiry.
   */
  @Test
  void an_expired_token_is_answered_by_its_code_and_a_newer_one_opens_files() {
    Map<String, SdkClient> clientOf = new LinkedHashMap<>();
    VERSIONS.forEach(version -> clientOf.put(version, connect(version)));
    String sent = serverSends("offer.txt");
    clientOf
        .values()
        .forEach(client -> client.sees("messageAdded", one -> sent.equals(one.get("sid"))));
    installation.clock.pass(Limits.TOKEN_TTL_DEFAULT.dividedBy(2));
    guest.reloads();
    installation.clock.pass(Limits.TOKEN_TTL_DEFAULT.dividedBy(2).plusSeconds(1));
    clientOf.forEach((version, client) -> {
      client.sees("tokenExpired", one -> true);
      client.sees("connectionStateChanged", one -> "disconnected".equals(one.get("state")));
      assertThatThrownBy(() -> client.does("openFiles", "message", sent))
          .as(version)
          .isInstanceOfSatisfying(Rejected.class, rejected -> {
            assertThat(rejected.status()).isEqualTo(401);
            assertThat(rejected).hasMessageContaining("20104");
          });
    });
    clientOf.forEach((version, client) -> {
      client.does("updateToken", "token", guest.token());
      var message = client.sees("messageAdded", one -> sent.equals(one.get("sid")));
      assertOpens(client, message, bytes(TEXT));
    });
  }

  // ---- Their calls

  @Test
  void the_record_of_a_file_has_all_that_the_packages_read() {
    Reply file = uploads(guest.token(), "?Category=media&Filename=a.txt");
    assertThat(file.status()).as(file.response().body()).isEqualTo(201);
    assertThat(file.header("Content-Type")).isEqualTo("application/json");
    assertThat(file.json())
        .containsEntry("service_sid", "IS" + installation.account.text().substring(2))
        .containsEntry("size", (long) bytes(TEXT).length)
        .containsEntry("content_type", "text/plain")
        .containsEntry("filename", "a.txt")
        .containsEntry("category", "media")
        .containsEntry("channel_sid", null)
        .containsEntry("message_sid", null)
        .containsEntry("is_multipart_upstream", false)
        .containsEntry("url", installation.edge() + service() + "/" + file.text("sid"))
        .containsKeys("date_created", "date_updated", "date_upload_updated");
    assertThat(file.text("author")).startsWith("guest_");
    assertThat(Http.bytes(URI.create(link(file.json())))).isEqualTo(bytes(TEXT));
    Reply again = media("GET", service() + "/" + file.text("sid"), guest.token(), "");
    assertThat(again.status()).isEqualTo(200);
    assertThat(again.text("sid")).isEqualTo(file.text("sid"));
  }

  @Test
  void a_set_has_the_records_in_the_order_asked_for_and_404_for_what_the_guest_cannot_open() {
    String first = uploads(guest.token(), "").text("sid");
    String second = uploads(guest.token(), "").text("sid");
    Guest other = installation.guest().of(deployment).starts();
    String theirs = uploads(other.token(), "").text("sid");
    Reply set = set(second, theirs, first, "ME0");
    assertThat(set.status()).as(set.response().body()).isEqualTo(200);
    Map<String, @Nullable Object> answer =
        Json.object("{\"list\":" + set.response().body() + "}").orElseThrow();
    List<Object> list = list(answer.get("list"));
    assertThat(list)
        .extracting(one -> members(one).get("code") + " " + sid(members(one).get("media_record")))
        .containsExactly("200 " + second, "404 " + theirs, "200 " + first, "404 ME0");
    assertThat(Http.bytes(URI.create(link(members(members(list.getFirst()).get("media_record"))))))
        .isEqualTo(bytes(TEXT));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "{\"command\":\"get\"}",
        "{\"command\":\"delete\",\"list\":[]}",
        "{\"command\":\"get\",\"list\":[\"ME1\"]}",
        "{\"command\":\"get\",\"list\":[{\"media_sid\":1}]}",
      })
  void a_set_of_another_form_is_refused(String body) {
    assertThat(media("POST", service() + "Set", guest.token(), body).status()).isEqualTo(400);
  }

  @Test
  void a_set_is_bounded() {
    String[] sids = new String[Limits.MEDIA_SET + 1];
    Arrays.fill(sids, "ME" + "0".repeat(32));
    assertThat(set(sids).status()).isEqualTo(400);
    assertThat(set(Arrays.copyOf(sids, Limits.MEDIA_SET)).status()).isEqualTo(200);
  }

  @Test
  void only_the_guests_of_a_service_use_it_with_a_token_that_opens_the_socket_too() {
    String other = "/v1/Services/IS" + "0".repeat(32) + "/Media";
    assertThat(media("POST", other, guest.token(), TEXT).status()).isEqualTo(404);
    assertThat(refused("plr1.nonsense")).isEqualTo("401 20101");
    assertThat(refused("")).isEqualTo("401 20101");
    Guest bound = installation.guest().of(deployment).withKey(GuestKey.next()).starts();
    assertThat(refused(bound.token())).as("bound to a key").isEqualTo("403 45779");
    Guest withoutRealtime = installation
        .guest()
        .of(deploy(AllowedOrigins.any(), TokenRules.DEFAULT))
        .starts();
    assertThat(refused(withoutRealtime.token())).as("--realtime off").isEqualTo("401 20101");
    server("DELETE", "/v1/Conversations/" + guest.conversation(), "");
    assertThat(refused(guest.token())).as("erased").isEqualTo("401 20101");
  }

  @Test
  void a_closed_conversation_takes_no_file_and_shows_those_that_it_has() {
    String sent = serverSends("offer.txt");
    server("POST", "/v1/Conversations/" + guest.conversation(), "State=closed");
    assertThat(refused(guest.token())).isEqualTo("409 45781");
    Reply messages =
        server("GET", "/v1/Conversations/" + guest.conversation() + "/Messages/" + sent, "");
    String file = sid(list(messages.json().get("media")).getFirst());
    assertThat(media("GET", service() + "/" + file, guest.token(), "").status()).isEqualTo(200);
  }

  @Test
  void a_page_of_an_allowed_origin_can_read_every_answer_and_of_another_one_only_the_refusal() {
    Guest listed = installation.guest().starts();
    for (String prefix : List.of("", "/webchat.twilio.com")) {
      for (String path : List.of("", "/ME0", "Set")) {
        Map<String, String> preflight = new LinkedHashMap<>();
        preflight.put("Origin", Installation.ORIGIN);
        preflight.put("Access-Control-Request-Method", "POST");
        preflight.put("Access-Control-Request-Headers", "content-type,x-twilio-token");
        Reply allowed = guest.send("OPTIONS", prefix + service() + path, "", preflight);
        assertThat(allowed.status()).isEqualTo(204);
        assertThat(allowed.header("Access-Control-Allow-Origin")).isEqualTo("*");
        assertThat(allowed.header("Access-Control-Allow-Headers"))
            .contains("content-type", "x-twilio-token");
      }
      Reply read = ofPage(listed, Installation.ORIGIN, "POST", prefix + service());
      assertThat(read.status()).as(read.response().body()).isEqualTo(201);
      assertThat(read.header("Access-Control-Allow-Origin")).isEqualTo(Installation.ORIGIN);
      Reply missing = ofPage(listed, Installation.ORIGIN, "GET", prefix + service() + "/ME0");
      assertThat(missing.status()).isEqualTo(404);
      assertThat(missing.header("Access-Control-Allow-Origin")).isEqualTo(Installation.ORIGIN);
      Reply elsewhere = ofPage(listed, "https://evil.example", "POST", prefix + service());
      assertThat(elsewhere.status()).isEqualTo(403);
      assertThat(elsewhere.header("Access-Control-Allow-Origin")).isEqualTo("*");
    }
  }

  @Test
  void a_category_that_no_client_has_is_refused() {
    assertThat(uploads(guest.token(), "?Category=else").status()).isEqualTo(400);
    assertThat(uploads(guest.token(), "?Category=body").text("category")).isEqualTo("body");
  }

  // ---- What they share

  private SdkClient connect(String version) {
    return connect(version, installation.edge().getPort());
  }

  private SdkClient connect(String version, int port) {
    SdkClient client = clients.client(version);
    connected.add(client);
    client.connect(guest.token(), port);
    // The package loads the conversation after its start; what comes meanwhile is history to it.
    client.lists("newest", here("size", 1));
    return client;
  }

  private Object[] here(Object... arguments) {
    List<Object> all = new ArrayList<>(List.of("sid", guest.conversation()));
    all.addAll(List.of(arguments));
    return all.toArray();
  }

  private static Map<String, Object> pictureFile() {
    return Map.of(
        "contentType",
        "image/png",
        "filename",
        "photo.png",
        "base64",
        Base64.getEncoder().encodeToString(PICTURE));
  }

  private static Map<String, Object> textFile(String name) {
    return Map.of("contentType", "text/plain", "filename", name, "text", TEXT);
  }

  private static byte[] picture() {
    var bytes = new ByteArrayOutputStream();
    try {
      ImageIO.write(new BufferedImage(40, 30, BufferedImage.TYPE_INT_RGB), "png", bytes);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    return bytes.toByteArray();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** Every way of the package to open the files of a message gives their bytes. */
  private static void assertOpens(
      SdkClient client, Map<String, @Nullable Object> message, byte[]... contents) {
    List<Object> digests = new ArrayList<>();
    for (byte[] content : contents) {
      digests.add(HexFormat.of().formatHex(Sha256.of(content)));
    }
    assertThat(list(client.does("openFiles", "message", sid(message))))
        .hasSizeGreaterThan(1)
        .allSatisfy(way -> assertThat(list(way)).containsExactlyElementsOf(digests));
  }

  private static List<Map<String, @Nullable Object>> files(Map<String, @Nullable Object> message) {
    return list(message.get("files")).stream().map(RealtimeFilesTest::members).toList();
  }

  /** The only file of a message; without members if there is none. */
  private static Map<String, @Nullable Object> file(Map<String, @Nullable Object> message) {
    return files(message).stream().findFirst().orElse(Map.of());
  }

  private String service() {
    return "/v1/Services/IS" + installation.account.text().substring(2) + "/Media";
  }

  private Reply server(String method, String path, String form) {
    return installation.server(method, path, form);
  }

  /** Returns the sid of the message. */
  private String serverSends(String fileName) {
    Reply file = installation.serverUploads(fileName, TEXT);
    Reply sent = server(
        "POST",
        "/v1/Conversations/" + guest.conversation() + "/Messages",
        "Author=bot&MediaSid=" + file.text("sid"));
    assertThat(sent.status()).as(sent.response().body()).isEqualTo(201);
    return sent.text("sid");
  }

  /** The link that a server gets to a file of a message. */
  private String linkOfServer(String message) {
    Reply sent =
        server("GET", "/v1/Conversations/" + guest.conversation() + "/Messages/" + message, "");
    String file = sid(list(sent.json().get("media")).getFirst());
    return link(server("GET", service() + "/" + file, "").json());
  }

  private Reply uploads(String token, String query) {
    return media("POST", service() + query, token, TEXT);
  }

  /** A call of the package, as it makes it. */
  private Reply media(String method, String path, String token, String body) {
    return guest.send(
        method, path, body, Map.of("X-Twilio-Token", token, "Content-Type", "text/plain"));
  }

  /** A call of a guest's page at an origin. */
  private static Reply ofPage(Guest guest, String origin, String method, String path) {
    Map<String, String> headers =
        Map.of("X-Twilio-Token", guest.token(), "Content-Type", "text/plain");
    return guest.copiedTo(Browser.CHROME_ON_WINDOWS).from(origin).send(method, path, TEXT, headers);
  }

  private Reply set(String... sids) {
    String list = "{\"media_sid\":\"" + String.join("\"},{\"media_sid\":\"", sids) + "\"}";
    return media(
        "POST", service() + "Set", guest.token(), "{\"command\":\"get\",\"list\":[" + list + "]}");
  }

  /** The status and the code of the refusal of an upload, the same for reading. */
  private String refused(String token) {
    Reply upload = uploads(token, "");
    return upload.status() + " " + upload.code();
  }

  private static String link(Map<String, @Nullable Object> file) {
    return String.valueOf(members(file.get("links")).get("content_direct_temporary"));
  }

  private static String sid(@Nullable Object of) {
    return String.valueOf(members(of).get("sid"));
  }

  @SuppressWarnings("unchecked") // the parser makes such maps
  private static Map<String, @Nullable Object> members(@Nullable Object object) {
    return (Map<String, @Nullable Object>) Objects.requireNonNull(object);
  }

  @SuppressWarnings("unchecked") // the parser makes such lists
  private static List<Object> list(@Nullable Object list) {
    return (List<Object>) Objects.requireNonNull(list);
  }
}

package parlour.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import parlour.config.Setting;
import parlour.http.server.WireSocket;
import parlour.process.ServiceDecorators;
import parlour.spec.Guest.Reply;
import parlour.spec.Installation.Shape;

/** An installation whose files have a host of their own ({@code media.url}). */
@ParameterizedClass
@InBothShapes
class FilesHostTest {
  private static final String TEXT = "A list:\n- one\n- two\n";
  private static final String MAIN = "chat.example.com";
  private static final String FILES = "files.example.com";

  @AutoClose
  private static final BothShapes installations = new BothShapes(
      ServiceDecorators.NONE,
      Map.of(Setting.PUBLIC_URL, "https://" + MAIN, Setting.MEDIA_URL, "https://" + FILES));

  private final Installation installation;
  private final Guest guest;

  FilesHostTest(Shape shape) {
    installation = installations.in(shape);
    guest = installation.guest().starts();
  }

  @Test
  void every_interface_gives_links_to_the_host_of_files_and_their_records_stay_where_they_were() {
    guest.says("Hello", "a");
    String service = "/v1/Services/IS" + installation.account.text().substring(2) + "/Media";
    assertHasLinks("/v2/Webchat/Media/", uploads());
    assertHasLinks(
        "/inbox/api/conversations/" + guest.conversation() + "/media/",
        new AgentBrowser(installation).uploads(guest.conversation(), "a.txt", "a", TEXT));
    assertHasLinks("https://" + MAIN + service + "/", installation.serverUploads("a.txt", TEXT));
    Map<String, String> ofThePackage =
        Map.of("X-Twilio-Token", guest.token(), "Content-Type", "text/plain");
    assertHasLinks(
        "https://" + MAIN + service + "/",
        guest.send("POST", service + "?Filename=a.txt", TEXT, ofThePackage));
  }

  private void assertHasLinks(String url, Reply record) {
    assertThat(record.status()).as(record.response().body()).isEqualTo(201);
    assertThat(record.text("url")).startsWith(url);
    assertThat(links(record).values())
        .hasSizeGreaterThan(1)
        .allSatisfy(
            link -> assertThat(String.valueOf(link)).startsWith("https://" + FILES + "/media/"));
    Raw.Answer opened = at(FILES, "GET " + path(record));
    assertThat(opened.status()).as(url).isEqualTo(200);
    assertThat(opened.body()).isEqualTo(TEXT);
  }

  @ParameterizedTest
  @ValueSource(strings = {FILES, "FILES.example.com", FILES + ":443", FILES + ":8443"})
  void it_answers_files_as_data_that_pages_of_every_origin_can_read(String host) {
    String path = path(uploads());
    Raw.Answer opened = at(host, "GET " + path, "Origin: https://shop.example.com");
    assertThat(opened.status()).isEqualTo(200);
    assertThat(opened.body()).isEqualTo(TEXT);
    assertThat(opened.header("Access-Control-Allow-Origin")).contains("*");
    assertThat(opened.header("Content-Disposition").orElseThrow()).startsWith("attachment");
    assertThat(opened.header("Content-Security-Policy").orElseThrow())
        .contains("sandbox", "default-src 'none'");
    assertThat(opened.header("X-Content-Type-Options")).contains("nosniff");
    assertThat(at(host, "HEAD " + path).status()).isEqualTo(200);
    Raw.Answer preflight = at(host, "OPTIONS " + path, "Access-Control-Request-Method: GET");
    assertThat(preflight.status()).isEqualTo(204);
    assertThat(preflight.header("Access-Control-Allow-Origin")).contains("*");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /",
        "GET /inbox",
        "GET /inbox.js",
        "GET /console",
        "GET /demo",
        "GET /webchat.js",
        "GET /health/live",
        "GET /health/ready",
        "GET /v2/Webchat/Availability",
        "GET /v2/Webchat/Messages",
        "OPTIONS /v2/Webchat/Init",
        "OPTIONS /nothing",
        "POST /v2/Webchat/Init",
        "POST /webchat.twilio.com/v2/Webchat/Init",
        "POST /v2/Webchat/Media",
        "POST /v1/Services/IS00000000000000000000000000000000/Media",
        "GET /v1/Conversations",
        "POST /inbox/api/sign-in",
        "GET /inbox/api/me",
        "GET /media",
      })
  void it_answers_nothing_else(String call) {
    for (String host : List.of(FILES, FILES + ":8443", FILES + ".")) {
      Raw.Answer answer = at(host, call, "Content-Length: 0", "Origin: https://" + MAIN);
      assertThat(answer.status()).as(answer.body()).isEqualTo(404);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/media/../inbox", "/media/%2e%2e/inbox", "/media/%252e%252e%252finbox"})
  void no_path_climbs_out_of_the_files(String path) {
    assertThat(at(FILES, "GET " + path).status()).isEqualTo(400);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v2/Webchat/Stream", "/v3/wsconnect", "/inbox/api/stream"})
  void it_opens_no_socket(String path) {
    String[] handshake = WireSocket.HANDSHAKE.strip().split("\r\n", -1);
    Raw.Answer answer = at(FILES, "GET " + path, handshake);
    assertThat(answer.status()).as(answer.body()).isEqualTo(404);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {MAIN, MAIN + ":443", "127.0.0.1", "localhost", "x." + FILES, "example.com"})
  void no_other_host_answers_a_file(String host) {
    String path = path(uploads());
    for (String prefix : List.of("", "/webchat.twilio.com")) {
      String plain = prefix.isEmpty() ? path : path.replaceFirst("/list\\.txt$", "/list");
      Raw.Answer answer = at(host, "GET " + prefix + plain);
      assertThat(answer.status()).as(answer.body()).isEqualTo(404);
      assertThat(answer.body()).doesNotContain(TEXT);
      assertThat(answer.header("Access-Control-Allow-Origin")).contains("*");
    }
  }

  /** Otherwise one could be used as the other. */
  @Test
  void an_address_in_the_request_line_counts_and_must_be_that_of_the_host() {
    String path = path(uploads());
    assertThat(at(FILES, "GET http://" + FILES + path).status()).isEqualTo(200);
    assertThat(at(MAIN, "GET http://" + MAIN + path).status()).isEqualTo(404);
    assertThat(at(MAIN, "GET http://" + FILES + path).status()).isEqualTo(400);
    assertThat(at(FILES, "GET http://" + MAIN + "/inbox").status()).isEqualTo(400);
    assertThat(at(MAIN, "GET " + path, "X-Forwarded-Host: " + FILES).status()).isEqualTo(404);
  }

  @Test
  void our_own_pages_with_files_may_show_images_of_it_and_the_others_may_not() {
    for (String page : List.of("/inbox", "/demo")) {
      assertThat(policy(page)).contains("; img-src 'self' https://" + FILES + "; ");
    }
    for (String page : List.of("/", "/console")) {
      assertThat(policy(page)).contains("; img-src 'self'; ");
    }
  }

  private String policy(String page) {
    return at(MAIN, "GET " + page).header("Content-Security-Policy").orElseThrow();
  }

  private Reply uploads() {
    Map<String, String> headers = new HashMap<>(guest.bearer());
    headers.put("Content-Type", "text/plain");
    return guest.post("/v2/Webchat/Media?Filename=list.txt&ClientId=a", TEXT, headers);
  }

  private static Map<?, ?> links(Reply record) {
    return (Map<?, ?>) Objects.requireNonNull(record.json().get("links"));
  }

  private static String path(Reply record) {
    @Nullable Object link = links(record).get("content_direct_temporary");
    return URI.create(String.valueOf(link)).getRawPath();
  }

  /** A call of this host, which a proxy passes on. */
  private Raw.Answer at(String host, String call, String... headers) {
    String head = call + " HTTP/1.1\nHost: " + host + "\n" + String.join("\n", headers);
    return Raw.send(installation.edge(), head, "");
  }
}

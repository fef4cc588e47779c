package parlour.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import parlour.Limits;
import parlour.spec.Guest.Reply;
import parlour.spec.Installation.Shape;

/** Files, from the uploader to the reader, by the interfaces of guests and of servers. */
@ParameterizedClass
@EnumSource(Shape.class)
class FilesTest {
  private static final String TEXT = "A list:\n- one\n- two\n";
  private static final String FORM = "multipart/form-data; boundary=----edge";

  @AutoClose
  private static final BothShapes installations = new BothShapes();

  private final Installation installation;
  private final Guest guest;

  FilesTest(Shape shape) {
    installation = installations.in(shape);
    guest = installation.guest().starts();
  }

  @Test
  void a_guest_uploads_a_file_and_sends_it_and_everybody_in_the_chat_can_open_it() {
    Reply file = uploads(guest, "list.txt", "a", TEXT);
    assertThat(file.status()).as(file.response().body()).isEqualTo(201);
    assertThat(file.json())
        .containsEntry("filename", "list.txt")
        .containsEntry("content_type", "text/plain")
        .containsEntry("size", (long) TEXT.length());
    Reply sent = sends(guest, "", "m1", file.text("sid"));
    assertThat(sent.status()).as(sent.response().body()).isEqualTo(201);
    assertThat(sent.json().get("media"))
        .isEqualTo(List.of(Map.of(
            "sid",
            file.text("sid"),
            "category",
            "media",
            "filename",
            "list.txt",
            "content_type",
            "text/plain",
            "size",
            (long) TEXT.length(),
            "preview",
            false)));
    assertThat(opened(link(guest.get("/v2/Webchat/Media/" + file.text("sid")))).body())
        .isEqualTo(TEXT);
    Reply seen = server("GET", "/v1/Conversations/" + guest.conversation() + "/Messages", "", "");
    assertThat(seen.response().body()).contains(file.text("sid"));
    Reply record = server("GET", service() + "/" + file.text("sid"), "", "");
    assertThat(opened(URI.create(link(record)).getPath()).body()).isEqualTo(TEXT);
  }

  @Test
  void a_file_in_a_form_is_the_same_as_one_that_is_the_body() {
    Reply file =
        guest.post("/v2/Webchat/Media?ClientId=form", """
        ------edge\r
        Content-Disposition: form-data; name="list.txt"; filename="list.txt"\r
        Content-Type: text/plain\r
        \r
        %s\r
        ------edge--\r
        """.formatted(TEXT), with(guest, FORM));
    assertThat(file.status()).as(file.response().body()).isEqualTo(201);
    assertThat(file.text("filename")).isEqualTo("list.txt");
    assertThat(opened(link(file)).body()).isEqualTo(TEXT);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "------edge\r\nContent-Disposition: form-data; name=\"a\"; filename=\"a\"\r\n\r\ntext",
        "no form at all",
        "------edge\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\ntext\r\n------edge--\r\n",
        "",
      })
  void a_form_that_is_cut_off_or_has_no_file_is_refused(String form) {
    Reply refused = guest.post("/v2/Webchat/Media?ClientId=f", form, with(guest, FORM));
    assertThat(refused.status()).as(refused.response().body()).isEqualTo(400);
    assertThat(refused.text("message")).contains("form");
  }

  @Test
  void a_file_in_a_form_that_is_too_long_is_refused_as_a_whole() {
    String file = "x".repeat((int) Limits.MEDIA_FILE_BYTES + 1);
    Reply refused = guest.post(
        "/v2/Webchat/Media?ClientId=form",
        "------edge\r\nContent-Disposition: form-data; name=\"a\"; filename=\"a.txt\"\r\n\r\n"
            + file
            + "\r\n------edge--\r\n",
        with(guest, FORM));
    assertThat(refused.status()).isEqualTo(413);
    assertThat(refused.text("message")).contains("16 MiB");
  }

  @Test
  void an_upload_that_is_repeated_is_the_same_file() {
    Reply first = uploads(guest, "list.txt", "same", TEXT);
    Reply second = uploads(guest, "list.txt", "same", TEXT);
    assertThat(second.text("sid")).isEqualTo(first.text("sid"));
    assertThat(second.status()).isEqualTo(201);
    Guest other = installation.guest().starts();
    assertThat(uploads(other, "list.txt", "same", TEXT).text("sid"))
        .isNotEqualTo(first.text("sid"));
    Reply unnamed = guest.post("/v2/Webchat/Media", TEXT, with(guest, "text/plain"));
    assertThat(unnamed.status()).isEqualTo(400);
    assertThat(unnamed.text("message")).contains("clientId");
  }

  @Test
  void a_copy_of_an_upload_with_other_bytes_changes_nothing() {
    Guest bound = installation.guest().withKey(GuestKey.next()).starts();
    String path = "/v2/Webchat/Media?Filename=list.txt&ClientId=copied";
    Map<String, String> headers = with(bound, "text/plain");
    headers.putAll(bound
        .key()
        .sign(GuestKey.Call.of("POST", path, TEXT, headers, installation.clock.instant())));
    Reply file = bound.send("POST", path, TEXT, headers);
    assertThat(file.status()).as(file.response().body()).isEqualTo(201);
    Reply copied = bound.send("POST", path, TEXT.replace("one", "two"), headers);
    assertThat(copied.status()).isNotEqualTo(201);
    assertThat(opened(link(bound.get("/v2/Webchat/Media/" + file.text("sid")))).body())
        .isEqualTo(TEXT);
    assertThat(sends(bound, "", "m1", file.text("sid")).status()).isEqualTo(201);
  }

  @Test
  void a_message_takes_only_files_that_its_guest_uploaded_and_did_not_send() {
    Guest other = installation.guest().starts();
    String theirs = uploads(other, "theirs.txt", "b", TEXT).text("sid");
    assertThat(sends(guest, "look", "m1", theirs).text("message")).contains("media_sid");
    assertThat(guest.get("/v2/Webchat/Media/" + theirs).status()).isEqualTo(404);
    String mine = uploads(guest, "mine.txt", "c", TEXT).text("sid");
    assertThat(sends(guest, "look", "m2", mine).status()).isEqualTo(201);
    assertThat(sends(guest, "look", "m2", mine).status()).as("repeated").isEqualTo(200);
    assertThat(sends(guest, "again", "m3", mine).status()).isEqualTo(400);
    assertThat(sends(guest, "", "m4").status()).as("neither text nor file").isEqualTo(400);
  }

  @Test
  void a_file_of_a_guest_who_was_not_let_in_is_not_read() {
    Guest thief = guest.copiedTo(Browser.FIREFOX_ON_LINUX);
    assertThat(uploads(thief, "list.txt", "d", TEXT).status()).isEqualTo(403);
    Guest nobody = installation.guest().holding("plr1.nothing");
    assertThat(uploads(nobody, "list.txt", "e", TEXT).status()).isEqualTo(401);
  }

  @Test
  void the_type_is_found_by_the_bytes_and_pages_are_refused() {
    Reply page = uploads(guest, "photo.png", "f", "<!DOCTYPE html><script>alert(1)</script>");
    assertThat(page.status()).isEqualTo(415);
    assertThat(page.text("message")).contains("text/html").contains("png");
    assertThat(uploads(guest, "run.bat", "g", TEXT).text("filename")).isEqualTo("run.bat.txt");
    assertThat(uploads(guest, "", "h", TEXT).text("filename")).isEqualTo("file.txt");
  }

  @Test
  void an_opened_file_is_saved_and_can_run_nothing() {
    Reply file = uploads(guest, "caf%C3%A9%20%22100%25%22.txt", "i", TEXT);
    HttpResponse<String> opened = opened(link(file));
    assertThat(opened.headers().firstValue("Content-Disposition"))
        .contains(
            "attachment; filename=\"caf_ _100__.txt\"; filename*=UTF-8''caf%C3%A9%20%22100%25%22.txt");
    assertThat(opened.headers().firstValue("Content-Security-Policy").orElseThrow())
        .contains("sandbox")
        .contains("default-src 'none'");
    assertThat(opened.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
    assertThat(opened.headers().firstValue("Content-Type")).contains("text/plain");
    assertThat(opened.headers().firstValue("Cache-Control")).contains("no-store");
  }

  @Test
  void a_link_that_was_changed_or_has_expired_opens_nothing() {
    String link = link(uploads(guest, "list.txt", "j", TEXT));
    String[] part = link.split("/", -1);
    for (int i = 2; i < 7; i++) {
      String[] changed = part.clone();
      changed[i] =
          changed[i].substring(0, changed[i].length() - 1) + (changed[i].endsWith("1") ? "2" : "1");
      assertThat(opened(String.join("/", changed)).statusCode()).as(changed[i]).isEqualTo(404);
    }
    installation.clock.pass(Limits.MEDIA_LINK_TTL);
    assertThat(opened(link).statusCode()).isEqualTo(404);
  }

  @Test
  void a_server_uploads_a_file_and_sends_it() {
    Reply file = server("POST", service() + "?Filename=offer.txt", "text/plain", TEXT);
    assertThat(file.status()).as(file.response().body()).isEqualTo(201);
    String sid = file.text("sid");
    Reply sent = server(
        "POST",
        "/v1/Conversations/" + guest.conversation() + "/Messages",
        "application/x-www-form-urlencoded",
        "Author=bot&MediaSid=" + sid);
    assertThat(sent.status()).as(sent.response().body()).isEqualTo(201);
    assertThat(String.valueOf(sent.json().get("media"))).contains(sid);
    assertThat(opened(link(guest.get("/v2/Webchat/Media/" + sid))).body()).isEqualTo(TEXT);
    assertThat(server("GET", "/v1/Services/IS" + "0".repeat(32) + "/Media/" + sid, "", "")
            .status())
        .isEqualTo(404);
  }

  @Test
  void an_erased_conversation_has_no_files() {
    Reply file = uploads(guest, "list.txt", "k", TEXT);
    String link = link(file);
    assertThat(opened(link).statusCode()).isEqualTo(200);
    server("DELETE", "/v1/Conversations/" + guest.conversation(), "", "");
    assertThat(opened(link).statusCode()).isEqualTo(404);
  }

  @Test
  void a_long_file_arrives_and_leaves_whole() {
    String longText = TEXT.repeat(20_000);
    Reply file = uploads(guest, "long.txt", "l", longText);
    assertThat(file.status()).as(file.response().body()).isEqualTo(201);
    assertThat(opened(link(file)).body()).isEqualTo(longText);
  }

  @Test
  void a_bound_guest_signs_uploads_as_any_call() {
    Guest bound = installation.guest().withKey(GuestKey.next()).starts();
    assertThat(uploads(bound, "list.txt", "n", TEXT).status()).isEqualTo(201);
    Reply unsigned =
        bound.send("POST", "/v2/Webchat/Media?ClientId=o", TEXT, with(bound, "text/plain"));
    assertThat(unsigned.status()).isEqualTo(403);
  }

  private Reply uploads(Guest by, String name, String clientId, String text) {
    return by.post(
        "/v2/Webchat/Media?Filename=" + name + "&ClientId="
            + by.deployment().text().hashCode() + "-" + clientId,
        text,
        with(by, "application/octet-stream"));
  }

  private static Map<String, String> with(Guest guest, String contentType) {
    Map<String, String> headers = new LinkedHashMap<>(guest.bearer());
    headers.put("Content-Type", contentType);
    return headers;
  }

  private static Reply sends(Guest by, String body, String clientId, String... files) {
    String sids = String.join("\",\"", files);
    return by.posts("/v2/Webchat/Messages", """
        {"body":"%s","client_id":"%s","media_sids":[%s]}\
        """.formatted(
            body, clientId, files.length == 0 ? "" : "\"" + sids + "\""));
  }

  private static String link(Reply file) {
    Map<?, ?> links = (Map<?, ?>)
        Objects.requireNonNull(file.json().get("links"), () -> file.response().body());
    return String.valueOf(links.get("content_direct_temporary"));
  }

  private HttpResponse<String> opened(String link) {
    return Http.send(Http.request(URI.create(installation.edge() + link)).GET().build());
  }

  private String service() {
    return "/v1/Services/IS" + installation.account.text().substring(2) + "/Media";
  }

  private Reply server(String method, String path, String contentType, String body) {
    String pair = installation.account.text() + ":" + installation.authToken();
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put(
        "Authorization",
        "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8)));
    if (!contentType.isEmpty()) {
      headers.put("Content-Type", contentType);
    }
    return guest.send(method, path, body, headers);
  }
}

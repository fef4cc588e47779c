package parlour.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import parlour.Limits;
import parlour.conversations.SqlConversationStore;
import parlour.spec.Guest.Reply;
import parlour.spec.Installation.Shape;
import parlour.store.Database;

/** Files, from the uploader to the reader, by the interfaces of guests, agents and servers. */
@ParameterizedClass
@InBothShapes
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

  @Test
  void a_part_whose_length_lies_ends_at_its_boundary() {
    for (String length : List.of("1", "999999999", "-1", "18446744073709551617")) {
      Reply file = guest.post(
          "/v2/Webchat/Media?ClientId=form" + length,
          """
          ------edge\r
          Content-Disposition: form-data; name="list.txt"; filename="list.txt"\r
          Content-Length: %s\r
          \r
          %s\r
          ------edge--\r
          """.formatted(length, TEXT),
          with(guest, FORM));
      assertThat(file.status()).as(file.response().body()).isEqualTo(201);
      assertThat(opened(link(file)).body()).isEqualTo(TEXT);
    }
  }

  @Test
  void a_long_name_of_a_form_is_shortened_and_one_that_is_longer_than_headers_may_be_is_refused() {
    Reply file = uploadsForm("x".repeat(5_000) + ".txt", "a");
    assertThat(file.status()).as(file.response().body()).isEqualTo(201);
    assertThat(file.text("filename"))
        .startsWith("xxx")
        .endsWith("x.txt")
        .hasSize(Limits.MEDIA_NAME_CHARACTERS);
    Reply refused = uploadsForm("x".repeat(10_000) + ".txt", "b");
    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.text("message")).contains("headers of more than 8 KiB");
  }

  private Reply uploadsForm(String name, String clientId) {
    return guest.post(
        "/v2/Webchat/Media?ClientId=" + clientId, """
        ------edge\r
        Content-Disposition: form-data; name="list"; filename="%s"\r
        \r
        %s\r
        ------edge--\r
        """.formatted(name, TEXT), with(guest, FORM));
  }

  @Test
  void a_second_name_in_the_query_is_refused_and_nothing_is_kept() {
    Reply refused = guest.post(
        "/v2/Webchat/Media?ClientId=a&Filename=list.txt&Filename=list.html",
        TEXT,
        with(guest, "text/plain"));
    assertThat(refused.status()).as(refused.response().body()).isEqualTo(400);
    assertThat(uploads(guest, "list.txt", "a", TEXT).status()).isEqualTo(201);
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

  @ParameterizedTest
  @CsvSource({
    "../../etc/passwd, passwd.txt",
    "..%2F..%2Fetc%2Fpasswd, passwd.txt",
    "C:%5CWindows%5Crun.txt, run.txt",
    "..%252f..%252fpasswd, %2f..%2fpasswd.txt",
    "...hidden.txt, hidden.txt",
    "/, file.txt",
    "photo%E2%80%AEgnp.exe, photognp.exe.txt",
    "a%0D%0ASet-Cookie:%20b.txt, aSet-Cookie: b.txt",
    "%E2%81%A6a%E2%81%A9.txt, a.txt",
    "a%22%3B%20filename%3D%22b.html, 'a\"; filename=\"b.html.txt'",
  })
  void a_name_keeps_nothing_that_leads_elsewhere_or_shows_another_name(String given, String kept) {
    Reply file = uploads(guest, given, "n", TEXT);
    assertThat(file.text("filename")).isEqualTo(kept);
    HttpResponse<String> opened = opened(link(file));
    assertThat(opened.statusCode()).isEqualTo(200);
    assertThat(opened.headers().firstValue("Content-Disposition").orElseThrow())
        .matches("attachment; filename=\"[A-Za-z0-9._ -]+\"; filename\\*=UTF-8''[A-Za-z0-9._*%-]+");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a%00b.txt", "a%1Bb.txt", "a%7Fb.txt", "a%C2%85b.txt"})
  void a_name_with_a_control_character_is_refused(String given) {
    Reply file = uploads(guest, given, "n", TEXT);
    assertThat(file.status()).isEqualTo(400);
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
  void an_agent_uploads_a_file_and_sends_it_without_words_and_everybody_in_the_chat_can_open_it() {
    guest.says("Hello", "a");
    String chat = guest.conversation();
    AgentBrowser ann = new AgentBrowser(installation);
    Reply file = ann.uploads(chat, "offer.txt", "a", TEXT);
    assertThat(file.status()).as(file.response().body()).isEqualTo(201);
    assertThat(file.json())
        .containsEntry("filename", "offer.txt")
        .containsEntry("content_type", "text/plain")
        .containsEntry("author", ann.identity())
        .containsEntry("size", (long) TEXT.length());
    String sid = file.text("sid");
    Reply sent = ann.sends(chat, "", "m1", sid);
    assertThat(sent.status()).as(sent.response().body()).isEqualTo(201);
    assertThat(String.valueOf(sent.json().get("media"))).contains(sid);
    assertThat(ann.sends(chat, "", "m1", sid).status()).as("repeated").isEqualTo(200);
    assertThat(opened(link(guest.get("/v2/Webchat/Media/" + sid))).body()).isEqualTo(TEXT);
    AgentBrowser ben = new AgentBrowser(installation);
    assertThat(opened(link(ben.file(chat, sid))).body()).isEqualTo(TEXT);
    String photo = uploads(guest, "photo.txt", "b", TEXT).text("sid");
    assertThat(sends(guest, "look", "m2", photo).status()).isEqualTo(201);
    assertThat(opened(link(ben.file(chat, photo))).body()).isEqualTo(TEXT);
  }

  @Test
  void an_agent_opens_no_file_of_another_conversation_or_account_and_none_that_was_not_sent() {
    guest.says("Hello", "a");
    String chat = guest.conversation();
    AgentBrowser ann = new AgentBrowser(installation);
    AgentBrowser ben = new AgentBrowser(installation);
    String sid = ann.uploads(chat, "offer.txt", "a", TEXT).text("sid");
    String unsent = uploads(guest, "photo.txt", "b", TEXT).text("sid");
    assertThat(ann.file(chat, sid).status()).isEqualTo(200);
    assertThat(ben.file(chat, sid).status()).isEqualTo(404);
    assertThat(ann.file(chat, unsent).status()).isEqualTo(404);
    assertThat(ben.sends(chat, "", "m1", sid).text("message")).contains("media_sid");
    assertThat(ann.sends(chat, "", "m2", unsent).text("message")).contains("media_sid");
    assertThat(ann.sends(chat, "", "m3", sid).status()).isEqualTo(201);
    Guest other = installation.guest().starts();
    other.says("Hello", "a");
    assertThat(ann.file(other.conversation(), sid).status()).isEqualTo(404);
    assertThat(ann.sends(other.conversation(), "", "m4", sid).status()).isEqualTo(400);
    AgentBrowser stranger = new AgentBrowser(installation, installation.agentOfAnotherAccount());
    assertThat(stranger.file(chat, sid).status()).isEqualTo(404);
    assertThat(stranger.uploads(chat, "a.txt", "a", TEXT).status()).isEqualTo(404);
    for (String nothing : List.of("ME" + "0".repeat(32), "nonsense")) {
      assertThat(ann.file(chat, nothing).status()).isEqualTo(404);
    }
  }

  @Test
  void an_upload_that_an_agent_repeats_is_the_same_file() {
    guest.says("Hello", "a");
    AgentBrowser ann = new AgentBrowser(installation);
    Reply first = ann.uploads(guest.conversation(), "offer.txt", "same", TEXT);
    Reply second = ann.uploads(guest.conversation(), "offer.txt", "same", TEXT);
    assertThat(second.text("sid")).isEqualTo(first.text("sid"));
    assertThat(second.status()).isEqualTo(201);
  }

  @Test
  void an_agent_uploads_nothing_to_a_closed_conversation_and_no_page_by_its_name() {
    guest.says("Hello", "a");
    AgentBrowser ann = new AgentBrowser(installation);
    assertThat(ann.uploads(guest.conversation(), "photo.png", "a", "<!DOCTYPE html><p>")
            .status())
        .isEqualTo(415);
    ann.posts(guest.conversation(), "close", "{}");
    assertThat(ann.uploads(guest.conversation(), "a.txt", "b", TEXT).code()).isEqualTo(45781);
  }

  @Test
  void only_the_inboxs_own_page_uploads_and_only_with_a_signed_in_browser() {
    guest.says("Hello", "a");
    AgentBrowser ann = new AgentBrowser(installation);
    String head = """
        POST /inbox/api/conversations/%s/media?ClientId=a HTTP/1.1
        Host: chat.example
        Cookie: %s
        Sec-Fetch-Site: %s
        Content-Type: text/plain
        Content-Length: %d""";
    String cookie = ann.cookie();
    for (String site : List.of("cross-site", "same-site", "none")) {
      Raw.Answer refused = Raw.send(
          installation.edge(),
          head.formatted(guest.conversation(), cookie, site, TEXT.length()),
          TEXT);
      assertThat(refused.status()).as(site).isEqualTo(403);
    }
    Raw.Answer nobody = Raw.send(
        installation.edge(),
        head.formatted(guest.conversation(), "none=0", "same-origin", TEXT.length()),
        TEXT);
    assertThat(nobody.text("code")).isEqualTo("45782");
    assertThat(unsentFiles()).isZero();
  }

  @Test
  void an_agent_who_is_removed_while_a_file_arrives_is_refused_and_nothing_is_kept()
      throws IOException {
    guest.says("Hello", "a");
    AgentBrowser ann = new AgentBrowser(installation);
    String half = TEXT.repeat(20_000);
    try (Socket socket =
        new Socket(installation.edge().getHost(), installation.edge().getPort())) {
      socket.setSoTimeout(60_000);
      OutputStream out = socket.getOutputStream();
      out.write("""
          POST /inbox/api/conversations/%s/media?ClientId=a HTTP/1.1\r
          Host: chat.example\r
          Cookie: %s\r
          Sec-Fetch-Site: same-origin\r
          Connection: close\r
          Content-Length: %d\r
          \r
          %s""".formatted(guest.conversation(), ann.cookie(), 2 * half.length(), half)
          .getBytes(StandardCharsets.UTF_8));
      out.flush();
      while (unsentFiles() == 0) {
        LockSupport.parkNanos(10_000_000);
      }
      installation.agents(agents -> agents.remove(ann.name()));
      out.write(half.getBytes(StandardCharsets.UTF_8));
      out.flush();
      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(answer).startsWith("HTTP/1.1 401").contains("45782");
    }
    assertThat(unsentFiles()).isZero();
  }

  @Test
  void an_upload_whose_chat_is_erased_meanwhile_is_refused_as_every_call_of_its_guest()
      throws IOException {
    String first = TEXT.repeat(5_000); // less than a chunk: nothing is stored before the erasure
    String rest = TEXT.repeat(20_000);
    Map<String, String> headers = new LinkedHashMap<>(Browser.CHROME_ON_WINDOWS.headers());
    headers.putAll(guest.bearer());
    StringBuilder lines = new StringBuilder();
    headers.forEach((name, value) -> lines.append(name + ": " + value + "\r\n"));
    try (Socket socket =
        new Socket(installation.edge().getHost(), installation.edge().getPort())) {
      socket.setSoTimeout(60_000);
      OutputStream out = socket.getOutputStream();
      out.write("""
          POST /v2/Webchat/Media?ClientId=a HTTP/1.1\r
          Host: chat.example\r
          Connection: close\r
          %sContent-Length: %d\r
          \r
          %s""".formatted(lines, first.length() + rest.length(), first)
          .getBytes(StandardCharsets.UTF_8));
      out.flush();
      while (unsentFiles() == 0) {
        LockSupport.parkNanos(10_000_000);
      }
      server("DELETE", "/v1/Conversations/" + guest.conversation(), "", "");
      out.write(rest.getBytes(StandardCharsets.UTF_8));
      out.flush();
      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(answer).startsWith("HTTP/1.1 401").contains("45775");
    }
  }

  /** The files of the guest's conversation that have arrived, or are arriving, and were not sent. */
  private long unsentFiles() {
    try (Database database = installation.database(SqlConversationStore.SCHEMA)) {
      return database
          .read(sql -> sql.first("""
              SELECT count(*) AS files FROM media
              WHERE conversation_sid = ? AND state <> 'deleted' AND message_sid IS NULL
              """, row -> row.getLong("files"), guest.conversation()))
          .orElseThrow();
    }
  }

  @Test
  void a_file_that_an_agent_sent_is_deleted_with_its_message_and_with_its_conversation() {
    guest.says("Hello", "a");
    AgentBrowser ann = new AgentBrowser(installation);
    String chat = guest.conversation();
    List<String> links = new ArrayList<>();
    List<String> messages = new ArrayList<>();
    for (String name : List.of("one", "two")) {
      Reply file = ann.uploads(chat, name + ".txt", name, TEXT);
      links.add(link(file));
      messages.add(ann.sends(chat, "", name, file.text("sid")).text("sid"));
    }
    server("DELETE", "/v1/Conversations/" + chat + "/Messages/" + messages.getFirst(), "", "");
    assertThat(opened(links.getFirst()).statusCode()).isEqualTo(404);
    assertThat(opened(links.getLast()).statusCode()).isEqualTo(200);
    server("DELETE", "/v1/Conversations/" + chat, "", "");
    assertThat(opened(links.getLast()).statusCode()).isEqualTo(404);
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

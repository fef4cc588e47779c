package parlour.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static parlour.spec.BadInputTest.assertRefused;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import parlour.Limits;
import parlour.Sid;
import parlour.config.Role;
import parlour.conversations.SqlConversationStore;
import parlour.http.json.Json;
import parlour.http.server.Wire;
import parlour.process.ParlourProcess;
import parlour.spec.Guest.Reply;
import parlour.spec.Installation.Shape;
import parlour.store.Database;

/** Two processes that run the same roles over one PostgreSQL are one Parlour. */
class TwoNodesTest {
  private static final int PIECE = 4_000;

  @Test
  void a_guest_goes_on_at_the_other_node() {
    try (Installation installation = Installation.start(Shape.OVER_POSTGRES);
        ParlourProcess other = installation.another()) {
      Guest guest = installation.guest().starts();
      guest.says("said to the one", "a");

      installation.edgeIs(other.publicAddress().orElseThrow());
      String superseded = guest.token();
      assertThat(guest.reloads().status()).isEqualTo(200);
      assertThat(guest.reloads().status()).isEqualTo(200);
      guest.says("said to the other", "b");
      assertThat(bodies(guest.get("/v2/Webchat/Messages")))
          .containsExactly("said to the one", "said to the other");

      installation.clock.pass(Limits.GENERATION_GRACE.plusSeconds(1));
      assertRefused(guest.refreshes(superseded), 401, 45775, Installation.ORIGIN);
    }
  }

  @Test
  void an_end_at_one_node_ends_sockets_at_the_other() {
    try (Installation installation = Installation.start(Shape.OVER_POSTGRES);
        ParlourProcess other = installation.another()) {
      URI one = installation.edge();
      Sid.Deployment deployment = installation.deploy(installation.defaults());
      Guest deleted = installation.guest().of(deployment).starts();
      Guest erased = installation.guest().starts();
      Guest guest = installation.guest().starts();
      Guest thief = guest.copiedTo(Browser.CHROME_ON_WINDOWS);
      guest.reloads();
      guest.says("by now the token is superseded", "a");

      installation.edgeIs(other.publicAddress().orElseThrow());
      try (GuestSocket inbox = EndedTest.inbox(installation);
          GuestSocket ofDeleted = deleted.opensSocket().says(deleted.hello(-1));
          GuestSocket ofErased = erased.opensSocket().says(erased.hello(-1));
          GuestSocket ofThief = thief.opensSocket().says(thief.hello(-1))) {
        for (GuestSocket each : List.of(inbox, ofDeleted, ofErased, ofThief)) {
          each.receives("welcome");
        }
        installation.edgeIs(one);
        installation.accounts(accounts -> accounts.delete(deployment));
        ServerApiTest.erases(installation, erased);
        installation.clock.pass(Limits.GENERATION_GRACE.plusSeconds(1));
        assertRefused(thief.refreshes(thief.token()), 401, 45775, Installation.ORIGIN);

        assertThat(ofDeleted.receives("refused")).containsEntry("code", 45778L);
        assertThat(ofErased.receives("erased")).isNotNull();
        assertThat(inbox.receives("erased"))
            .containsEntry("conversation_sid", erased.conversation());
        assertThat(ofThief.receives("refused")).containsEntry("code", 45775L);
      }
    }
  }

  @Test
  void a_picture_and_its_preview_are_opened_at_the_other_node() throws IOException {
    try (Installation installation = Installation.start(Shape.OVER_POSTGRES);
        ParlourProcess other = installation.another()) {
      Guest guest = installation.guest().starts();
      byte[] picture = picture();
      Reply file = uploads(installation, guest, "photo.png", picture);
      URI there = other.publicAddress().orElseThrow();
      assertThat(Http.bytes(there.resolve(link(file, "content_direct_temporary"))))
          .isEqualTo(picture);
      URI preview = there.resolve(link(file, "preview_temporary"));
      assertThat(ImageIO.read(new ByteArrayInputStream(Http.bytes(preview))).getWidth())
          .isEqualTo(300);
      assertThat(
              Http.bytes(installation.edge().resolve(preview.getPath() + "?" + preview.getQuery())))
          .isEqualTo(Http.bytes(preview));
    }
  }

  /** The nodes take turns with the chunks of a file. */
  @Test
  void an_upload_that_two_nodes_of_conversations_receive_goes_on_when_one_of_them_stops()
      throws IOException, InterruptedException {
    try (Installation installation = Installation.start(Shape.ROLES_OVER_POSTGRES)) {
      installation.startAnother(Role.CONVERSATIONS);
      installation.restart(Role.ORCHESTRATOR); // knows both now
      Guest guest = installation.guest().starts();
      byte[] text = "One line of a long list\n".repeat(40_000).getBytes(StandardCharsets.US_ASCII);
      Reply whole = uploads(installation, guest, "whole.txt", text);
      assertThat(Http.bytes(installation.edge().resolve(link(whole, "content_direct_temporary"))))
          .isEqualTo(text);

      try (Wire upload = new Wire(installation.edge().getPort())) {
        String body = new String(text, StandardCharsets.US_ASCII);
        upload.send("POST /v2/Webchat/Media?ClientId=b&Filename=list.txt HTTP/1.1\r\nHost: x\r\n"
            + "Authorization: Bearer " + guest.token() + "\r\n"
            + "Webchat-Deployment-Key: " + guest.deployment().text() + "\r\n"
            + signals()
            + "Content-Type: text/plain\r\nConnection: close\r\n"
            + "Content-Length: " + text.length + "\r\n\r\n"
            + body.substring(0, text.length / 2));
        while (arrived(installation, whole) < 3) {
          Installation.pause(Duration.ofMillis(20));
        }
        Thread stopping = Thread.startVirtualThread(() -> installation.stop(Role.CONVERSATIONS));
        int sent = text.length / 2;
        while (stopping.isAlive() && sent < text.length - PIECE) { // a silent upload is ended
          upload.send(body.substring(sent, sent + PIECE));
          sent += PIECE;
          Installation.pause(Duration.ofMillis(100));
        }
        stopping.join();
        String answer = upload.send(body.substring(sent)).readAll();
        assertThat(answer).startsWith("HTTP/1.1 201");
        Map<?, ?> links = (Map<?, ?>)
            Objects.requireNonNull(Json.object(answer.substring(answer.indexOf("\r\n\r\n") + 4))
                .orElseThrow()
                .get("links"));
        assertThat(Http.bytes(
                installation.edge().resolve(String.valueOf(links.get("content_direct_temporary")))))
            .isEqualTo(text);
      }
      assertThat(Http.bytes(installation.edge().resolve(link(whole, "content_direct_temporary"))))
          .isEqualTo(text);
    }
  }

  private static String signals() {
    StringBuilder headers = new StringBuilder("Origin: " + Installation.ORIGIN + "\r\n");
    Browser.CHROME_ON_WINDOWS
        .headers()
        .forEach((name, value) -> headers.append(name + ": " + value + "\r\n"));
    return headers.toString();
  }

  /** The chunks of all files but one. */
  private static int arrived(Installation installation, Reply other) {
    try (Database database = installation.database(SqlConversationStore.SCHEMA)) {
      return database
          .readOne(sql -> sql.first(
              "SELECT COUNT(*) AS chunks FROM media_chunk WHERE media_sid <> ?",
              row -> row.getInt("chunks"),
              other.text("sid")))
          .orElseThrow();
    }
  }

  private static byte[] picture() throws IOException {
    var bytes = new ByteArrayOutputStream();
    ImageIO.write(new BufferedImage(300, 200, BufferedImage.TYPE_INT_RGB), "png", bytes);
    return bytes.toByteArray();
  }

  private static Reply uploads(Installation installation, Guest by, String name, byte[] file) {
    HttpRequest.Builder request =
        Http.request(installation.edge().resolve("/v2/Webchat/Media?ClientId=a&Filename=" + name));
    Browser.CHROME_ON_WINDOWS.headers().forEach(request::header);
    by.bearer().forEach(request::header);
    HttpResponse<String> response = Http.send(request
        .header("Origin", Installation.ORIGIN)
        .header("Content-Type", "application/octet-stream")
        .POST(HttpRequest.BodyPublishers.ofByteArray(file))
        .build());
    assertThat(response.statusCode()).as(response.body()).isEqualTo(201);
    return new Reply(response.statusCode(), response);
  }

  private static String link(Reply file, String part) {
    return String.valueOf(((Map<?, ?>) Objects.requireNonNull(file.json().get("links"))).get(part));
  }

  @Test
  void sockets_of_the_client_package_at_two_nodes_are_one_chat_and_end_together()
      throws IOException {
    try (Installation installation = Installation.start(Shape.OVER_POSTGRES);
        ParlourProcess other = installation.another()) {
      Guest guest = installation.guest().starts();
      String conversation = guest.conversation();
      PageSocket atOne = PageSocket.open(installation);
      installation.edgeIs(other.publicAddress().orElseThrow());
      PageSocket atOther = PageSocket.open(installation);
      try (SdkSocket here = atOne.enters(guest);
          SdkSocket there = atOther.enters(guest)) {
        here.follows(here.reads(conversation));
        there.follows(there.reads(conversation));
        String id = "573f5bab-0000-4000-8000-000000000001";
        var sent = there.says(conversation, "said to the other", id);
        assertThat(there.arrived())
            .as("its event comes before the answer")
            .anySatisfy(frame ->
                assertThat(frame.text()).contains("\"list_item_added\"", "said to the other"));
        SdkSocket.Frame seen = here.next();
        while (!seen.text().contains("\"list_item_added\"")) {
          seen = here.next();
        }
        assertThat(seen.text()).contains("said to the other");
        assertThat(here.says(conversation, "said to the other", id))
            .as("repeated at the one")
            .isEqualTo(sent);
        assertThat(bodies(guest.get("/v2/Webchat/Messages"))).containsExactly("said to the other");

        ServerApiTest.erases(installation, guest);
        for (SdkSocket each : List.of(here, there)) {
          SdkSocket.Frame last = each.next();
          while (!last.method().equals("close")) {
            last = each.next();
          }
          assertThat(String.valueOf(last.header().get("status"))).contains("401");
        }
      }
    }
  }

  private static List<String> bodies(Reply history) {
    return ((List<?>) Objects.requireNonNull(history.json().get("messages")))
        .stream()
            .map(message -> String.valueOf(((Map<?, ?>) message).get("body")))
            .toList();
  }
}

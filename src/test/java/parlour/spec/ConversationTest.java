package parlour.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import parlour.Limits;
import parlour.Sid;
import parlour.scopedauth.Sessions;
import parlour.spec.Guest.Reply;
import parlour.spec.Installation.Shape;

/** A guest's calls about their conversation, and the socket, as a browser makes them. */
@ParameterizedClass
@InBothShapes
class ConversationTest {
  @AutoClose
  private static final BothShapes installations = new BothShapes();

  private final Installation installation;
  private final Guest guest;

  ConversationTest(Shape shape) {
    installation = installations.in(shape);
    guest = installation.guest().starts();
  }

  // ---- calls

  @Test
  void a_sent_message_comes_back_in_the_history() {
    Reply said = guest.says("Hello <b>world</b> 🙂", "a-1");
    assertThat(said.status()).isEqualTo(201);
    assertThat(said.json())
        .containsEntry("index", 0L)
        .containsEntry("body", "Hello <b>world</b> 🙂")
        .containsEntry("author_kind", "guest")
        .containsEntry("author_name", "Ada")
        .containsEntry("client_id", "a-1");
    Reply history = guest.get("/v2/Webchat/Messages");
    assertThat(history.status()).isEqualTo(200);
    assertThat(history.json())
        .containsEntry("messages", List.of(said.json()))
        .containsEntry("state", "active")
        .containsEntry("has_more", false)
        .containsEntry("revision", 2L);
    assertThat(history.header("Access-Control-Allow-Origin")).isEqualTo(Installation.ORIGIN);
    assertThat(history.header("Cache-Control")).isEqualTo("no-store");
  }

  @Test
  void a_resend_is_answered_with_the_stored_message() {
    Reply first = guest.says("Hello", "a-1");
    Reply again = guest.says("Hello, louder", "a-1");
    assertThat(again.status()).isEqualTo(200);
    assertThat(again.json()).isEqualTo(first.json());
  }

  @Test
  void pages_are_asked_for_by_index() {
    for (int i = 0; i < 5; i++) {
      guest.says("m" + i, "id-" + i);
    }
    assertThat(bodies(guest.get("/v2/Webchat/Messages?limit=2"))).containsExactly("m3", "m4");
    Reply older = guest.get("/v2/Webchat/Messages?limit=2&before=3");
    assertThat(bodies(older)).containsExactly("m1", "m2");
    assertThat(older.json()).containsEntry("has_more", true);
    Reply newer = guest.get("/v2/Webchat/Messages?after=3");
    assertThat(bodies(newer)).containsExactly("m4");
    assertThat(newer.json()).containsEntry("has_more", false);
  }

  @ParameterizedTest
  @ValueSource(strings = {"limit=0", "limit=101", "limit=ten", "before=1&after=2", "before=x"})
  void a_page_that_makes_no_sense_is_a_400_that_says_so(String query) {
    Reply reply = guest.get("/v2/Webchat/Messages?" + query);
    assertThat(reply.status()).isEqualTo(400);
    assertThat(reply.code()).isEqualTo(45770);
  }

  @ParameterizedTest
  @CsvSource({
    "'{}', body",
    "'{\"body\":\"\",\"client_id\":\"a\"}', body",
    "'{\"body\":\"Hello\"}', clientId",
    "'{\"body\":\"Hello\",\"client_id\":\"a b\"}', client_id",
    "'{\"body\":\"Hello\",\"client_id\":\"a\",\"attributes\":\"[\"}', attributes",
    "'{\"body\":\"Hello\",\"client_id\":7}', clientId",
  })
  void a_message_that_makes_no_sense_is_a_400_that_names_the_field(String message, String field) {
    Reply reply = guest.posts("/v2/Webchat/Messages", message);
    assertThat(reply.status()).isEqualTo(400);
    assertThat(reply.text("message")).contains("\"" + field + "\"");
    assertThat(bodies(guest.get("/v2/Webchat/Messages"))).isEmpty();
  }

  @Test
  void a_message_has_at_most_32_KiB() {
    String most = "ü".repeat(Limits.MESSAGE_BODY_BYTES / 2);
    assertThat(guest.says(most, "a").status()).isEqualTo(201);
    assertThat(guest.says(most + "x", "b").status()).isEqualTo(400);
    assertThat(guest.says("\\u000A".repeat(Limits.MESSAGE_BODY_BYTES), "c").status())
        .isEqualTo(201);
  }

  @ParameterizedTest
  @ValueSource(strings = {"\\u0001", "\\u001b[2J", "\\u007f", "\\u0085"})
  void a_control_character_in_a_message_is_refused_with_its_field_and_the_remedy(String control) {
    Reply refused = guest.says("a" + control + "b", "a");
    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.code()).isEqualTo(45770);
    assertThat(refused.text("message"))
        .isEqualTo("The field \"body\" has a control character; of these, only tab, line feed and"
            + " carriage return are allowed.");
    assertThat(guest.says("a\\tb\\r\\nc", "b").status()).isEqualTo(201);
  }

  @Test
  void a_name_with_a_control_character_is_refused() {
    Reply refused = guest.post("/v2/Webchat/Init", """
        {"deploymentKey":"%s","customerFriendlyName":"A\\u001bda"}\
        """.formatted(installation.deployment.text()));
    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.text("message")).contains("\"customerFriendlyName\"", "control character");
  }

  @Test
  void a_page_has_256_KiB_at_most_and_leads_to_the_next_in_both_directions() {
    String longest = "\\\"".repeat(Limits.MESSAGE_BODY_BYTES); // twice as long in JSON
    for (int i = 0; i < 7; i++) {
      assertThat(guest.says(longest, "id-" + i).status()).isEqualTo(201);
    }
    Reply newest = guest.get("/v2/Webchat/Messages?limit=100");
    assertThat(newest.response().body().length()).isLessThan(Limits.PAGE_BYTES);
    assertThat(indices(newest)).containsExactly(4L, 5L, 6L);
    assertThat(newest.json()).containsEntry("has_more", true);
    Reply older = guest.get("/v2/Webchat/Messages?limit=100&before=4");
    assertThat(indices(older)).containsExactly(1L, 2L, 3L);
    assertThat(older.json()).containsEntry("has_more", true);
    Reply oldest = guest.get("/v2/Webchat/Messages?limit=100&before=1");
    assertThat(indices(oldest)).containsExactly(0L);
    assertThat(oldest.json()).containsEntry("has_more", false);
    Reply from = guest.get("/v2/Webchat/Messages?limit=100&after=-1");
    assertThat(indices(from)).containsExactly(0L, 1L, 2L);
    assertThat(from.json()).containsEntry("has_more", true);
    assertThat(guest.get("/v2/Webchat/Messages?limit=100&after=3").json())
        .containsEntry("has_more", false);
  }

  @Test
  void a_socket_receives_a_long_log_whole_and_in_order() {
    String longest = "\\\"".repeat(Limits.MESSAGE_BODY_BYTES);
    for (int i = 0; i < 5; i++) {
      guest.says(i % 2 == 0 ? longest : "short " + i, "id-" + i);
    }
    try (GuestSocket socket = guest.opensSocket().says(guest.hello(-1))) {
      guest.says("last", "last");
      List<String> heard = socket.receivesUntil("last");
      assertThat(heard).hasSize(6);
      assertThat(heard.get(1)).isEqualTo("short 1");
      assertThat(heard.get(4)).hasSize(Limits.MESSAGE_BODY_BYTES);
    }
  }

  @Test
  void a_guest_who_ended_the_chat_can_read_and_not_write() {
    guest.says("Hello", "a");
    assertThat(guest.posts("/v2/Webchat/End", "{}").json()).containsEntry("state", "closed");
    Reply late = guest.says("late", "b");
    assertThat(late.status()).isEqualTo(409);
    assertThat(late.code()).isEqualTo(45781);
    assertThat(late.text("action")).isEqualTo("restart");
    assertThat(bodies(guest.get("/v2/Webchat/Messages"))).containsExactly("Hello");
    assertThat(guest.reloads().status()).isEqualTo(200);
  }

  @Test
  void ending_and_forgetting_ends_the_session() {
    guest.posts("/v2/Webchat/End", "{\"forget\":true}");
    assertThat(guest.get("/v2/Webchat/Messages").code()).isEqualTo(45775);
    assertThat(guest.reloads().code()).isEqualTo(45775);
  }

  @Test
  void reading_and_typing_are_noted() {
    guest.says("Hello", "a");
    assertThat(guest.posts("/v2/Webchat/Read", "{\"index\":7}").json())
        .containsEntry("read_index", 0L);
    assertThat(guest.posts("/v2/Webchat/Typing", "{}").status()).isEqualTo(204);
    assertThat(guest.posts("/v2/Webchat/Read", "{}").status()).isEqualTo(400);
  }

  @Test
  void a_thief_with_the_token_in_another_browser_reads_nothing() {
    guest.says("my secret", "a");
    Guest thief = guest.copiedTo(Browser.FIREFOX_ON_LINUX);
    for (Reply reply : List.of(
        thief.get("/v2/Webchat/Messages"),
        thief.says("give me", "b"),
        thief.posts("/v2/Webchat/Read", "{\"index\":0}"),
        thief.posts("/v2/Webchat/Typing", "{}"),
        thief.posts("/v2/Webchat/End", "{}"))) {
      assertThat(reply.status()).isEqualTo(403);
      assertThat(reply.code()).isEqualTo(45779);
      assertThat(reply.response().body()).doesNotContain("secret");
    }
    assertThat(bodies(guest.get("/v2/Webchat/Messages"))).containsExactly("my secret");
  }

  @Test
  void a_token_of_another_deployment_is_refused() {
    Sid.Deployment other = installation.deploy(installation.defaults());
    Reply reply = guest.of(other).get("/v2/Webchat/Messages");
    assertThat(reply.status()).isEqualTo(401);
    assertThat(reply.code()).isEqualTo(45775);
  }

  @Test
  void a_page_that_is_not_allowed_is_refused_before_its_token_is_validated() {
    Reply reply = guest.from("https://evil.example").get("/v2/Webchat/Messages");
    assertThat(reply.status()).isEqualTo(403);
    assertThat(reply.code()).isEqualTo(45772);
    assertThat(reply.header("Access-Control-Allow-Origin")).isEqualTo("*");
    assertThat(guest.from(null).get("/v2/Webchat/Messages").status()).isEqualTo(200);
  }

  // ---- the socket

  @Test
  void a_socket_sends_earlier_messages_and_then_new_ones() {
    guest.says("one", "a");
    try (GuestSocket socket = guest.opensSocket().says(guest.hello(-1))) {
      Map<String, @Nullable Object> welcome = socket.receives();
      assertThat(welcome)
          .containsEntry("type", "welcome")
          .containsEntry("state", "active")
          .containsEntry("revision", 2L);
      socket.receivesUntil("one");
      Reply two = guest.says("two", "b");
      assertThat(socket.receives())
          .containsEntry("type", "message")
          .containsEntry("change", "added")
          .containsEntry("revision", 3L)
          .containsEntry("message", two.json());
      guest.posts("/v2/Webchat/End", "{}");
      assertThat(socket.receives())
          .containsOnlyKeys("type", "revision", "state", "reopenable_for", "state_at")
          .containsEntry("type", "state")
          .containsEntry("revision", 4L)
          .containsEntry("state", "closed");
    }
  }

  @Test
  void a_socket_that_comes_back_goes_on_where_it_was() {
    for (int i = 0; i < 5; i++) {
      guest.says("m" + i, "id-" + i);
    }
    try (GuestSocket socket = guest.opensSocket().says(guest.hello(4))) {
      socket.receives();
      assertThat(socket.receivesUntil("m4")).containsExactly("m3", "m4");
    }
  }

  @Test
  void a_thief_who_says_hello_is_refused_and_receives_nothing_else() throws InterruptedException {
    guest.says("my secret", "a");
    Guest thief = guest.copiedTo(Browser.FIREFOX_ON_LINUX);
    try (GuestSocket socket = thief.opensSocket().says(thief.hello(-1))) {
      assertThat(socket.receives())
          .containsEntry("type", "refused")
          .containsEntry("code", 45779L)
          .containsEntry("action", "restart");
      assertThat(socket.closedWith()).isEqualTo(1008);
      assertThat(socket.receivesNothingFor(Duration.ofMillis(100))).isTrue();
    }
  }

  @Test
  void a_socket_of_a_page_that_is_not_allowed_or_of_none_is_refused() {
    for (String origin : new String[] {"https://evil.example", null}) {
      try (GuestSocket socket = guest.from(origin).opensSocket().says(guest.hello(-1))) {
        assertThat(socket.receives()).containsEntry("code", 45772L);
        assertThat(socket.closedWith()).isEqualTo(1008);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "hello",
        "{\"type\":\"hello\"}",
        "{\"type\":\"token\",\"token\":\"x\"}",
        "{\"type\":\"sing\"}",
        "[]"
      })
  void an_invalid_frame_is_reported_and_ends_the_socket(String nonsense) {
    try (GuestSocket socket = guest.opensSocket().says(nonsense)) {
      assertThat(socket.receives()).containsEntry("type", "refused").containsEntry("code", 45770L);
      assertThat(socket.closedWith()).isEqualTo(1008);
    }
  }

  @Test
  void a_revoked_session_is_off_its_sockets_although_no_call_is_made() {
    try (GuestSocket socket = guest.opensSocket().says(guest.hello(-1))) {
      socket.receives("state");
      long revoked = System.nanoTime();
      installation.sessions(sessions -> sessions.revoke(
          sessions.newest(new Sessions.Scope.All(), 1).getFirst().sid(),
          "test",
          installation.clock.instant()));
      assertThat(socket.receives("refused")).containsEntry("code", 45775L);
      assertThat(System.nanoTime() - revoked)
          .as("without waiting for a ping")
          .isLessThan(Limits.SOCKET_PING.toNanos());
    }
  }

  @Test
  void a_socket_takes_the_next_token_without_being_opened_again() {
    try (GuestSocket socket = guest.opensSocket().says(guest.hello(-1))) {
      socket.receives();
      guest.reloads();
      socket.says("{\"type\":\"token\",\"token\":\"%s\"}".formatted(guest.token()));
      socket.receives("token_accepted");
      guest.says("after", "b");
      assertThat(socket.receivesUntil("after")).containsExactly("after");
    }
  }

  @Test
  void a_path_for_sockets_takes_no_ordinary_call() {
    assertThat(guest.get("/v2/Webchat/Stream").status()).isEqualTo(400);
  }

  private static List<Long> indices(Reply history) {
    return ((List<?>) java.util.Objects.requireNonNull(history.json().get("messages")))
        .stream()
            .map(message ->
                (Long) java.util.Objects.requireNonNull(((Map<?, ?>) message).get("index")))
            .toList();
  }

  private static List<String> bodies(Reply history) {
    return ((List<?>) java.util.Objects.requireNonNull(history.json().get("messages")))
        .stream()
            .map(message -> String.valueOf(((Map<?, ?>) message).get("body")))
            .toList();
  }
}

package parlour.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static parlour.Eventually.until;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import parlour.Limits;
import parlour.RandomHex;
import parlour.Sid;
import parlour.config.Role;
import parlour.config.Setting;
import parlour.conversations.SqlConversationStore;
import parlour.http.json.Json;
import parlour.process.ServiceDecorators;
import parlour.spec.Guest.Reply;
import parlour.spec.Installation.Shape;
import parlour.spec.PushReceiver.Received;
import parlour.spec.WebhookReceiver.Answer;
import parlour.store.Database;

/** Web Push to guests, with a push service on a loopback address. */
@Timeout(90)
@ParameterizedClass
@InBothShapes
class PushTest {
  private static final String PUSH = "/v2/Webchat/Push";
  private static final Duration DUE = Limits.PUSH_DELAY.plusSeconds(1);

  @AutoClose
  private static final PushReceiver receiver = new PushReceiver();

  @AutoClose
  private static final BothShapes installations = new BothShapes(
      ServiceDecorators.NONE,
      Map.of(
          Setting.PUSH_CONTACT,
          "mailto:ops@example.com",
          Setting.PUSH_SERVICES,
          "push.example.com, " + receiver.origin()));

  private final Installation installation;
  private final AgentBrowser agent;
  private final PushBrowser browser = new PushBrowser();
  private final String path = "/p/" + RandomHex.next(new SecureRandom(), 8);

  PushTest(Shape shape) {
    installation = installations.in(shape);
    agent = new AgentBrowser(installation);
  }

  /** No push of this test is sent during the next one, whose answers it would use up. */
  @AfterEach
  void repair() {
    until("no push is being sent", () -> rowsWith("lease IS NOT NULL") == 0);
    receiver.answering(_ -> Answer.of(201));
  }

  @Test
  void a_guest_who_is_away_gets_a_push_without_the_text_of_the_message() {
    Guest guest = subscribed();
    agent.says(guest.conversation(), "My secret answer", "a");
    Received push = onlyPush();
    assertThat(push.header("Content-Encoding")).isEqualTo("aes128gcm");
    assertThat(push.header("TTL")).isEqualTo(String.valueOf(Limits.PUSH_TTL.toSeconds()));
    assertThat(push.header("Topic")).isEqualTo("parlour");
    assertThat(Json.object(browser.opens(push.body())))
        .contains(Map.of("parlour", 1L, "title", "Ask us", "text", "New message"));
  }

  @Test
  void the_push_service_learns_who_sends_by_a_key_that_stays_the_same() {
    Guest guest = subscribed();
    agent.says(guest.conversation(), "Hello", "a");
    Received push = onlyPush();
    Map<?, ?> claims = push.claims();
    assertThat(claims.get("aud")).isEqualTo(receiver.origin());
    assertThat(claims.get("sub")).isEqualTo("mailto:ops@example.com");
    long expires = ((Number) Objects.requireNonNull(claims.get("exp"))).longValue();
    assertThat(Instant.ofEpochSecond(expires))
        .isBetween(installation.clock.instant(), installation.clock.instant().plusSeconds(86_400));
    assertThat(push.key()).isEqualTo(guest.get(PUSH).text("key"));
    until(() -> waiting(guest) == 0); // a process that stops meanwhile leaves it to the next one
    installation.restart(Role.SCOPED_AUTH);
    assertThat(guest.get(PUSH).text("key")).isEqualTo(push.key());
  }

  @Test
  void a_guest_who_reads_the_message_in_time_gets_no_push() {
    Guest guest = subscribed();
    agent.says(guest.conversation(), "Hello", "a");
    guest.posts("/v2/Webchat/Read", "{\"index\":0}");
    installation.clock.pass(DUE);
    until(() -> waiting(guest) == 0);
    assertThat(receiver.to(path)).isEmpty();
    agent.says(guest.conversation(), "Are you there?", "b");
    onlyPush();
  }

  @Test
  void messages_of_the_guest_ask_for_no_push() {
    Guest guest = subscribed();
    guest.says("Hello?", "a");
    assertThat(waiting(guest)).isZero();
  }

  @Test
  void many_messages_are_one_push_and_later_ones_another_after_a_pause() {
    Guest guest = subscribed();
    for (int i = 0; i < 5; i++) {
      agent.says(guest.conversation(), "Hello " + i, "a" + i);
    }
    onlyPush();
    until(() -> waiting(guest) == 0);
    agent.says(guest.conversation(), "And this", "b");
    agent.says(guest.conversation(), "And that", "c");
    assertThat(dueIn(guest)).isGreaterThan(DUE.multipliedBy(2));
    installation.clock.pass(Limits.PUSH_PAUSE);
    until(() -> receiver.to(path).size() == 2);
  }

  @Test
  void a_subscription_that_has_ended_at_the_push_service_is_deleted() {
    receiver.answering(_ -> Answer.of(410));
    Guest guest = subscribed();
    agent.says(guest.conversation(), "Hello", "a");
    onlyPush();
    until(() -> guest.get(PUSH).text("subscribed").equals("false"));
  }

  @Test
  void a_push_service_that_is_down_is_called_again_until_it_accepts_the_push() {
    AtomicInteger calls = new AtomicInteger();
    receiver.answering(push ->
        push.path().equals(path) && calls.incrementAndGet() < 3 ? Answer.of(503) : Answer.of(201));
    Guest guest = subscribed();
    agent.says(guest.conversation(), "Hello", "a");
    onlyPush();
    for (int sent = 2; sent <= 3; sent++) {
      int pushes = sent;
      // Otherwise the lease ends while the push is being sent, and another one is sent beside it.
      until("the failure is stored", () -> !isBeingSent(guest));
      installation.clock.pass(Limits.MAX_PUSH_BACK_OFF);
      until(() -> receiver.to(path).size() == pushes);
    }
    until(() -> waiting(guest) == 0);
    assertThat(receiver.to(path)).hasSize(3);
    assertThat(failures(guest)).isZero();
    assertThat(metrics()).contains("parlour_pushes_total{outcome=\"failed\"}");
  }

  @Test
  void its_retry_after_is_respected_and_it_is_given_up_after_hours() {
    receiver.answering(_ -> new Answer(429, "3000"));
    Guest guest = subscribed();
    agent.says(guest.conversation(), "Hello", "a");
    onlyPush();
    until(() -> failures(guest) == 1);
    assertThat(dueIn(guest)).isGreaterThan(Duration.ofMinutes(45));
    installation.clock.pass(Limits.PUSH_GIVE_UP);
    until(() -> waiting(guest) == 0);
    assertThat(rows(guest)).isEqualTo(1);
  }

  @Test
  void a_push_service_that_does_not_answer_delays_no_chat() {
    receiver.hanging();
    Guest guest = subscribed();
    agent.says(guest.conversation(), "Hello", "a");
    onlyPush();
    assertThat(guest.says("Hello", "b").status()).isEqualTo(201);
    agent.says(guest.conversation(), "Again", "c");
    until(() -> failures(guest) == 1);
    receiver.answering(_ -> Answer.of(201));
    installation.clock.pass(Limits.MAX_PUSH_BACK_OFF);
    until(() -> receiver.to(path).size() == 2);
  }

  @Test
  void nobody_makes_parlour_call_another_host() {
    Guest guest = installation.guest().starts();
    for (String endpoint : List.of(
        "https://169.254.169.254/latest",
        "https://push.example.com.evil.example/x",
        "http://push.example.com/x",
        "http://127.0.0.1:1/x")) {
      Reply reply = guest.posts(PUSH, browser.subscription(endpoint, "Ask us", "New message"));
      assertThat(reply.status()).as(endpoint).isEqualTo(409);
      assertThat(reply.code()).isEqualTo(45794);
    }
    assertThat(guest.get(PUSH).text("subscribed")).isEqualTo("false");
  }

  @Test
  void a_malformed_subscription_is_refused_without_its_values() {
    Guest guest = installation.guest().starts();
    String good = browser.subscription(receiver.origin() + path, "Ask us", "New message");
    for (String bad : List.of(
        good.replace(browser.p256dh(), browser.p256dh().substring(1)),
        good.replace(browser.p256dh(), "B" + "A".repeat(86)),
        good.replace(browser.auth(), "AAAA"),
        good.replace(receiver.origin(), "not an address"),
        good.replace("Ask us", "x".repeat(101)),
        good.replace(path, "/" + "x".repeat(1_100)),
        "{}")) {
      Reply reply = guest.posts(PUSH, bad);
      assertThat(reply.status()).as(bad).isEqualTo(400);
      assertThat(reply.code()).isEqualTo(45770);
      assertThat(reply.response().body()).doesNotContain(browser.auth(), path);
    }
  }

  @Test
  void the_guest_switches_it_off() {
    Guest guest = subscribed();
    agent.says(guest.conversation(), "Hello", "a");
    assertThat(guest.posts(PUSH + "/End", "{}").text("subscribed")).isEqualTo("false");
    assertThat(guest.posts(PUSH + "/End", "{}").text("subscribed")).isEqualTo("false");
    assertThat(waiting(guest)).isZero();
    assertThat(guest.get(PUSH).text("subscribed")).isEqualTo("false");
  }

  @Test
  void a_browser_has_one_subscription_that_follows_its_newest_chat() {
    Guest first = subscribed();
    Guest second = subscribed();
    assertThat(first.get(PUSH).text("subscribed")).isEqualTo("false");
    assertThat(second.get(PUSH).text("subscribed")).isEqualTo("true");
    assertThat(subscribe(second).status()).as("once more").isEqualTo(200);
    assertThat(rows(second)).isEqualTo(1);
  }

  @Test
  void a_session_that_was_ended_gets_no_push_and_loses_its_subscription() {
    Guest guest = subscribed();
    installation.sessions(sessions -> {
      Sid.Conversation conversation = new Sid.Conversation(guest.conversation());
      return sessions.revokeAllOf(conversation, "a test", installation.clock.instant());
    });
    agent.says(guest.conversation(), "Hello", "a");
    installation.clock.pass(DUE);
    until(() -> rows(guest) == 0);
    assertThat(receiver.to(path)).isEmpty();
  }

  @Test
  void the_end_of_a_session_deletes_its_subscription_soon() {
    Guest guest = subscribed();
    installation.sessions(sessions -> sessions.revokeAllOf(
        new Sid.Conversation(guest.conversation()), "a test", installation.clock.instant()));
    until(() -> rows(guest) == 0);
  }

  @Test
  void a_guest_who_erases_the_chat_in_the_browser_loses_the_subscription() {
    Guest guest = subscribed();
    guest.posts("/v2/Webchat/End", "{\"forget\":true}");
    assertThat(rows(guest)).isZero();
  }

  @Test
  void the_subscription_is_erased_with_the_conversation() {
    Guest guest = subscribed();
    String one = "/v1/Conversations/" + guest.conversation();
    assertThat(installation.server("DELETE", one, "").status()).isEqualTo(204);
    assertThat(rows(guest)).isZero();
  }

  private Guest subscribed() {
    Guest guest = installation.guest().starts();
    assertThat(subscribe(guest).status()).isEqualTo(200);
    return guest;
  }

  private Reply subscribe(Guest guest) {
    return guest.posts(
        PUSH, browser.subscription(receiver.origin() + path, "Ask us", "New message"));
  }

  private Received onlyPush() {
    installation.clock.pass(DUE);
    until(() -> !receiver.to(path).isEmpty());
    assertThat(receiver.to(path)).hasSize(1);
    return receiver.to(path).getFirst();
  }

  private long rows(Guest guest) {
    return count(guest, "1 = 1");
  }

  private long waiting(Guest guest) {
    return count(guest, "due_at IS NOT NULL");
  }

  private boolean isBeingSent(Guest guest) {
    return count(guest, "lease IS NOT NULL") > 0;
  }

  private long failures(Guest guest) {
    return number("SUM(failures)", "conversation_sid = '%s'".formatted(guest.conversation()));
  }

  private long count(Guest guest, String condition) {
    return rowsWith("conversation_sid = '%s' AND %s".formatted(guest.conversation(), condition));
  }

  private long rowsWith(String condition) {
    return number("COUNT(*)", condition);
  }

  private long number(String what, String condition) {
    try (Database database = installation.database(SqlConversationStore.SCHEMA)) {
      return database.read(sql -> sql.first(
              "SELECT %s AS number FROM push_subscription WHERE %s".formatted(what, condition),
              row -> row.getLong("number"))
          .orElseThrow());
    }
  }

  private Duration dueIn(Guest guest) {
    try (Database database = installation.database(SqlConversationStore.SCHEMA)) {
      Instant due = database.read(sql -> sql.first(
              "SELECT due_at FROM push_subscription WHERE conversation_sid = ?",
              row -> Instant.ofEpochMilli(row.getLong("due_at")),
              guest.conversation())
          .orElseThrow());
      return Duration.between(installation.clock.instant(), due);
    }
  }

  private String metrics() {
    return Http.send(Http.request(installation.internal(Role.CONVERSATIONS).resolve("/metrics"))
            .GET()
            .build())
        .body();
  }
}

package parlour.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static parlour.Eventually.until;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import parlour.Limits;
import parlour.RandomHex;
import parlour.Sid;
import parlour.accounts.Accounts;
import parlour.accounts.GeneratedSecrets;
import parlour.accounts.SqlAccounts;
import parlour.config.Role;
import parlour.config.Setting;
import parlour.http.json.Json;
import parlour.inbox.AgentPushes.GuestMessage;
import parlour.inbox.Agents;
import parlour.inbox.SqlAgentPushes;
import parlour.inbox.SqlAgents;
import parlour.process.ServiceDecorators;
import parlour.spec.Guest.Reply;
import parlour.spec.Installation.Shape;
import parlour.spec.PushReceiver.Received;
import parlour.spec.WebhookReceiver.Answer;
import parlour.store.Database;

/** Web Push to agents, with a push service on a loopback address. */
@Timeout(90)
@ParameterizedClass
@InBothShapes
class AgentPushTest {
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
  private final Sid.Address desk = Sid.Address.random(new SecureRandom());
  private final AgentBrowser member;
  private final AgentBrowser colleague;
  private final AgentBrowser outsider;
  private final Guest guest;

  /** A desk of this test alone. The messages of the tests before are too old for its agents. */
  AgentPushTest(Shape shape) {
    installation = installations.in(shape);
    installation.clock.pass(Limits.CLOCK_SKEW.multipliedBy(2));
    member = agent();
    colleague = agent();
    outsider = agent();
    installation.accounts(accounts -> accounts.create(
        new Accounts.Address(desk, installation.account, "Sales", installation.clock.instant())));
    Accounts.Settings defaults = installation.defaults();
    Sid.Deployment deployment = installation.deploy(new Accounts.Settings(
        Optional.of(desk), defaults.allowedOrigins(), defaults.rules(), defaults.lifetimes()));
    installation.desks(members -> {
      assertThat(members.add(desk, member.name())).isEmpty();
      assertThat(members.add(desk, colleague.name())).isEmpty();
    });
    guest = installation.guest().of(deployment).starts();
  }

  private AgentBrowser agent() {
    return new AgentBrowser(installation, installation.agent(Agents.Role.AGENT));
  }

  @AfterEach
  void repair() {
    until("no push is being sent", () -> number("COUNT(*)", "lease IS NOT NULL") == 0);
    receiver.answering(_ -> Answer.of(201));
    installation.desks(members -> members
        .of(desk)
        .forEach(one -> assertThat(members.remove(desk, one.name())).isTrue()));
  }

  /** A browser's subscription, and the pushes to it. */
  private record Subscribed(AgentBrowser agent, PushBrowser keys, String path) {
    Subscribed(AgentBrowser agent) {
      this(agent, new PushBrowser(), "/a/" + RandomHex.next(new SecureRandom(), 8));
    }

    Reply subscribe(String origin) {
      return agent.posts("/push", body(origin));
    }

    String body(String origin) {
      return keys.subscription(origin + path, "Inbox", "New message in {desk}");
    }

    List<Received> pushes() {
      return receiver.to(path);
    }

    boolean isOn() {
      return agent.gets("/push").text("subscribed").equals("true");
    }

    String digest() {
      String cookie = agent.cookie();
      return GeneratedSecrets.hexDigest(cookie.substring(cookie.indexOf('=') + 1));
    }
  }

  private Subscribed subscribed(AgentBrowser agent) {
    Subscribed one = new Subscribed(agent);
    assertThat(one.subscribe(receiver.origin()).status()).isEqualTo(200);
    return one;
  }

  /** The guest writes, and the message has asked the agent for a push. */
  private void asked(Subscribed one, String text) {
    guest.says(text, RandomHex.next(new SecureRandom(), 8));
    until("the message has asked for a push", () -> isWaiting(one));
  }

  private boolean isWaiting(Subscribed one) {
    return count(one, "due_at IS NOT NULL") == 1;
  }

  private Received onlyPush(Subscribed one) {
    installation.clock.pass(DUE);
    until(() -> !one.pushes().isEmpty());
    assertThat(one.pushes()).hasSize(1);
    return one.pushes().getFirst();
  }

  private void noPush(Subscribed one) {
    installation.clock.pass(DUE);
    until("it is decided", () -> !isWaiting(one));
    assertThat(one.pushes()).isEmpty();
  }

  @Test
  void an_agent_whose_inbox_is_closed_gets_a_push_with_the_desk_and_without_a_text_of_the_guest() {
    Subscribed one = subscribed(member);
    asked(one, "The swordfish is mine");
    Received push = onlyPush(one);
    assertThat(push.header("TTL")).isEqualTo(String.valueOf(Limits.PUSH_TTL.toSeconds()));
    assertThat(push.header("Topic")).isEqualTo("parlour");
    assertThat(push.key()).isEqualTo(member.gets("/push").text("key"));
    assertThat(push.claims().get("aud")).isEqualTo(receiver.origin());
    assertThat(Json.object(one.keys().opens(push.body())))
        .contains(Map.of(
            "parlour",
            1L,
            "title",
            "Inbox",
            "text",
            "New message in Sales",
            "conversation",
            guest.conversation()));
  }

  @Test
  void many_messages_are_one_push_and_later_ones_another_after_a_pause() {
    Subscribed one = subscribed(member);
    asked(one, "Hello");
    asked(one, "Hello again");
    var _ = onlyPush(one);
    until("the push is counted", () -> count(one, "quiet_until > 0") == 1);
    asked(one, "Are you there?");
    installation.clock.pass(Limits.PUSH_PAUSE);
    until(() -> one.pushes().size() == 2);
  }

  @Test
  void a_message_that_a_colleague_reads_in_time_causes_no_push() {
    Subscribed one = subscribed(member);
    asked(one, "Hello");
    var _ = colleague.posts(guest.conversation(), "read", "{\"index\":0}");
    noPush(one);
    asked(one, "Are you there?");
    var _ = onlyPush(one);
  }

  @Test
  void a_message_in_a_conversation_of_a_colleague_is_for_the_colleague() {
    Subscribed own = subscribed(member);
    Subscribed theirs = subscribed(colleague);
    asked(own, "Hello");
    var _ = colleague.posts(guest.conversation(), "assignee", assigning(colleague));
    noPush(own);
    var _ = onlyPush(theirs);
    until(() -> !isWaiting(theirs));
    asked(theirs, "Hello again");
    assertThat(isWaiting(own)).isFalse();
  }

  private static String assigning(AgentBrowser agent) {
    return "{\"assignee\":\"%s\"}".formatted(agent.identity());
  }

  @Test
  void chats_that_a_guest_starts_and_closes_keep_no_push_about_another_guest_away() {
    Subscribed one = subscribed(member);
    asked(one, "Hello");
    String waiting = guest.conversation();
    closedChats(Limits.AGENT_PUSH_CANDIDATES + 1);
    assertThat(Json.object(one.keys().opens(onlyPush(one).body())))
        .hasValueSatisfying(push -> assertThat(push).containsEntry("conversation", waiting));
  }

  @Test
  void a_push_is_sent_if_there_are_too_many_closed_chats_to_find_the_one_that_is_unread() {
    Subscribed one = subscribed(member);
    asked(one, "Hello");
    closedChats(Limits.AGENT_PUSH_CANDIDATES * Limits.AGENT_PUSH_PAGES);
    var _ = onlyPush(one);
  }

  /** Messages that were recorded, and whose conversations no longer exist. */
  private void closedChats(int count) {
    Instant now = installation.clock.instant().plusMillis(1);
    List<GuestMessage> messages = Stream.generate(() -> Sid.Conversation.random(new SecureRandom()))
        .limit(count)
        .map(sid -> new GuestMessage(sid, desk, Optional.empty(), 0, now))
        .toList();
    try (Database database = installation.database(SqlAccounts.SCHEMA)) {
      new SqlAgentPushes(database).record(installation.account, now, messages, List.of(), now);
    }
  }

  @Test
  void a_message_after_one_that_was_removed_asks_again() {
    Subscribed one = subscribed(member);
    asked(one, "Hello");
    Reply second = guest.says("My password is …", "m2");
    asked(one, "Sorry");
    until("the third message is recorded", () -> mark() == 2);
    var _ = onlyPush(one);
    until(() -> !isWaiting(one));
    String path =
        "/v1/Conversations/%s/Messages/%s".formatted(guest.conversation(), second.text("sid"));
    assertThat(installation.server("DELETE", path, "").status()).isEqualTo(204);
    asked(one, "Are you there?");
  }

  /** The mark of the newest message that is recorded of the guest. */
  private long mark() {
    try (Database database = installation.database(SqlAccounts.SCHEMA)) {
      return database.read(sql -> sql.first(
              "SELECT mark FROM agent_push_message WHERE conversation_sid = ?",
              row -> row.getLong("mark"),
              guest.conversation())
          .orElse(-1L));
    }
  }

  @Test
  void an_instant_from_a_clock_ahead_keeps_no_push_away() {
    Subscribed one = subscribed(member);
    try (Database database = installation.database(SqlAccounts.SCHEMA)) {
      new SqlAgents(database)
          .recordOpen(one.digest(), installation.clock.instant().plus(Limits.AGENT_PUSH_AGE));
    }
    asked(one, "Hello");
    var _ = onlyPush(one);
  }

  @Test
  void an_agent_who_does_not_see_the_desk_gets_no_push() {
    Subscribed hidden = subscribed(outsider);
    Subscribed shown = subscribed(member);
    asked(shown, "Hello");
    var _ = onlyPush(shown);
    assertThat(isWaiting(hidden)).isFalse();
    assertThat(hidden.pushes()).isEmpty();
  }

  @Test
  void an_agent_who_leaves_the_desk_gets_no_push_that_was_waiting() {
    Subscribed one = subscribed(member);
    asked(one, "Hello");
    installation.desks(
        members -> assertThat(members.remove(desk, member.name())).isTrue());
    noPush(one);
  }

  @Test
  void a_browser_that_is_signed_out_gets_no_push_that_was_waiting() {
    Subscribed own = subscribed(member);
    Subscribed witness = subscribed(colleague);
    asked(own, "Hello");
    assertThat(member.posts("/sign-out", "{}").status()).isEqualTo(204);
    assertThat(count(own, "1 = 1")).isZero();
    var _ = onlyPush(witness);
    assertThat(own.pushes()).isEmpty();
  }

  @Test
  void a_browser_that_was_idle_for_too_long_gets_no_push_and_loses_its_subscription() {
    Subscribed one = subscribed(member);
    asked(one, "Hello");
    installation.clock.pass(Limits.AGENT_IDLE);
    until(() -> count(one, "1 = 1") == 0);
    assertThat(one.pushes()).isEmpty();
  }

  @Test
  void a_worker_that_subscribes_again_keeps_no_browser_signed_in() {
    Subscribed one = subscribed(member);
    installation.clock.pass(Limits.AGENT_IDLE.minusMinutes(1));
    assertThat(one.subscribe(receiver.origin()).status()).isEqualTo(200);
    installation.clock.pass(Duration.ofMinutes(2));
    assertThat(member.gets("/me").code()).isEqualTo(45782);
  }

  @Test
  void a_browser_with_the_inbox_open_gets_no_push_until_it_is_closed() {
    Subscribed one = subscribed(member);
    try (GuestSocket stream = member.opensStream()) {
      stream.receives("welcome");
      until(() -> opened(one) > 0);
      long before = opened(one);
      asked(one, "Hello");
      installation.clock.pass(Limits.INBOX_OPEN_INTERVAL.plusSeconds(1));
      until("it is recorded again", () -> opened(one) > before);
      installation.clock.pass(Limits.AGENT_PUSH_OPEN_WAIT);
      until("it is decided", () -> !isWaiting(one));
      assertThat(one.pushes()).isEmpty();
    }
    asked(one, "Hello again");
    installation.clock.pass(Limits.AGENT_PUSH_OPEN_WAIT.plus(DUE));
    until(() -> one.pushes().size() == 1);
  }

  private long opened(Subscribed one) {
    try (Database database = installation.database(SqlAccounts.SCHEMA)) {
      return database.read(sql -> sql.first(
              "SELECT COALESCE(connected_at, 0) AS at FROM agent_session WHERE digest = ?",
              row -> row.getLong("at"),
              one.digest())
          .orElseThrow());
    }
  }

  @Test
  void a_subscription_that_has_ended_at_the_push_service_is_deleted() {
    receiver.answering(_ -> Answer.of(410));
    Subscribed one = subscribed(member);
    asked(one, "Hello");
    var _ = onlyPush(one);
    until(() -> !one.isOn());
  }

  @Test
  void an_agent_switches_pushes_off() {
    Subscribed one = subscribed(member);
    asked(one, "Hello");
    assertThat(one.isOn()).isTrue();
    assertThat(member.posts("/push/end", "{}").text("subscribed")).isEqualTo("false");
    assertThat(one.isOn()).isFalse();
    assertThat(isWaiting(one)).isFalse();
  }

  @Test
  void nobody_makes_parlour_call_another_host_and_no_other_page_subscribes() {
    Subscribed one = new Subscribed(member);
    for (String origin : List.of(
        "https://169.254.169.254",
        "https://push.example.com.evil.example",
        "http://push.example.com",
        "http://127.0.0.1:1")) {
      Reply reply = one.subscribe(origin);
      assertThat(reply.status()).as(origin).isEqualTo(409);
      assertThat(reply.code()).isEqualTo(45794);
    }
    assertThat(member.postsFromAnotherSite("/push").status()).isEqualTo(403);
    assertThat(one.isOn()).isFalse();
  }

  @Test
  void a_malformed_subscription_is_refused_without_its_values() {
    Subscribed one = new Subscribed(member);
    String good = one.body(receiver.origin());
    for (String bad : List.of(
        good.replace(one.keys().p256dh(), "B" + "A".repeat(86)),
        good.replace(one.keys().auth(), "AAAA"),
        good.replace(receiver.origin(), "not an address"),
        good.replace("New message", "x".repeat(101)),
        "{}")) {
      Reply reply = member.posts("/push", bad);
      assertThat(reply.status()).as(bad).isEqualTo(400);
      assertThat(reply.response().body()).doesNotContain(one.keys().auth(), one.path());
    }
  }

  @Test
  void a_push_service_that_is_down_is_called_again_and_counted() {
    Subscribed one = subscribed(member);
    receiver.answering(push -> Answer.of(push.path().equals(one.path()) ? 503 : 201));
    asked(one, "Hello");
    var _ = onlyPush(one);
    until("the failure is stored", () -> count(one, "failures = 1 AND lease IS NULL") == 1);
    receiver.answering(_ -> Answer.of(201));
    installation.clock.pass(Limits.MAX_PUSH_BACK_OFF);
    until(() -> one.pushes().size() == 2);
    String metrics = Http.send(
            Http.request(installation.internal(Role.ORCHESTRATOR).resolve("/metrics"))
                .GET()
                .build())
        .body();
    assertThat(metrics)
        .contains("parlour_agent_pushes_total{outcome=\"failed\"}", "parlour_agent_pushes_waiting");
  }

  private long count(Subscribed one, String condition) {
    return number("COUNT(*)", "digest = '%s' AND %s".formatted(one.digest(), condition));
  }

  private long number(String what, String condition) {
    try (Database database = installation.database(SqlAccounts.SCHEMA)) {
      return database.read(sql -> sql.first(
              "SELECT %s AS number FROM agent_push WHERE %s".formatted(what, condition),
              row -> row.getLong("number"))
          .orElseThrow());
    }
  }
}

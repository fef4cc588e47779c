package parlour.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import parlour.Sid;
import parlour.accounts.Accounts;
import parlour.accounts.Lifetimes;
import parlour.spec.Guest.Reply;
import parlour.spec.Installation.Shape;

/** Chats that ended, and are reopened within the time that their deployment allows. */
@ParameterizedClass
@InBothShapes
class ReopeningTest {
  private static final Duration HOUR = Duration.ofHours(1);
  private static final Duration MINUTE = Duration.ofMinutes(1);

  @AutoClose
  private static final BothShapes installations = new BothShapes();

  private final Installation installation;
  private AgentBrowser agent;

  ReopeningTest(Shape shape) {
    installation = installations.in(shape);
    agent = new AgentBrowser(installation);
  }

  @Test
  void an_agent_reopens_a_chat_until_its_time_is_over() {
    Guest guest = ended(HOUR);
    assertThat(leftInInbox(guest)).isBetween(HOUR.minus(MINUTE).toSeconds(), HOUR.toSeconds());
    installation.clock.pass(HOUR.minus(MINUTE));
    assertThat(byAgent(guest, "reopen").status()).isEqualTo(204);
    assertThat(shown(guest, "state")).isEqualTo("active");
    assertThat(leftInInbox(guest)).isNull();
    assertThat(guest.says("Thank you", "b").status()).isEqualTo(201);
  }

  @Test
  void after_that_time_agents_and_servers_are_refused_with_the_reason() {
    Guest guest = ended(HOUR);
    installation.clock.pass(HOUR);
    assertThat(shown(guest, "state")).isEqualTo("closed");
    assertThat(leftInInbox(guest)).isNull();
    for (Reply refused : List.of(byAgent(guest, "reopen"), byServer(guest, "active"))) {
      assertThat(refused.status()).isEqualTo(409);
      assertThat(refused.code()).isEqualTo(45781);
      assertThat(refused.text("message")).contains("does not allow", "deployments update --reopen");
    }
    assertThat(byServer(guest, "closed").text("state")).isEqualTo("closed");
    assertThat(guest.says("late", "b").code()).isEqualTo(45781);
  }

  @Test
  void the_time_begins_at_the_last_end_and_a_second_end_does_not_prolong_it() {
    Guest guest = ended(HOUR);
    installation.clock.pass(HOUR.dividedBy(2));
    assertThat(byAgent(guest, "close").status()).as("closed already").isEqualTo(204);
    guest.posts("/v2/Webchat/End", "{}");
    installation.clock.pass(HOUR.dividedBy(2));
    assertThat(byAgent(guest, "reopen").code()).isEqualTo(45781);

    Guest another = ended(HOUR);
    installation.clock.pass(HOUR.dividedBy(2));
    assertThat(byServer(another, "active").text("state")).isEqualTo("active");
    assertThat(byServer(another, "closed").text("state")).isEqualTo("closed");
    installation.clock.pass(HOUR.dividedBy(2));
    assertThat(byAgent(another, "reopen").status()).isEqualTo(204);
  }

  @Test
  void a_deployment_that_switched_it_off_reopens_nothing_and_its_change_applies_at_once() {
    Guest off = ended(Duration.ZERO);
    assertThat(leftInInbox(off)).isNull();
    assertThat(byAgent(off, "reopen").code()).isEqualTo(45781);
    assertThat(byServer(off, "active").code()).isEqualTo(45781);

    Guest guest = installation.guest().starts();
    guest.says("Hello", "a");
    guest.posts("/v2/Webchat/End", "{}");
    assertThat(leftInInbox(guest)).isNotNull();
    installation.configure(settings -> with(settings, Duration.ZERO));
    assertThat(byAgent(guest, "reopen").code()).isEqualTo(45781);
    installation.configure(settings -> with(settings, HOUR));
    assertThat(byAgent(guest, "reopen").status()).isEqualTo(204);
  }

  @Test
  void a_chat_of_a_deleted_deployment_is_not_reopened() {
    Guest guest = ended(HOUR);
    installation.accounts(accounts -> accounts.delete(guest.deployment()));
    while (leftInInbox(guest) != null) {
      Thread.onSpinWait(); // the orchestrator polls for the change
    }
    assertThat(byAgent(guest, "reopen").code()).isEqualTo(45781);
  }

  @Test
  void an_erased_chat_is_not_reopened() {
    Guest guest = ended(HOUR);
    String one = "/v1/Conversations/" + guest.conversation();
    assertThat(installation.server("DELETE", one, "").status()).isEqualTo(204);
    assertThat(byAgent(guest, "reopen").status()).isEqualTo(404);
    assertThat(byServer(guest, "active").status()).isEqualTo(404);
  }

  @Test
  void the_time_ends_with_the_session_of_the_guest() {
    Guest guest = ended(Duration.ofDays(30));
    assertThat(leftInInbox(guest)).isPositive().isLessThan(Duration.ofHours(25).toSeconds());
    installation.clock.pass(Duration.ofHours(25));
    agent = new AgentBrowser(installation); // the other one is signed out by now
    assertThat(leftInInbox(guest)).isNull();
    assertThat(byAgent(guest, "reopen").text("message")).contains("session is over");
  }

  @Test
  void closing_and_reopening_at_once_leave_one_state_that_everybody_sees() {
    Guest guest = ended(HOUR);
    for (int round = 0; round < 5; round++) {
      List<Integer> answers =
          AtOnce.run(6, i -> byAgent(guest, i % 2 == 0 ? "reopen" : "close").status());
      assertThat(answers).containsOnly(204);
      Object state = shown(guest, "state");
      assertThat(installation
              .server("GET", "/v1/Conversations/" + guest.conversation(), "")
              .text("state"))
          .isEqualTo(state);
      assertThat(guest.get("/v2/Webchat/Messages").text("state")).isEqualTo(state);
      assertThat(guest.says("Hello", "round" + round).status())
          .isEqualTo("active".equals(state) ? 201 : 409);
    }
  }

  @Test
  void a_guest_reopens_their_chat_until_its_time_is_over() {
    Guest guest = ended(HOUR);
    assertThat(left(guest)).isBetween(HOUR.minus(MINUTE).toSeconds(), HOUR.toSeconds());
    try (GuestSocket socket = guest.opensSocket().says(guest.hello(-1))) {
      assertThat((Long) socket.receives("welcome").get("reopenable_for")).isPositive();
      assertThat((Long) socket.receives("state").get("reopenable_for")).isPositive();
      assertThat(shown(guest, "waiting_since")).isNull();
      assertThat(reopens(guest).json()).containsEntry("state", "active");
      assertThat(shown(guest, "waiting_since"))
          .as("the question has no answer yet")
          .isNotNull();
      assertThat(socket.receives("state"))
          .containsEntry("state", "active")
          .containsEntry("reopenable_for", null);
      assertThat(guest.says("One more thing", "b").status()).isEqualTo(201);
      assertThat(agent.says(guest.conversation(), "Yes?", "c").status()).isEqualTo(201);
      assertThat(socket.receivesUntil("Yes?")).contains("One more thing");
      guest.posts("/v2/Webchat/End", "{}");
      assertThat((Long) socket.receives("state").get("reopenable_for")).isPositive();
    }
    installation.clock.pass(HOUR);
    assertThat(left(guest)).isNull();
    Reply refused = reopens(guest);
    assertThat(refused.status()).isEqualTo(409);
    assertThat(refused.code()).isEqualTo(45781);
    assertThat(refused.text("message")).contains("cannot be reopened any more");
    assertThat(guest.get("/v2/Webchat/Messages").text("state")).isEqualTo("closed");
  }

  @Test
  void an_open_chat_that_its_guest_reopens_stays_as_it_is() {
    Guest guest = guest(Duration.ZERO);
    Object revision = guest.get("/v2/Webchat/Messages").json().get("revision");
    assertThat(reopens(guest).json()).containsEntry("state", "active");
    assertThat(guest.get("/v2/Webchat/Messages").json()).containsEntry("revision", revision);
  }

  @Test
  void a_guest_cannot_reopen_where_the_deployment_does_not_allow_it() {
    Guest guest = ended(Duration.ZERO);
    assertThat(left(guest)).isNull();
    assertThat(reopens(guest).code()).isEqualTo(45781);
  }

  @Test
  void a_guest_whose_session_is_over_cannot_reopen_and_starts_anew() {
    Guest forgotten = guest(HOUR);
    forgotten.posts("/v2/Webchat/End", "{\"forget\":true}");
    assertThat(reopens(forgotten).code()).isEqualTo(45775);

    Guest expired = ended(Duration.ofDays(30));
    installation.clock.pass(Duration.ofHours(25));
    assertThat(reopens(expired).code()).isEqualTo(45775);
    String before = expired.conversation();
    assertThat(expired.starts().conversation()).isNotEqualTo(before);
  }

  @Test
  void a_guest_cannot_reopen_an_erased_chat() {
    Guest guest = ended(HOUR);
    String one = "/v1/Conversations/" + guest.conversation();
    assertThat(installation.server("DELETE", one, "").status()).isEqualTo(204);
    assertThat(reopens(guest).code()).isEqualTo(45775);
  }

  @Test
  void a_guest_who_was_removed_cannot_reopen_and_the_chat_of_the_others_stays_closed() {
    Guest guest = ended(HOUR);
    String one = "/v1/Conversations/" + guest.conversation();
    String identity = guest.get("/v2/Webchat/Messages").text("identity");
    assertThat(
            installation.server("DELETE", one + "/Participants/" + identity, "").status())
        .isEqualTo(204);
    assertThat(left(guest)).isNull();
    try (GuestSocket socket = guest.opensSocket().says(guest.hello(-1))) {
      assertThat(socket.receives("welcome")).containsEntry("reopenable_for", null);
    }
    assertThat(reopens(guest).code()).isEqualTo(45781);
    assertThat(installation.server("GET", one, "").text("state")).isEqualTo("closed");
  }

  @Test
  void a_guest_and_agents_who_reopen_and_close_at_once_see_one_state() {
    Guest guest = ended(HOUR);
    for (int round = 0; round < 5; round++) {
      List<Integer> answers = AtOnce.run(6, i -> switch (i % 3) {
        case 0 -> reopens(guest).status();
        case 1 -> byAgent(guest, "close").status();
        default -> guest.posts("/v2/Webchat/End", "{}").status();
      });
      assertThat(answers).containsOnly(200, 204);
      Object state = shown(guest, "state");
      assertThat(guest.get("/v2/Webchat/Messages").text("state")).isEqualTo(state);
      assertThat(reopens(guest).status()).isEqualTo(200);
      assertThat(guest.says("Hello", "round" + round).status()).isEqualTo(201);
    }
  }

  @Test
  void a_guest_can_reopen_their_chat_only_while_their_session_lasts() {
    Guest guest = ended(Duration.ofDays(30));
    long day = Duration.ofDays(1).toSeconds();
    assertThat(left(guest)).isBetween(day - MINUTE.toSeconds(), day);
    try (GuestSocket socket = guest.opensSocket().says(guest.hello(-1))) {
      for (String type : List.of("welcome", "state")) {
        assertThat((Long) socket.receives(type).get("reopenable_for"))
            .as(type)
            .isBetween(day - MINUTE.toSeconds(), day);
      }
    }
  }

  private static Reply reopens(Guest guest) {
    return guest.posts("/v2/Webchat/Reopen", "{}");
  }

  /** For how many seconds the guest can reopen the chat. */
  private static @Nullable Long left(Guest guest) {
    return (Long) guest.get("/v2/Webchat/Messages").json().get("reopenable_for");
  }

  private Guest ended(Duration reopen) {
    Guest guest = guest(reopen);
    guest.says("Hello", "a");
    guest.posts("/v2/Webchat/End", "{}");
    return guest;
  }

  private Guest guest(Duration reopen) {
    Sid.Deployment deployment = installation.deploy(with(installation.defaults(), reopen));
    return installation.guest().of(deployment).starts();
  }

  private static Accounts.Settings with(Accounts.Settings settings, Duration reopen) {
    return new Accounts.Settings(
        settings.address(),
        settings.allowedOrigins(),
        settings.rules(),
        Lifetimes.DEFAULT.reopening(reopen));
  }

  private Reply byAgent(Guest guest, String what) {
    return agent.posts("/conversations/" + guest.conversation() + "/" + what, "{}");
  }

  private Reply byServer(Guest guest, String state) {
    return installation.server(
        "POST", "/v1/Conversations/" + guest.conversation(), "State=" + state);
  }

  /** A field of the conversation as agents see it in their list. */
  private @Nullable Object shown(Guest guest, String field) {
    Map<?, ?> summary = (Map<?, ?>) Objects.requireNonNull(
        agent.gets("/conversations/" + guest.conversation()).json().get("summary"));
    return summary.get(field);
  }

  /** For how many seconds agents can reopen the chat. */
  private @Nullable Long leftInInbox(Guest guest) {
    return (Long) shown(guest, "reopenable_for");
  }
}

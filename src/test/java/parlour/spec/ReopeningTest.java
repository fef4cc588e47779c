package parlour.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
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
    assertThat(Instant.parse(String.valueOf(until(guest))))
        .isBetween(
            installation.clock.instant().plus(HOUR).minus(MINUTE),
            installation.clock.instant().plus(HOUR));
    installation.clock.pass(HOUR.minus(MINUTE));
    assertThat(byAgent(guest, "reopen").status()).isEqualTo(204);
    assertThat(shown(guest, "state")).isEqualTo("active");
    assertThat(until(guest)).isNull();
    assertThat(guest.says("Thank you", "b").status()).isEqualTo(201);
  }

  @Test
  void after_that_time_agents_and_servers_are_refused_with_the_reason() {
    Guest guest = ended(HOUR);
    installation.clock.pass(HOUR);
    assertThat(shown(guest, "state")).isEqualTo("closed");
    assertThat(until(guest)).isNull();
    for (Reply refused : List.of(byAgent(guest, "reopen"), byServer(guest, "active"))) {
      assertThat(refused.status()).isEqualTo(409);
      assertThat(refused.code()).isEqualTo(45781);
      assertThat(refused.text("message")).contains("is over", "deployments update --reopen");
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
    assertThat(until(off)).isNull();
    assertThat(byAgent(off, "reopen").code()).isEqualTo(45781);
    assertThat(byServer(off, "active").code()).isEqualTo(45781);

    Guest guest = installation.guest().starts();
    guest.says("Hello", "a");
    guest.posts("/v2/Webchat/End", "{}");
    assertThat(until(guest)).isNotNull();
    installation.configure(settings -> with(settings, Duration.ZERO));
    assertThat(byAgent(guest, "reopen").code()).isEqualTo(45781);
    installation.configure(settings -> with(settings, HOUR));
    assertThat(byAgent(guest, "reopen").status()).isEqualTo(204);
  }

  @Test
  void a_chat_of_a_deleted_deployment_is_not_reopened() {
    Guest guest = ended(HOUR);
    installation.accounts(accounts -> accounts.delete(guest.deployment()));
    while (until(guest) != null) {
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
    Instant until = Instant.parse(String.valueOf(until(guest)));
    assertThat(until).isBefore(installation.clock.instant().plus(Duration.ofHours(25)));
    installation.clock.pass(Duration.ofHours(25));
    agent = new AgentBrowser(installation); // the other one is signed out by now
    assertThat(until(guest)).isNull();
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

  private @Nullable Object until(Guest guest) {
    return shown(guest, "reopenable_until");
  }
}

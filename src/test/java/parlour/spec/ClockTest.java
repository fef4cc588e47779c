package parlour.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import parlour.Limits;
import parlour.accounts.Accounts;
import parlour.accounts.Lifetimes;
import parlour.process.ServiceDecorators;
import parlour.spec.Guest.Reply;
import parlour.spec.Installation.Shape;

/** A wrong clock is a fault of the installation, and does not refuse any guest. */
class ClockTest {
  @AutoClose
  private static final BothShapes installations = new BothShapes(ServiceDecorators.NONE, Map.of());

  private static final Duration YEAR = Duration.ofDays(365);

  private Duration off = Duration.ZERO;

  @AfterEach
  void setTheClock() {
    installations.each(installation -> installation.clock.jump(off.negated()));
  }

  @ParameterizedTest
  @EnumSource(names = {"ONE_PROCESS", "A_PROCESS_PER_ROLE"})
  void while_the_clock_is_behind_a_genuine_token_is_unavailable_and_then_good_again(Shape shape) {
    whileTheClockIsOff(shape, Duration.ofHours(-1));
  }

  @ParameterizedTest
  @EnumSource(names = {"ONE_PROCESS", "A_PROCESS_PER_ROLE"})
  void right_after_the_clock_jumped_ahead_nobody_is_too_late(Shape shape) {
    whileTheClockIsOff(shape, Duration.ofDays(10));
  }

  /** A guest with a key renews the token at once, because its age does not matter. */
  @ParameterizedTest
  @EnumSource(names = {"ONE_PROCESS", "A_PROCESS_PER_ROLE"})
  void a_guest_of_a_clock_that_was_ahead_by_a_year_goes_on_two_minutes_after_it_was_set(
      Shape shape) {
    Installation installation = installations.in(shape);
    Guest unbound = installation.guest().starts();
    Guest bound = installation.guest().withKey(GuestKey.next()).starts();
    installation.clock.jump(YEAR.negated());
    off = YEAR.negated();

    assertUnavailable(unbound.reloads(), 45774);
    assertUnavailable(unbound.says("hello", "n1"), 45770);
    assertUnavailable(bound.says("hello", "n1"), 45770);
    assertThat(bound.reloads().status()).isEqualTo(200);
    assertThat(bound.says("hello again", "n2").status()).isEqualTo(201);

    installation.clock.pass(Limits.CLOCK_SETTLING);
    assertThat(unbound.says("hello", "n1").status()).isEqualTo(201);
    try (GuestSocket socket = unbound.opensSocket().says(unbound.hello(-1))) {
      socket.receives("welcome");
    }
    assertThat(unbound.reloads().status()).isEqualTo(200);
    Instant expiration = Instant.parse(unbound.reloads().text("expiration"));
    assertThat(expiration).isBefore(installation.clock.instant().plus(Duration.ofDays(1)));
  }

  @ParameterizedTest
  @EnumSource(names = {"ONE_PROCESS", "A_PROCESS_PER_ROLE"})
  void right_after_the_clock_jumped_ahead_a_repeated_start_does_not_seem_old(Shape shape) {
    Installation installation = installations.in(shape);
    Guest guest = installation.guest();
    String start =
        "{\"deploymentKey\":\"%s\",\"idempotencyKey\":\"00112233445566778899aabbccddeeff\"}"
            .formatted(installation.deployment.text());
    String first = guest.post("/v2/Webchat/Init", start).text("conversation_sid");
    Duration jump = Limits.IDEMPOTENCY_KEY_TTL.plusMinutes(1);
    installation.clock.jump(jump);
    off = jump;
    assertUnavailable(guest.post("/v2/Webchat/Init", start), 45773);
    installation.clock.jump(jump.negated());
    off = Duration.ZERO;
    assertThat(guest.post("/v2/Webchat/Init", start).text("conversation_sid")).isEqualTo(first);
  }

  @ParameterizedTest
  @EnumSource(names = {"ONE_PROCESS", "A_PROCESS_PER_ROLE"})
  void right_after_the_clock_jumped_ahead_no_chat_has_ended_too_long_ago_to_be_reopened(
      Shape shape) {
    Installation installation = installations.in(shape);
    Guest guest = installation.guest().starts();
    guest.posts("/v2/Webchat/End", "{}");
    String one = "/v1/Conversations/" + guest.conversation();
    Duration jump = Limits.REOPEN_DEFAULT.minusMinutes(1); // its session is as old
    installation.configure(settings -> new Accounts.Settings(
        settings.address(),
        settings.allowedOrigins(),
        settings.rules(),
        Lifetimes.DEFAULT.reopening(jump)));
    installation.clock.jump(jump);
    off = jump;
    assertUnavailable(installation.server("POST", one, "State=active"), 45770);
    installation.clock.jump(jump.negated());
    off = Duration.ZERO;
    assertThat(installation.server("POST", one, "State=active").text("state")).isEqualTo("active");
  }

  private void whileTheClockIsOff(Shape shape, Duration jump) {
    Installation installation = installations.in(shape);
    Guest guest = installation.guest().starts();
    try (GuestSocket open = guest.opensSocket().says(guest.hello(-1))) {
      open.receives("welcome");
      installation.clock.jump(jump);
      off = jump;

      assertUnavailable(guest.reloads(), 45774);
      assertUnavailable(guest.says("hello", "n1"), 45770);
      assertUnavailable(guest.get("/v2/Webchat/Messages"), 45770);
      try (GuestSocket socket = guest.opensSocket().says(guest.hello(-1))) {
        assertThat(socket.receives("refused"))
            .containsEntry("action", "retry")
            .containsKey("retry_after");
        assertThat(socket.closedWith()).isEqualTo(1013);
      }

      installation.clock.jump(jump.negated());
      off = Duration.ZERO;
      assertThat(guest.reloads().status()).isEqualTo(200);
      assertThat(guest.says("hello again", "n2").status()).isEqualTo(201);
      assertThat(open.receivesUntil("hello again")).contains("hello again");
    }
  }

  private static void assertUnavailable(Reply reply, int code) {
    assertThat(reply.status()).as(reply.response().body()).isEqualTo(503);
    assertThat(reply.code()).isEqualTo(code);
    assertThat(reply.text("action")).isEqualTo("retry");
    assertThat(reply.header("Retry-After")).matches("[1-9][0-9]*");
  }
}

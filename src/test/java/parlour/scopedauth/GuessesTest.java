package parlour.scopedauth;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import parlour.Limits;
import parlour.events.BusEvent;

/** A thief without a key guesses the browser of a session that has none either. */
class GuessesTest extends WithScopedAuth {
  /** Differs in what medium compares. */
  private static final Fingerprint WRONG =
      TestScopedAuth.fingerprint(Sensitivity.MEDIUM, Signal.BROWSER);

  /** A right guess of what medium compares; the other headers are the thief's own. */
  private static final Fingerprint GUESSED =
      TestScopedAuth.fingerprint(Sensitivity.MEDIUM, Signal.USER_AGENT, Signal.LOGIN_TIMESTAMP);

  @Test
  void before_ten_wrong_guesses_a_right_one_opens_the_session() {
    GuestToken token = sas.start();
    guess(token, Limits.GUESSES_BEFORE_HIGH - 1);
    assertThat(sas.validate(token, GUESSED)).isInstanceOf(Verdict.Authorized.class);
  }

  @Test
  void after_ten_wrong_guesses_every_signal_must_agree() {
    GuestToken token = sas.start();
    guess(token, Limits.GUESSES_BEFORE_HIGH);
    assertThat(sas.validate(token, GUESSED)).isEqualTo(FINGERPRINT_REFUSED);
    assertThat(sas.validate(token)).isInstanceOf(Verdict.Authorized.class);
  }

  @Test
  void after_ten_wrong_guesses_every_signal_must_agree_at_the_first_use_of_a_token_too() {
    GuestToken next = sas.refresh(sas.start());
    guess(next, Limits.GUESSES_BEFORE_HIGH);
    assertThat(sas.validate(next, GUESSED)).isEqualTo(FINGERPRINT_REFUSED);
    assertThat(sas.session(next).generation()).isEqualTo(Generation.FIRST);
    assertThat(sas.validate(next)).isInstanceOf(Verdict.Authorized.class);
    assertThat(sas.session(next).generation()).isEqualTo(Generation.FIRST.next());
  }

  @Test
  void the_guests_next_token_is_compared_at_its_own_level_again() {
    GuestToken token = sas.start();
    guess(token, Limits.GUESSES_BEFORE_HIGH);
    GuestToken next = sas.refresh(token);
    sas.clock.pass(Limits.NEW_TOKEN_AGE); // so that the session is read
    assertThat(sas.validate(next, GUESSED)).isInstanceOf(Verdict.Authorized.class);
  }

  @Test
  void guesses_with_an_older_token_count_for_the_newest_one() {
    GuestToken first = sas.start();
    GuestToken second = sas.refresh(first);
    guess(second, Limits.GUESSES_BEFORE_HIGH / 2);
    guess(first, Limits.GUESSES_BEFORE_HIGH / 2);
    assertThat(sas.validate(second, GUESSED)).isEqualTo(FINGERPRINT_REFUSED);
  }

  @Test
  void fifty_wrong_guesses_end_the_session_and_its_sockets() {
    AtomicInteger revocations = new AtomicInteger();
    sas.events.subscribe(event -> {
      if (event instanceof BusEvent.SessionRevoked) {
        revocations.incrementAndGet();
      }
    });
    GuestToken token = sas.start();
    TokenGeneration guessed = sas.guest(token).token();
    for (int i = 1; i < Limits.GUESSES_BEFORE_REVOCATION; i++) { // the service limits their rate
      sas.sessions.guessed(guessed, "from another browser", sas.clock.instant());
    }
    assertThat(sas.validate(token)).isInstanceOf(Verdict.Authorized.class);
    assertThat(revocations).hasValue(0);
    guess(token, 1);
    assertThat(sas.validate(token)).isEqualTo(TOKEN_REFUSED);
    assertThat(revocations).hasPositiveValue();
    assertThat(sas.session(token).revoked().orElseThrow().why()).contains("50 times");
  }

  /** Otherwise a thief who copied the token could end the chat. */
  @Test
  void wrong_keys_never_end_a_bound_session() {
    TestScopedAuth.BoundGuest guest = sas.startBound();
    var authorized = (Verdict.Authorized) sas.validate(guest.token(), guest.key(), Purpose.CALL);
    TokenGeneration guessed = authorized.guest().token();
    for (int i = 1; i < Limits.GUESSES_BEFORE_REVOCATION; i++) {
      sas.sessions.guessed(guessed, "from another browser", sas.clock.instant());
    }
    for (int i = 0; i < 3; i++) {
      assertThat(sas.validate(guest.token(), sas.startBound().key(), Purpose.CALL))
          .isEqualTo(FINGERPRINT_REFUSED);
    }
    assertThat(sas.session(guest.token()).revoked()).isEmpty();
    assertThat(sas.validate(guest.token(), guest.key(), Purpose.CALL))
        .isInstanceOf(Verdict.Authorized.class);
  }

  @Test
  void a_level_that_refuses_no_browser_is_not_raised() {
    Fingerprint observed = TestScopedAuth.fingerprint(Sensitivity.OBSERVE);
    GuestToken token = sas.start(observed);
    TokenGeneration guessed = sas.guest(token).token();
    for (int i = 0; i < Limits.GUESSES_BEFORE_HIGH; i++) { // while the level was another one
      sas.sessions.guessed(guessed, "from another browser", sas.clock.instant());
    }
    assertThat(sas.validate(token, WRONG)).isInstanceOf(Verdict.Authorized.class);
  }

  @Test
  void a_tolerated_difference_does_not_become_the_guests_own_by_a_refresh() {
    List<Signal> oneAfterTheOther = List.of(Signal.LANGUAGE, Signal.COOKIES, Signal.TIME_ZONE);
    for (Signal first : oneAfterTheOther) {
      GuestToken token = sas.start();
      Fingerprint once = TestScopedAuth.fingerprint(Sensitivity.MEDIUM, first);
      GuestToken next = sas.refresh(token, once);
      assertThat(sas.validate(next, once)).isInstanceOf(Verdict.Authorized.class);
      assertThat(sas.validate(next)).isInstanceOf(Verdict.Authorized.class);
      oneAfterTheOther.stream().filter(second -> second != first).forEach(second -> {
        Fingerprint twice = TestScopedAuth.fingerprint(Sensitivity.MEDIUM, first, second);
        assertThat(sas.validate(next, twice)).isEqualTo(FINGERPRINT_REFUSED);
      });
    }
  }

  @Test
  void an_update_of_the_browser_is_the_guests_own_after_a_refresh() {
    Fingerprint updated = TestScopedAuth.fingerprint(
        Sensitivity.MEDIUM, Signal.USER_AGENT, Signal.ACCEPT_LANGUAGE, Signal.DECODERS);
    GuestToken next = sas.refresh(sas.start(), updated);
    guess(next, Limits.GUESSES_BEFORE_HIGH);
    assertThat(sas.validate(next, updated)).isInstanceOf(Verdict.Authorized.class);
    assertThat(sas.validate(next)).isEqualTo(FINGERPRINT_REFUSED);
  }

  @Test
  void the_guests_old_token_ends_a_session_whose_newest_one_another_browser_used() {
    GuestToken token = sas.start();
    Fingerprint thief = TestScopedAuth.fingerprint(Sensitivity.MEDIUM, Signal.TIME_ZONE);
    GuestToken stolen = sas.refresh(token, thief);
    assertThat(sas.validate(stolen, thief)).isInstanceOf(Verdict.Authorized.class);
    sas.clock.pass(Limits.GENERATION_GRACE.plusSeconds(1));
    assertThat(sas.validate(token)).isEqualTo(TOKEN_REFUSED);
    assertThat(sas.validate(stolen, thief)).isEqualTo(TOKEN_REFUSED);
    assertThat(sas.session(token).revoked()).isNotNull();
  }

  @Test
  void a_level_that_refuses_no_browser_ends_no_session_because_of_another_browser() {
    for (Sensitivity level : new Sensitivity[] {Sensitivity.OFF, Sensitivity.OBSERVE}) {
      Fingerprint home = TestScopedAuth.fingerprint(level);
      Fingerprint other = TestScopedAuth.fingerprint(level, Signal.BROWSER);
      GuestToken token = sas.start(home);
      GuestToken next = sas.refresh(token, home);
      assertThat(sas.validate(next, other)).isInstanceOf(Verdict.Authorized.class);
      sas.clock.pass(Limits.GENERATION_GRACE.plusSeconds(1));
      assertThat(sas.validate(token, home)).isEqualTo(TOKEN_REFUSED);
      assertThat(sas.validate(next, other)).isInstanceOf(Verdict.Authorized.class);
    }
  }

  @Test
  void a_replay_alone_ends_nothing() {
    GuestToken token = sas.start();
    GuestToken next = sas.reload(token);
    sas.clock.pass(Limits.GENERATION_GRACE.plusSeconds(1));
    assertThat(sas.validate(token)).isEqualTo(TOKEN_REFUSED);
    assertThat(sas.validate(token, WRONG)).isEqualTo(TOKEN_REFUSED);
    assertThat(sas.validate(next)).isInstanceOf(Verdict.Authorized.class);
  }

  private void guess(GuestToken token, int times) {
    for (int i = 0; i < times; i++) {
      assertThat(sas.validate(token, WRONG)).isEqualTo(FINGERPRINT_REFUSED);
    }
  }
}

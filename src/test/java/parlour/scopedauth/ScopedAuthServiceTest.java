package parlour.scopedauth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.spi.ILoggingEvent;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.event.KeyValuePair;
import parlour.Identity;
import parlour.Limits;
import parlour.Sid;
import parlour.TooManyRequests;
import parlour.Unavailable;
import parlour.spec.AtOnce;
import parlour.spec.StoppedClock;

/** The rules of tokens, generations and grace, over a real store. */
class ScopedAuthServiceTest extends WithScopedAuth {
  // ---- the guest of a token

  @Test
  void a_token_authorizes_the_guest_that_it_was_issued_to() {
    IssuedToken issued =
        sas.start(TestScopedAuth.HOME, TestScopedAuth.TOKEN_TTL, TestScopedAuth.SESSION_TTL);
    Guest guest = sas.guest(issued.token());
    assertThat(guest.account()).isEqualTo(sas.audience.account());
    assertThat(guest.deployment()).isEqualTo(sas.audience.deployment());
    assertThat(guest.identity()).isEqualTo(new Identity("guest_1"));
    assertThat(guest.grants()).isEqualTo(Guest.GRANTS);
    assertThat(guest.sessionExpires())
        .isEqualTo(sas.clock.instant().plus(TestScopedAuth.SESSION_TTL));
    assertThat(issued.expiration()).isEqualTo(sas.clock.instant().plus(TestScopedAuth.TOKEN_TTL));
  }

  @Test
  void a_repeated_call_with_the_same_sid_opens_no_second_session() {
    Sid.Session sid = Sid.Session.random(sas.random);
    Sid.Conversation conversation = Sid.Conversation.random(sas.random);
    NewSession wanted = wanted(sid, "guest_1", conversation);
    GuestToken lost = sas.service.generate(wanted).token();
    sas.clock.pass(Duration.ofSeconds(2));
    GuestToken kept = sas.service.generate(wanted).token();
    assertThat(sas.session(kept)).isEqualTo(sas.session(lost));
    assertThat(sas.sessions.newest(new Sessions.Scope.All(), 10)).hasSize(1);
    assertThat(sas.guest(kept).token().generation().number()).isEqualTo(1);
    assertThatThrownBy(() -> sas.service.generate(wanted(sid, "guest_2", conversation)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private NewSession wanted(Sid.Session sid, String identity, Sid.Conversation conversation) {
    return new NewSession(
        sid,
        new SessionOwner(
            sas.audience.account(),
            sas.audience.deployment(),
            new Identity(identity),
            conversation),
        Guest.GRANTS,
        TestScopedAuth.HOME,
        Optional.empty(),
        TestScopedAuth.TOKEN_TTL,
        TestScopedAuth.SESSION_TTL);
  }

  @Test
  void a_generation_is_superseded_once_its_successor_was_used_for_longer_than_the_grace() {
    GuestToken first = sas.start();
    Sid.Session session = sas.session(first).sid();
    TokenGeneration one = new TokenGeneration(session, new Generation(1));
    TokenGeneration two = new TokenGeneration(session, new Generation(2));
    List<TokenGeneration> all =
        List.of(one, two, new TokenGeneration(Sid.Session.random(sas.random), new Generation(1)));
    GuestToken second = sas.refresh(first);
    sas.clock.pass(Limits.GENERATION_GRACE.plusSeconds(1));
    assertThat(sas.service.superseded(all)).isEmpty(); // its successor is not used yet
    sas.guest(second);
    sas.clock.pass(Limits.GENERATION_GRACE.minusSeconds(1));
    assertThat(sas.service.superseded(all)).isEmpty();
    sas.clock.pass(Duration.ofSeconds(1));
    assertThat(sas.service.superseded(all)).containsExactly(one);
    assertThat(sas.service.superseded(List.of())).isEmpty();
  }

  @Test
  void no_two_tokens_are_the_same() {
    GuestToken token = sas.start();
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < 20; i++) {
      assertThat(seen.add(sas.refresh(token).text())).isTrue();
    }
  }

  @Test
  void a_token_prints_nothing_of_its_text() {
    GuestToken token = sas.start();
    assertThat(token.toString()).isEqualTo("GuestToken[…]");
    assertThat(TestScopedAuth.HOME.toString()).isEqualTo("Fingerprint[medium]");
    assertThat(MasterKey.parse(sas.masterKey).toString()).doesNotContain(sas.masterKey);
  }

  // ---- generations

  @Test
  void only_its_first_use_confirms_a_new_token() {
    GuestToken first = sas.start();
    GuestToken second = sas.refresh(first);
    assertThat(sas.session(first).generation().number()).isEqualTo(1);
    sas.guest(second);
    assertThat(sas.session(first).generation().number()).isEqualTo(2);
    sas.guest(second);
    assertThat(sas.session(first).generation().number()).isEqualTo(2);
  }

  @Test
  void a_lost_response_and_a_reload_hours_later_interrupt_nobody() {
    GuestToken first = sas.start();
    GuestToken lost = sas.refresh(first);
    sas.clock.pass(Duration.ofHours(5));
    GuestToken second = sas.reload(first);
    assertThat(sas.session(first).generation().number()).isEqualTo(2);
    // The lost token has the same generation, so it is not a replay.
    assertThat(sas.guest(lost).nextGeneration()).isEqualTo(sas.guest(second).nextGeneration());
  }

  @Test
  void two_tabs_that_refresh_at_once_both_get_valid_tokens() {
    GuestToken token = sas.reload(sas.start());
    List<GuestToken> answers = AtOnce.run(2, i -> sas.refresh(token));
    List<Verdict> verdicts = AtOnce.run(2, i -> sas.validate(answers.get(i)));
    assertThat(verdicts).allSatisfy(v -> assertThat(v).isInstanceOf(Verdict.Authorized.class));
    assertThat(sas.session(token).generation().number()).isEqualTo(3);
    answers.forEach(
        answer -> assertThat(sas.guest(answer).nextGeneration().number()).isEqualTo(4));
  }

  @Test
  void twenty_tabs_that_wake_up_together_all_stay_in_the_chat() {
    GuestToken token = sas.start();
    for (int round = 0; round < 3; round++) {
      GuestToken shared = token;
      List<GuestToken> answers = AtOnce.run(20, i -> sas.reload(shared));
      sas.clock.pass(Duration.ofMinutes(5));
      answers.forEach(sas::guest);
      token = answers.getLast();
    }
    assertThat(sas.session(token).incidents().refusals()).isZero();
  }

  @Test
  void a_superseded_token_is_valid_for_the_grace_to_the_millisecond() {
    GuestToken first = sas.start();
    GuestToken second = sas.refresh(first);
    sas.clock.pass(Duration.ofHours(1));
    sas.guest(second);
    sas.clock.pass(Limits.GENERATION_GRACE.minusMillis(1));
    assertThat(sas.validate(first)).isInstanceOf(Verdict.Authorized.class);
    sas.clock.pass(Duration.ofMillis(1));
    assertThat(sas.validate(first)).isEqualTo(TOKEN_REFUSED);
    assertThat(sas.validate(second)).isInstanceOf(Verdict.Authorized.class);
  }

  @Test
  void the_grace_begins_with_the_first_use_of_the_next_generation_not_of_a_later_one() {
    GuestToken first = sas.start();
    GuestToken second = sas.reload(first);
    sas.clock.pass(Duration.ofSeconds(40));
    sas.reload(second);
    sas.clock.pass(Duration.ofSeconds(20));
    assertThat(sas.validate(first)).isEqualTo(TOKEN_REFUSED);
    assertThat(sas.validate(second)).isInstanceOf(Verdict.Authorized.class);
  }

  @Test
  void three_quick_reloads_with_an_old_token_in_its_grace_all_succeed() {
    GuestToken old = sas.start();
    for (int i = 0; i < 3; i++) {
      GuestToken next = sas.reload(old);
      assertThat(sas.guest(next).sessionExpires()).isAfter(sas.clock.instant());
      sas.clock.pass(Duration.ofSeconds(5));
    }
    assertThat(sas.session(old).generation().number()).isEqualTo(2);
  }

  @Test
  void the_successor_of_a_token_in_its_grace_is_of_the_current_generation() {
    GuestToken first = sas.start();
    GuestToken third = sas.reload(sas.reload(first));
    GuestToken rejoined = sas.refresh(first);
    sas.clock.pass(Duration.ofHours(1));
    assertThat(sas.guest(rejoined).nextGeneration()).isEqualTo(sas.guest(third).nextGeneration());
    assertThat(sas.session(first).generation().number()).isEqualTo(3);
  }

  @Test
  void after_twenty_reloads_within_the_grace_the_oldest_token_is_still_valid() {
    GuestToken oldest = sas.start();
    GuestToken token = oldest;
    for (int i = 0; i < 20; i++) {
      token = sas.reload(token);
      sas.clock.pass(Duration.ofSeconds(2));
    }
    assertThat(sas.validate(oldest)).isInstanceOf(Verdict.Authorized.class);
  }

  @Test
  void a_clock_that_is_set_back_interrupts_nobody_with_an_older_token() {
    GuestToken first = sas.start();
    sas.clock.pass(Duration.ofMinutes(10));
    sas.reload(first);
    sas.clock.pass(Duration.ofMinutes(-10));
    assertThatThrownBy(() -> sas.validate(first)).isInstanceOf(Unavailable.class);
    assertThat(sas.session(first).incidents().refusals()).isZero();
    sas.clock.pass(Duration.ofMinutes(10));
    assertThat(sas.validate(first)).isInstanceOf(Verdict.Authorized.class);
  }

  @Test
  void after_the_restore_of_a_backup_newer_tokens_are_still_valid() {
    GuestToken first = sas.start();
    Session backup = sas.session(first);
    GuestToken fourth = sas.reload(sas.reload(sas.reload(first)));
    sas.database.write(sql -> sql.update(
        "UPDATE guest_session SET generation = 1, confirmations = ? WHERE sid = ?",
        backup.confirmations().text(),
        backup.sid().text()));
    sas.clock.pass(Duration.ofHours(1));
    assertThat(sas.validate(fourth)).isInstanceOf(Verdict.Authorized.class);
    assertThat(sas.session(first).generation().number()).isEqualTo(4);
    sas.clock.pass(Limits.GENERATION_GRACE);
    assertThat(sas.validate(first)).isEqualTo(TOKEN_REFUSED);
  }

  // ---- replays

  @Test
  void a_replay_is_refused_and_recorded_and_the_session_stays_live() {
    GuestToken first = sas.start();
    GuestToken second = sas.reload(first);
    sas.clock.pass(Duration.ofMinutes(5));
    assertThat(sas.validate(first)).isEqualTo(TOKEN_REFUSED);
    Session session = sas.session(first);
    assertThat(session.incidents().replays()).isEqualTo(1);
    assertThat(session.incidents().refusals()).isEqualTo(1);
    assertThat(session.incidents().lastRefusal().orElseThrow().at()).isEqualTo(sas.clock.instant());
    assertThat(session.incidents().lastRefusal().orElseThrow().why())
        .isEqualTo("superseded, and presented again");
    assertThat(session.revoked()).isEmpty();
    assertThat(sas.validate(second)).isInstanceOf(Verdict.Authorized.class);
  }

  @Test
  void a_replay_revokes_the_session_if_the_deployment_says_so() {
    GuestToken first = sas.start();
    GuestToken second = sas.reload(first);
    sas.clock.pass(Duration.ofMinutes(5));
    assertThat(sas.service.validate(
            new Presented(first, TestScopedAuth.HOME), sas.strict, Purpose.CALL))
        .isEqualTo(TOKEN_REFUSED);
    assertThat(sas.session(first).revoked().orElseThrow().at()).isEqualTo(sas.clock.instant());
    assertThat(sas.validate(second)).isEqualTo(TOKEN_REFUSED);
    assertThat(sas.seen(second, TestScopedAuth.HOME).detail()).isEqualTo("its session was revoked");
  }

  @Test
  void a_token_in_its_grace_is_not_a_replay() {
    GuestToken first = sas.start();
    GuestToken second = sas.reload(first);
    sas.service.validate(new Presented(first, TestScopedAuth.HOME), sas.strict, Purpose.CALL);
    assertThat(sas.session(first).incidents().replays()).isZero();
    assertThat(sas.validate(second)).isInstanceOf(Verdict.Authorized.class);
  }

  @Test
  void a_replay_at_another_deployment_revokes_nothing() {
    GuestToken first = sas.start();
    sas.reload(first);
    sas.clock.pass(Duration.ofMinutes(5));
    Audience other = new Audience(sas.audience.account(), Sid.Deployment.random(sas.random), true);
    assertThat(sas.service.validate(new Presented(first, TestScopedAuth.HOME), other, Purpose.CALL))
        .isEqualTo(TOKEN_REFUSED);
    assertThat(sas.session(first).revoked()).isEmpty();
    assertThat(sas.session(first).incidents().replays()).isZero();
  }

  @Test
  void a_thief_who_uses_up_the_refusals_cannot_prevent_that_a_replay_revokes_the_session() {
    GuestToken guests = sas.start();
    GuestToken thiefs = sas.reload(guests);
    sas.clock.pass(Duration.ofMinutes(5));
    useUpTheRefusals(thiefs);
    assertThatThrownBy(() -> sas.service.validate(
            new Presented(guests, TestScopedAuth.HOME), sas.strict, Purpose.CALL))
        .isInstanceOf(TooManyRequests.class);
    assertThat(sas.session(guests).revoked().orElseThrow().at()).isEqualTo(sas.clock.instant());
    assertThat(sas.session(guests).incidents().replays()).isEqualTo(1);
  }

  // ---- ends

  @Test
  void a_token_expires_with_its_session_at_the_latest() {
    GuestToken token = sas.start();
    sas.clock.pass(Duration.ofHours(5));
    token = sas.reload(token);
    for (int i = 0; i < 3; i++) {
      sas.clock.pass(Duration.ofHours(5));
      token = sas.reload(token);
    }
    Guest guest = sas.guest(token);
    IssuedToken last = sas.service.generate(guest, TestScopedAuth.HOME, TestScopedAuth.TOKEN_TTL);
    assertThat(last.expiration()).isEqualTo(guest.sessionExpires());
    sas.clock.set(guest.sessionExpires().minusMillis(1));
    assertThat(sas.validate(last.token())).isInstanceOf(Verdict.Authorized.class);
    sas.clock.set(guest.sessionExpires());
    assertThat(sas.validate(last.token())).isEqualTo(TOKEN_REFUSED);
  }

  @Test
  void the_first_token_expires_with_its_session_at_the_latest_too() {
    IssuedToken issued = sas.start(TestScopedAuth.HOME, Duration.ofHours(6), Duration.ofHours(1));
    assertThat(issued.expiration()).isEqualTo(sas.clock.instant().plus(Duration.ofHours(1)));
  }

  @Test
  void a_token_is_valid_until_the_instant_of_its_expiration_and_not_at_it() {
    IssuedToken issued = sas.start(TestScopedAuth.HOME, Duration.ofHours(6), Duration.ofHours(24));
    sas.clock.set(issued.expiration().minusMillis(1));
    assertThat(sas.validate(issued.token())).isInstanceOf(Verdict.Authorized.class);
    sas.clock.set(issued.expiration());
    assertThat(sas.validate(issued.token())).isEqualTo(TOKEN_REFUSED);
    assertThat(sas.seen(issued.token(), TestScopedAuth.HOME).detail()).isEqualTo("expired");
  }

  /** Parlour does not notice the first as a jump. */
  @ParameterizedTest
  @ValueSource(strings = {"PT1M", "PT5M", "PT1H", "P365D"})
  void a_token_of_a_clock_that_was_ahead_is_valid_as_soon_as_the_clock_is_believed(Duration ahead) {
    GuestToken second = sas.reload(sas.start());
    sas.clock.jump(ahead.negated());
    if (ahead.compareTo(Limits.CLOCK_JUMP) > 0) {
      assertThatThrownBy(() -> sas.validate(second))
          .isInstanceOf(Unavailable.class)
          .hasMessageContaining("the clock has jumped");
      sas.clock.pass(Limits.CLOCK_SETTLING);
    }
    assertThat(sas.validate(second, TestScopedAuth.STRANGER)).isEqualTo(FINGERPRINT_REFUSED);
    assertThat(sas.validate(second)).isInstanceOf(Verdict.Authorized.class);

    GuestToken third = sas.reload(second);
    assertThat(sas.session(third).generation().number()).isEqualTo(3);
    assertThat(sas.session(third).incidents().replays()).isZero();
    sas.clock.pass(Limits.GENERATION_GRACE);
    assertThat(sas.validate(second)).as("superseded by this clock").isEqualTo(TOKEN_REFUSED);
    assertThat(sas.validate(third)).isInstanceOf(Verdict.Authorized.class);
    sas.clock.pass(TestScopedAuth.TOKEN_TTL);
    assertThat(sas.validate(third)).as("it lives as long as any").isEqualTo(TOKEN_REFUSED);
  }

  /** Parlour does not notice the first as a jump. A second tab has the older token. */
  @ParameterizedTest
  @ValueSource(strings = {"PT61S", "PT90S", "PT10M", "PT5H"})
  void a_first_use_at_a_node_that_is_behind_does_not_end_the_grace_at_the_other_node(
      Duration behind) {
    StoppedClock clockBehind = new StoppedClock();
    clockBehind.pass(behind.negated());
    ScopedAuthService nodeBehind = sas.node(clockBehind);
    GuestToken first = sas.start();
    TokenGeneration one = sas.guest(first).token();
    GuestToken second = sas.refresh(first);
    assertThat(nodeBehind.validate(
            new Presented(second, TestScopedAuth.HOME), sas.strict, Purpose.CALL))
        .isInstanceOf(Verdict.Authorized.class);
    assertThat(sas.session(first).generation().number()).isEqualTo(2);

    Presented older = new Presented(first, TestScopedAuth.HOME);
    assertThat(sas.service.validate(older, sas.strict, Purpose.CALL))
        .isInstanceOf(Verdict.Authorized.class);
    assertThatThrownBy(() -> nodeBehind.validate(older, sas.strict, Purpose.CALL))
        .isInstanceOf(Unavailable.class)
        .hasMessageContaining("behind the first use of a newer token");
    sas.clock.pass(Limits.GENERATION_GRACE.minusMillis(1));
    assertThat(sas.service.validate(older, sas.strict, Purpose.CALL))
        .isInstanceOf(Verdict.Authorized.class);
    assertThat(sas.service.superseded(List.of(one))).isEmpty();
    assertThat(sas.session(first).revoked()).isEmpty();
    assertThat(sas.session(first).incidents().refusals()).isZero();

    sas.clock.pass(Duration.ofMillis(1));
    assertThat(sas.validate(first)).isEqualTo(TOKEN_REFUSED);
    assertThat(sas.service.superseded(List.of(one))).containsExactly(one);
    assertThat(sas.validate(second)).isInstanceOf(Verdict.Authorized.class);
  }

  @Test
  void another_account_does_not_learn_that_a_token_of_a_clock_that_was_ahead_is_genuine() {
    GuestToken token = sas.start();
    sas.clock.jump(Duration.ofHours(-1));
    assertThat(sas.service.validate(
            new Presented(token, TestScopedAuth.HOME),
            new Audience(sas.audience.account(), Sid.Deployment.random(sas.random), false),
            Purpose.CALL))
        .isEqualTo(TOKEN_REFUSED);
    assertThatThrownBy(() -> sas.validate(token)).isInstanceOf(Unavailable.class);
    sas.clock.jump(Duration.ofHours(1));
    assertThat(sas.validate(token)).isInstanceOf(Verdict.Authorized.class);
  }

  @Test
  void just_after_a_jump_of_the_clock_nothing_is_refused_for_its_age() {
    GuestToken first = sas.start();
    GuestToken second = sas.reload(first);
    sas.clock.jump(Duration.ofDays(10));
    for (GuestToken token : List.of(first, second)) {
      assertThatThrownBy(() -> sas.validate(token)).isInstanceOf(Unavailable.class);
    }
    Sid.Session session = sas.session(second).sid();
    assertThatThrownBy(() -> sas.service.isLive(session)).isInstanceOf(Unavailable.class);
    assertThat(sas.validate(new GuestToken("forged"))).isEqualTo(TOKEN_REFUSED);
    sas.clock.jump(Duration.ofDays(-10));
    assertThat(sas.validate(second)).isInstanceOf(Verdict.Authorized.class);
    assertThat(sas.session(second).incidents().replays()).isZero();
  }

  @Test
  void a_clock_that_is_set_back_does_not_make_a_replay_valid_again() {
    GuestToken first = sas.start();
    sas.clock.pass(Duration.ofHours(2));
    GuestToken second = sas.refresh(first);
    assertThat(sas.validate(second)).isInstanceOf(Verdict.Authorized.class);
    Duration late = Limits.GENERATION_GRACE.plusMinutes(10);
    sas.clock.pass(late);
    assertThat(sas.validate(first)).isEqualTo(TOKEN_REFUSED);
    // Far back: by this clock, the newer token was first used in the future.
    sas.clock.jump(Duration.ofHours(-1));
    assertThatThrownBy(() -> sas.validate(first)).isInstanceOf(Unavailable.class);
    sas.clock.pass(Limits.CLOCK_SETTLING);
    assertThatThrownBy(() -> sas.validate(first))
        .isInstanceOf(Unavailable.class)
        .hasMessageContaining("behind the first use of a newer token");
    sas.clock.jump(Duration.ofHours(1).minus(Limits.CLOCK_SETTLING));
    // Back to an instant within the grace.
    sas.clock.pass(Limits.CLOCK_SETTLING);
    sas.clock.jump(late.plus(Limits.CLOCK_SETTLING).negated());
    assertThatThrownBy(() -> sas.validate(first))
        .isInstanceOf(Unavailable.class)
        .hasMessageContaining("the clock has jumped");
    sas.clock.pass(Limits.CLOCK_SETTLING);
    assertThat(sas.validate(first)).isEqualTo(TOKEN_REFUSED);
  }

  @Test
  void a_jump_is_accepted_once_the_clock_has_been_steady_for_a_while() {
    GuestToken token = sas.start();
    sas.clock.jump(Duration.ofDays(10));
    assertThatThrownBy(() -> sas.validate(token)).isInstanceOf(Unavailable.class);
    sas.clock.pass(Limits.CLOCK_SETTLING);
    assertThat(sas.validate(token)).isEqualTo(TOKEN_REFUSED);
  }

  @Test
  void a_revocation_ends_every_token_of_the_session_at_once_and_for_good() {
    GuestToken first = sas.start();
    GuestToken second = sas.refresh(first);
    Sid.Session session = sas.session(first).sid();
    assertThat(sas.service.revoke(session, "the operator said so")).isTrue();
    assertThat(sas.service.revoke(session, "again")).isFalse();
    assertThat(sas.validate(first)).isEqualTo(TOKEN_REFUSED);
    assertThat(sas.validate(second)).isEqualTo(TOKEN_REFUSED);
    assertThat(sas.session(first).revoked().orElseThrow().why()).isEqualTo("the operator said so");
    assertThat(sas.session(first).generation().number()).isEqualTo(1);
  }

  @Test
  void a_revocation_affects_no_other_session() {
    GuestToken mine = sas.start();
    GuestToken other = sas.start();
    sas.service.revoke(sas.session(mine).sid(), "why");
    assertThat(sas.validate(other)).isInstanceOf(Verdict.Authorized.class);
  }

  @Test
  void a_token_issued_just_before_the_revocation_is_refused_after_it() {
    GuestToken first = sas.start();
    Guest guest = sas.guest(first);
    sas.service.revoke(guest.session(), "why");
    GuestToken late = sas.service
        .generate(guest, TestScopedAuth.HOME, TestScopedAuth.TOKEN_TTL)
        .token();
    assertThat(sas.validate(late)).isEqualTo(TOKEN_REFUSED);
  }

  @Test
  void a_token_of_a_deleted_session_is_refused() {
    GuestToken token = sas.start();
    sas.sessions.sweep(sas.clock.instant().plus(Duration.ofDays(2)), 10);
    assertThat(sas.validate(token)).isEqualTo(TOKEN_REFUSED);
    assertThat(sas.seen(token, TestScopedAuth.HOME).detail())
        .isEqualTo("its session does not exist");
  }

  // ---- forgeries

  @Test
  void every_flipped_bit_of_a_token_is_refused_as_malformed() {
    String token = sas.start().text();
    for (int i = 0; i < token.length(); i++) {
      for (int bit = 0; bit < 8; bit++) {
        StringBuilder flipped = new StringBuilder(token);
        flipped.setCharAt(i, (char) (token.charAt(i) ^ (1 << bit)));
        assertCause("malformed", flipped.toString());
      }
    }
  }

  @Test
  void every_truncated_token_is_refused_as_malformed() {
    String token = sas.start().text();
    for (int length = 0; length < token.length(); length++) {
      assertCause("malformed", token.substring(0, length));
      assertCause("malformed", token.substring(token.length() - length));
    }
  }

  @Test
  void every_changed_byte_with_a_correct_checksum_is_refused_as_forged() {
    GuestToken token = sas.start();
    byte[] sealed = sealed(token);
    assertThat(wrapped(sealed)).isEqualTo(token.text());
    for (int i = 0; i < sealed.length; i++) {
      byte[] changed = sealed.clone();
      changed[i] ^= 1;
      assertCause("not sealed by a key of this installation", wrapped(changed));
    }
    for (int length = 0; length < sealed.length; length += 7) {
      byte[] cut = Arrays.copyOf(sealed, length);
      assertCause("not sealed by a key of this installation", wrapped(cut));
    }
  }

  @Test
  void every_other_text_is_refused_as_malformed() {
    String token = sas.start().text();
    for (String odd : List.of(
        "",
        " ",
        ".",
        "plr1.",
        "plr1.AAAAAA",
        "plr2." + token.substring(5),
        "PLR1." + token.substring(5),
        " " + token,
        token + " ",
        token + "\n",
        token + "=",
        token + token,
        "null",
        "undefined",
        "Bearer " + token,
        "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.",
        "\u0000",
        "\ud800",
        "é".repeat(700),
        "plr1." + "A".repeat(100_000))) {
      assertCause("malformed", odd);
    }
  }

  @Test
  void a_token_of_another_installation_is_refused_as_forged(@TempDir Path elsewhere) {
    try (TestScopedAuth other = new TestScopedAuth(elsewhere)) {
      GuestToken token = other.start();
      assertThat(sas.validate(token)).isEqualTo(TOKEN_REFUSED);
      assertCause("not sealed by a key of this installation", token.text());
    }
  }

  @Test
  void a_text_that_was_sealed_for_another_purpose_is_not_a_token() {
    byte[] claims = "{\"iss\":\"parlour\"}".getBytes(StandardCharsets.UTF_8);
    byte[] otherPurpose = "parlour guest token plr2".getBytes(StandardCharsets.US_ASCII);
    assertCause(
        "not sealed by a key of this installation", wrapped(sas.keys.seal(claims, otherPurpose)));
  }

  @Test
  void a_token_of_another_account_or_deployment_is_refused_as_a_token() {
    GuestToken token = sas.start();
    for (Audience other : List.of(
        new Audience(Sid.Account.random(sas.random), sas.audience.deployment(), false),
        new Audience(sas.audience.account(), Sid.Deployment.random(sas.random), false),
        new Audience(Sid.Account.random(sas.random), Sid.Deployment.random(sas.random), false))) {
      assertThat(
              sas.service.validate(new Presented(token, TestScopedAuth.HOME), other, Purpose.CALL))
          .isEqualTo(TOKEN_REFUSED);
      assertThat(TestScopedAuth.seen(() -> sas.service.validate(
                  new Presented(token, TestScopedAuth.STRANGER), other, Purpose.CALL))
              .detail())
          .isEqualTo("of another account or deployment");
    }
    assertThat(sas.session(token).incidents().refusals()).isEqualTo(6);
  }

  // ---- the token comes first, then the fingerprint

  @Test
  void a_valid_token_from_another_browser_is_refused_for_its_fingerprint() {
    GuestToken token = sas.start();
    assertThat(sas.validate(token, TestScopedAuth.STRANGER)).isEqualTo(FINGERPRINT_REFUSED);
    assertThat(sas.session(token).incidents().refusals()).isEqualTo(1);
    assertThat(sas.session(token).incidents().lastRefusal().orElseThrow().why())
        .isEqualTo("from another browser");
    assertThat(sas.validate(token)).isInstanceOf(Verdict.Authorized.class);
  }

  @Test
  void every_invalid_token_from_another_browser_is_refused_as_a_token() {
    GuestToken expired = sas.start();
    sas.clock.pass(Duration.ofHours(7));
    GuestToken replayed = sas.start();
    sas.reload(replayed);
    GuestToken revoked = sas.start();
    sas.service.revoke(sas.session(revoked).sid(), "why");
    sas.clock.pass(Duration.ofMinutes(5));
    for (GuestToken bad : List.of(expired, replayed, revoked, new GuestToken("forged"))) {
      assertThat(sas.validate(bad, TestScopedAuth.STRANGER)).isEqualTo(TOKEN_REFUSED);
    }
  }

  @Test
  void a_thief_in_another_browser_confirms_nothing() {
    GuestToken first = sas.start();
    GuestToken second = sas.refresh(first);
    sas.validate(second, TestScopedAuth.STRANGER);
    assertThat(sas.session(first).generation().number()).isEqualTo(1);
    sas.clock.pass(Duration.ofMinutes(5));
    assertThat(sas.validate(first)).isInstanceOf(Verdict.Authorized.class);
  }

  @Test
  void the_exact_reason_is_in_the_trace_the_log_and_the_record_and_not_in_the_verdict() {
    GuestToken replayed = sas.start();
    sas.reload(replayed);
    sas.clock.pass(Duration.ofMinutes(5));
    List<ILoggingEvent> logged = TestScopedAuth.logged(
        () -> assertThat(sas.seen(replayed, TestScopedAuth.HOME).detail())
            .isEqualTo("superseded, and presented again"));
    assertThat(logged).hasSize(1);
    ILoggingEvent event = logged.getFirst();
    assertThat(event.getKeyValuePairs())
        .contains(new KeyValuePair("cause", "superseded, and presented again"))
        .contains(new KeyValuePair("session", sas.session(replayed).sid().text()));
    assertThat(event.toString() + event.getKeyValuePairs()).doesNotContain(replayed.text());
    assertThat(sas.session(replayed).incidents().lastRefusal().orElseThrow().why())
        .isEqualTo("superseded, and presented again");
    // For the caller, the two reasons are the same.
    assertThat(sas.validate(replayed)).isEqualTo(sas.validate(new GuestToken("forged")));
  }

  @Test
  void forged_tokens_cause_a_limited_number_of_log_lines_and_are_counted() {
    GuestToken forged = new GuestToken("forged");
    List<ILoggingEvent> logged = TestScopedAuth.logged(() -> {
      for (int i = 0; i < Limits.SECURITY_LINES + 7; i++) {
        sas.validate(forged);
      }
      sas.clock.pass(Limits.RATE_WINDOW);
      sas.validate(forged);
    });
    assertThat(logged).hasSize(Limits.SECURITY_LINES + 1);
    assertThat(logged.getLast().getKeyValuePairs()).contains(new KeyValuePair("left_out", 7L));
  }

  @Test
  void the_trace_says_which_signals_differ_and_at_which_level_they_were_compared() {
    GuestToken token = sas.start();
    Fingerprint other = TestScopedAuth.fingerprint(
        Sensitivity.HIGH, Signal.BROWSER, Signal.TIME_ZONE, Signal.DECODERS);
    assertThat(sas.seen(token, other).text())
        .isEqualTo("checks the token: good, then the fingerprint: differs");
    assertThat(sas.seen(token, other).detail())
        .isEqualTo("medium: differs in browser family, time zone, decoders");
    assertThat(sas.seen(token, TestScopedAuth.HOME).detail()).isEqualTo("medium: nothing differs");
  }

  // ---- too many refusals

  @Test
  void refusals_are_limited_for_each_session_and_a_valid_token_is_always_accepted() {
    GuestToken token = sas.start();
    useUpTheRefusals(token);
    assertThatThrownBy(() -> sas.validate(token, TestScopedAuth.STRANGER))
        .isInstanceOfSatisfying(
            TooManyRequests.class,
            later ->
                assertThat(later.retryAfter()).isBetween(Duration.ofNanos(1), Limits.RATE_WINDOW));
    assertThat(sas.session(token).incidents().refusals()).isEqualTo(Limits.REFUSALS_PER_SESSION);
    GuestToken next = sas.reload(token);
    assertThat(sas.validate(next)).isInstanceOf(Verdict.Authorized.class);
    assertThat(sas.validate(token)).isInstanceOf(Verdict.Authorized.class);
  }

  @Test
  void the_refusals_of_one_session_do_not_limit_another() {
    useUpTheRefusals(sas.start());
    assertThat(sas.validate(sas.start(), TestScopedAuth.STRANGER)).isEqualTo(FINGERPRINT_REFUSED);
  }

  @Test
  void tokens_that_were_not_sealed_here_do_not_count_as_refusals() {
    GuestToken token = sas.start();
    for (int i = 0; i < 3 * Limits.REFUSALS_PER_SESSION; i++) {
      assertThat(sas.validate(new GuestToken("plr1.forged"))).isEqualTo(TOKEN_REFUSED);
    }
    assertThat(sas.validate(token, TestScopedAuth.STRANGER)).isEqualTo(FINGERPRINT_REFUSED);
  }

  /** The claims that tokens contain since the first version. */
  private static final String CLAIMS = """
      {"iss":"parlour","account":"AC","deployment":"CV","sub":"guest","session":"GS",\
      "conversation":"CH","grants":["chat"],"generation":3,"fingerprint":"","iat":1,"nbf":2,\
      "exp":4,"jti":"5"}""";

  @Test
  void the_claims_of_live_tokens_can_be_read() {
    assertThat(new Tokens(sas.keys).open(new GuestToken(wrapped(sealedHere(CLAIMS)))))
        .isEqualTo(new Tokens.Opened.Genuine(new Claims(
            "parlour",
            "AC",
            "CV",
            "guest",
            "GS",
            "CH",
            List.of("chat"),
            new Generation(3),
            "",
            1,
            2,
            4,
            "5",
            Optional.empty())));
  }

  @Test
  void a_genuine_token_whose_claims_cannot_be_read_is_an_outage_and_not_refused() {
    for (String odd : List.of("", "{}", CLAIMS.replace("\"jti\":\"5\"", "\"id\":\"5\""))) {
      GuestToken token = new GuestToken(wrapped(sealedHere(odd)));
      assertThatThrownBy(() -> sas.validate(token)).as(odd).isInstanceOf(Unavailable.class);
    }
  }

  private byte[] sealedHere(String claims) {
    return sas.keys.seal(
        claims.getBytes(StandardCharsets.UTF_8),
        "parlour guest token plr1".getBytes(StandardCharsets.US_ASCII));
  }

  private void useUpTheRefusals(GuestToken token) {
    for (int i = 0; i < Limits.REFUSALS_PER_SESSION; i++) {
      assertThat(sas.validate(token, TestScopedAuth.STRANGER)).isEqualTo(FINGERPRINT_REFUSED);
    }
  }

  private void assertCause(String cause, String token) {
    Tokens.Opened opened = new Tokens(sas.keys).open(new GuestToken(token));
    assertThat(opened)
        .isInstanceOfSatisfying(
            Tokens.Opened.Rejected.class,
            rejected -> assertThat(rejected.reason().description()).isEqualTo(cause));
    assertThat(sas.validate(new GuestToken(token))).isEqualTo(TOKEN_REFUSED);
  }

  private static byte[] sealed(GuestToken token) {
    String text = token.text();
    return Base64.getUrlDecoder().decode(text.substring(Tokens.PREFIX.length(), text.length() - 6));
  }

  /** The outer form of a token around any bytes, which anybody can make. */
  private static String wrapped(byte[] sealed) {
    Base64.Encoder base64 = Base64.getUrlEncoder().withoutPadding();
    String body = Tokens.PREFIX + base64.encodeToString(sealed);
    CRC32 crc = new CRC32();
    crc.update(body.getBytes(StandardCharsets.US_ASCII));
    return body
        + base64.encodeToString(
            ByteBuffer.allocate(4).putInt((int) crc.getValue()).array());
  }
}

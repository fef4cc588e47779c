package parlour.scopedauth;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import parlour.Limits;
import parlour.Sid;
import parlour.ledger.LedgerNote;
import parlour.ledger.LedgerShare;

/** The notes of ScopedAuthService in the ledger; also that an accepted refresh notes nothing. */
class LedgerNotesTest {
  private static final Optional<String> PAGE = Optional.of("https://shop.example.com");
  private static final Optional<String> NETWORK = Optional.of("cb0071");

  @TempDir
  Path folder;

  private TestScopedAuth sas;

  @BeforeEach
  void open() {
    sas = new TestScopedAuth(folder);
  }

  @AfterEach
  void close() {
    sas.close();
  }

  @Test
  void an_accepted_refresh_notes_nothing() {
    GuestToken token = sas.start();
    for (int i = 0; i < 3; i++) {
      token = sas.reload(token);
    }
    assertThat(sas.notes).isEmpty();
  }

  @Test
  void another_browser_is_noted_with_the_signals_that_differ() {
    GuestToken token = sas.start();
    present(token, TestScopedAuth.STRANGER);
    assertThat(sas.notes).singleElement().satisfies(note -> {
      assertThat(note.event()).isEqualTo(LedgerNote.GUEST_REFUSED);
      assertThat(note.code()).isEqualTo(45779);
      assertThat(note.cause()).isEqualTo("from another browser");
      assertThat(note.signals()).contains("browser", "time-zone");
      assertThat(note.session()).contains(sas.session(token).sid());
      assertThat(note.deployment()).contains(sas.audience.deployment());
      assertThat(note.page()).isEqualTo(PAGE);
    });
  }

  @Test
  void a_bad_token_is_noted_without_a_session() {
    present(new GuestToken("v4.public.nonsense"), TestScopedAuth.HOME);
    assertThat(sas.notes).singleElement().satisfies(note -> {
      assertThat(note.code()).isEqualTo(45775);
      assertThat(note.session()).isEmpty();
      assertThat(note.deployment()).contains(sas.audience.deployment());
      assertThat(note.page()).isEqualTo(PAGE);
      assertThat(note.toString()).doesNotContain("nonsense");
    });
    assertThat(sas.shares)
        .containsExactly(new LedgerShare(Optional.of(sas.audience.deployment()), NETWORK));
  }

  @Test
  void a_token_of_another_deployment_is_noted_without_its_session() {
    GuestToken token = sas.start();
    Audience other =
        new Audience(Sid.Account.random(sas.random), Sid.Deployment.random(sas.random), false);
    var _ = sas.service.validate(new Presented(token, TestScopedAuth.HOME), other, Purpose.CALL);
    assertThat(sas.notes).singleElement().satisfies(note -> {
      assertThat(note.cause()).isEqualTo(RefusalReason.OTHER_AUDIENCE.description());
      assertThat(note.session()).isEmpty();
      assertThat(note.deployment()).contains(other.deployment());
    });
    assertThat(sas.session(token).incidents().refusals()).isEqualTo(1);
  }

  @Test
  void a_replay_that_ends_its_session_is_noted_as_a_refusal_and_as_a_revocation() {
    GuestToken first = sas.start();
    sas.reload(first);
    sas.clock.pass(Limits.GENERATION_GRACE.plusSeconds(1));
    var _ = sas.service.validate(
        new Presented(first, TestScopedAuth.HOME), sas.strict, Purpose.RENEWAL);
    assertThat(sas.notes)
        .extracting(LedgerNote::event)
        .containsExactly(LedgerNote.SESSION_REVOKED, LedgerNote.GUEST_REFUSED);
    assertThat(sas.notes)
        .extracting(LedgerNote::cause)
        .containsOnly(RefusalReason.REPLAYED.description());
    assertThat(sas.notes)
        .extracting(LedgerNote::code)
        .as("anybody can replay a token of their own, so it counts as an event of strangers")
        .containsOnly(45775);
    assertThat(sas.shares).as("each uses up the part of its caller").hasSize(2);
  }

  @Test
  void an_observed_difference_is_an_event_and_a_tolerated_one_is_not() {
    present(sas.start(), TestScopedAuth.fingerprint(Sensitivity.MEDIUM, Signal.USER_AGENT));
    assertThat(sas.notes).isEmpty();
    GuestToken token = sas.start(TestScopedAuth.fingerprint(Sensitivity.OBSERVE));
    present(token, TestScopedAuth.fingerprint(Sensitivity.OBSERVE, Signal.BROWSER));
    assertThat(sas.notes).singleElement().satisfies(note -> {
      assertThat(note.event()).isEqualTo(LedgerNote.DIFFERENCE_OBSERVED);
      assertThat(note.code()).isZero();
      assertThat(note.signals()).isEqualTo(List.of("browser"));
    });
  }

  @Test
  void a_superseded_token_that_is_renewed_by_its_key_is_noted_as_a_proven_replay() {
    TestScopedAuth.BoundGuest guest = sas.startBound();
    GuestToken next = sas.renew(guest.token(), guest.key());
    var _ = sas.renew(next, guest.key());
    sas.clock.pass(Limits.GENERATION_GRACE.plusSeconds(1));
    assertThat(sas.notes).isEmpty();
    var _ = sas.renew(guest.token(), guest.key());
    assertThat(sas.notes).extracting(LedgerNote::event).containsExactly(LedgerNote.REPLAY_PROVEN);
  }

  @Test
  void a_superseded_token_of_a_bound_session_without_a_proof_is_noted_as_a_missing_key() {
    TestScopedAuth.BoundGuest guest = sas.startBound();
    GuestToken next = sas.renew(guest.token(), guest.key());
    var _ = sas.renew(next, guest.key());
    sas.clock.pass(Limits.GENERATION_GRACE.plusSeconds(1));
    present(guest.token(), TestScopedAuth.HOME);
    assertThat(sas.notes).singleElement().satisfies(note -> {
      assertThat(note.event()).isEqualTo(LedgerNote.GUEST_REFUSED);
      assertThat(note.cause()).isEqualTo("key: missing");
      assertThat(note.session()).contains(guest.session());
    });
  }

  @Test
  void a_revocation_is_noted_once() {
    Session session = sas.session(sas.start());
    assertThat(sas.service.revoke(session.sid(), "a reason")).isTrue();
    assertThat(sas.service.revoke(session.sid(), "a reason")).isFalse();
    sas.service.revokeAllOf(session.owner().conversation(), "too late");
    assertThat(sas.notes).singleElement().satisfies(note -> {
      assertThat(note.event()).isEqualTo(LedgerNote.SESSION_REVOKED);
      assertThat(note.cause()).isEqualTo("a reason");
      assertThat(note.session()).contains(session.sid());
      assertThat(note.deployment()).contains(session.owner().deployment());
    });
  }

  @Test
  void a_guest_who_ends_a_chat_is_not_noted_as_an_operator() {
    Session session = sas.session(sas.start());
    sas.service.revokeAllOf(session.owner().conversation(), ScopedAuth.ENDED_BY_GUEST);
    Session other = sas.session(sas.start());
    sas.service.revokeAllOf(other.owner().conversation(), "the conversation was erased");
    assertThat(sas.notes)
        .extracting(LedgerNote::event)
        .containsExactly(LedgerNote.GUEST_ENDED, LedgerNote.SESSION_REVOKED);
  }

  private void present(GuestToken token, Fingerprint fingerprint) {
    var _ = sas.service.validate(
        new Presented(token, fingerprint, Optional.empty(), Optional.empty(), PAGE, NETWORK),
        sas.audience,
        Purpose.RENEWAL);
  }
}

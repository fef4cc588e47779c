package parlour.scopedauth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import parlour.Limits;
import parlour.Sid;
import parlour.TooManyRequests;
import parlour.events.BusEvent;
import parlour.ledger.Ledger;
import parlour.rates.LocalRateLimiter;

/**
 * The events that ScopedAuth publishes to other nodes, and the calls that it counts per session.
 */
class SeveralNodesTest {
  @TempDir
  Path folder;

  private TestScopedAuth sas;
  private final List<Boolean> published = new ArrayList<>();

  @BeforeEach
  void open() {
    sas = new TestScopedAuth(folder);
    // The change must be in the store before its event, because a receiver reads it there.
    sas.events.subscribe(event -> published.add(event.equals(new BusEvent.SessionRevoked())
        && !sas.sessions
            .revokedAfter(Revocation.before(sas.clock.instant()), Limits.REVOCATIONS_LISTED)
            .isEmpty()));
  }

  @AfterEach
  void close() {
    sas.close();
  }

  @Test
  void a_revocation_is_published_once_after_it_was_stored() {
    GuestToken token = sas.start();
    Guest guest = guest(token);
    assertThat(published).isEmpty();
    assertThat(sas.service.revoke(guest.session(), "test")).isTrue();
    assertThat(sas.service.revoke(guest.session(), "test")).isFalse();
    assertThat(published).containsExactly(true);
  }

  @Test
  void a_replay_that_revokes_the_session_is_published() {
    GuestToken first = sas.start();
    GuestToken second = next(first);
    GuestToken third = next(second);
    guest(third);
    sas.clock.pass(Limits.GENERATION_GRACE.plusSeconds(1));
    assertThat(sas.service.validate(
            new Presented(first, TestScopedAuth.HOME), sas.audience, Purpose.CALL))
        .isInstanceOf(Verdict.Refused.class);
    assertThat(published).containsExactly(true); // sockets of superseded tokens end
    published.clear();
    assertThat(sas.service.validate(
            new Presented(first, TestScopedAuth.HOME), sas.strict, Purpose.CALL))
        .isInstanceOf(Verdict.Refused.class);
    assertThat(published).containsExactly(true);
  }

  /**
   * As if a node opened a session and died before it answered, and another one repeated the call.
   */
  @Test
  void a_session_is_live_until_it_is_revoked_or_ends_even_if_its_conversation_has_a_newer_one() {
    Guest held = guest(sas.start());
    sas.clock.pass(Duration.ofMillis(5));
    IssuedToken lost = sas.service.generate(new NewSession(
        Sid.Session.random(sas.random),
        held.owner(),
        Guest.GRANTS,
        TestScopedAuth.HOME,
        Optional.empty(),
        TestScopedAuth.TOKEN_TTL,
        TestScopedAuth.SESSION_TTL));
    Sid.Session newer = guest(lost.token()).session();
    assertThat(sas.service.isLive(held.session())).isTrue();
    assertThat(sas.service.isLive(newer)).isTrue();
    sas.service.revoke(newer, "test");
    assertThat(sas.service.isLive(newer)).isFalse();
    sas.clock.set(held.sessionExpires().minusMillis(1));
    assertThat(sas.service.isLive(held.session())).isTrue();
    sas.clock.set(held.sessionExpires());
    assertThat(sas.service.isLive(held.session())).isFalse();
    assertThat(sas.service.isLive(Sid.Session.random(sas.random))).isFalse(); // it does not exist
  }

  @Test
  void a_session_that_refreshes_too_often_must_wait_and_another_one_need_not() {
    Guest guest = guest(sas.start());
    assertThatThrownBy(() -> {
          for (int i = 0; i < Limits.SESSION_REFRESHES_PER_MINUTE * 2; i++) {
            refresh(guest);
          }
        })
        .isInstanceOfSatisfying(
            TooManyRequests.class, later -> assertThat(later.retryAfter()).isPositive());
    refresh(guest(sas.start()));
  }

  @Test
  void a_refused_thief_does_not_use_up_the_refreshes_of_the_guest() {
    GuestToken token = sas.start();
    int refused = 0;
    for (int i = 0; i < Limits.SESSION_REFRESHES_PER_MINUTE * 2; i++) {
      try {
        var _ = sas.service.validate(
            new Presented(token, TestScopedAuth.STRANGER), sas.audience, Purpose.CALL);
      } catch (TooManyRequests later) {
        refused++;
      }
    }
    assertThat(refused).isPositive();
    Guest guest = guest(token);
    for (int i = 0; i < Limits.SESSION_REFRESHES_PER_MINUTE; i++) {
      refresh(guest);
    }
  }

  /**
   * Two nodes share a rate limiter, so a thief who calls both gets no more answers than from one.
   */
  @Test
  void refusals_are_counted_over_all_nodes_that_share_a_rate_limiter() {
    LocalRateLimiter shared = new LocalRateLimiter(() -> 0);
    GuestToken token = sas.start();
    List<ScopedAuth> nodes = List.of(node(shared), node(shared));
    int published = 0;
    for (int i = 0; i < Limits.REFUSALS_PER_SESSION * 2; i++) {
      try {
        var _ = nodes
            .get(i % 2)
            .validate(new Presented(token, TestScopedAuth.STRANGER), sas.audience, Purpose.CALL);
        published++;
      } catch (TooManyRequests later) {
        assertThat(later.retryAfter()).isPositive();
      }
    }
    assertThat(published).isEqualTo(Limits.REFUSALS_PER_SESSION);
  }

  private ScopedAuth node(LocalRateLimiter shared) {
    return new ScopedAuthService(
        sas.sessions,
        sas.keys,
        shared,
        shared,
        sas.events,
        sas.nonces,
        sas.budget,
        Ledger.NONE,
        sas.clock,
        sas.random);
  }

  private Guest guest(GuestToken token) {
    return switch (sas.service.validate(
        new Presented(token, TestScopedAuth.HOME), sas.audience, Purpose.CALL)) {
      case Verdict.Authorized(Guest guest) -> guest;
      case Verdict.Refused refused -> throw new AssertionError(refused);
    };
  }

  private GuestToken next(GuestToken token) {
    return refresh(guest(token)).token();
  }

  private IssuedToken refresh(Guest guest) {
    return sas.service.generate(guest, TestScopedAuth.HOME, TestScopedAuth.TOKEN_TTL);
  }
}

package parlour.scopedauth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import parlour.Limits;
import parlour.Sid;
import parlour.Unavailable;
import parlour.ledger.Ledger;
import parlour.rates.LocalRateLimiter;

/** Validations during which another call changes the session. */
class ScopedAuthServiceMeanwhileTest extends WithScopedAuth {
  /** The age of a token that is confirmed at once, and of one whose session is read first. */
  static Stream<Duration> ages() {
    return Stream.of(Duration.ZERO, Limits.NEW_TOKEN_AGE);
  }

  @Test
  void a_new_token_is_confirmed_without_reading_its_session_and_an_older_one_after_reading_it() {
    AtomicInteger looks = new AtomicInteger();
    ScopedAuth counting = serviceOver(new Between(sas.sessions) {
      @Override
      public Optional<TokenLineage> lineage(Sid.Session sid) {
        looks.incrementAndGet();
        return super.lineage(sid);
      }
    });
    GuestToken second = sas.refresh(sas.start());
    sas.clock.pass(Limits.NEW_TOKEN_AGE.minusMillis(1));
    GuestToken third = refreshed(
        counting.validate(new Presented(second, TestScopedAuth.HOME), sas.audience, Purpose.CALL));
    assertThat(looks).hasValue(0);
    sas.clock.pass(Limits.NEW_TOKEN_AGE);
    assertThat(refreshed(counting.validate(
            new Presented(third, TestScopedAuth.HOME), sas.audience, Purpose.CALL)))
        .isNotNull();
    assertThat(looks).hasValue(1);
    assertThat(sas.session(third).generation().number()).isEqualTo(3);
  }

  private GuestToken refreshed(Verdict verdict) {
    Guest guest = ((Verdict.Authorized) verdict).guest();
    return sas.service.generate(guest, TestScopedAuth.HOME, Duration.ofHours(1)).token();
  }

  @ParameterizedTest
  @MethodSource("ages")
  void a_thief_who_uses_a_token_before_the_guest_confirms_nothing(Duration age) {
    GuestToken first = sas.start();
    GuestToken second = sas.refresh(first);
    sas.clock.pass(age);
    assertThat(sas.validate(second, TestScopedAuth.STRANGER)).isEqualTo(FINGERPRINT_REFUSED);
    assertThat(sas.session(first).generation().number()).isEqualTo(1);
    assertThat(sas.validate(second)).isInstanceOf(Verdict.Authorized.class);
  }

  @ParameterizedTest
  @MethodSource("ages")
  void a_token_whose_generation_another_call_confirms_meanwhile_is_valid(Duration age) {
    GuestToken first = sas.start();
    GuestToken second = sas.refresh(first);
    sas.clock.pass(age);
    Sid.Session sid = sas.session(first).sid();
    ScopedAuth raced = racedBy(() -> confirmSecond(sid));
    assertThat(
            raced.validate(new Presented(second, TestScopedAuth.HOME), sas.audience, Purpose.CALL))
        .isInstanceOf(Verdict.Authorized.class);
    assertThat(sas.session(first).generation().number()).isEqualTo(2);
  }

  @ParameterizedTest
  @MethodSource("ages")
  void a_session_that_is_revoked_before_its_confirmation_is_refused(Duration age) {
    GuestToken first = sas.start();
    GuestToken second = sas.refresh(first);
    sas.clock.pass(age);
    Sid.Session sid = sas.session(first).sid();
    ScopedAuth raced = racedBy(() -> sas.sessions.revoke(sid, "why", sas.clock.instant()));
    assertThat(
            raced.validate(new Presented(second, TestScopedAuth.HOME), sas.audience, Purpose.CALL))
        .isEqualTo(TOKEN_REFUSED);
    assertThat(sas.session(first).generation().number()).isEqualTo(1);
  }

  @Test
  void a_session_that_ends_between_read_and_confirmation_is_refused() {
    GuestToken first = sas.start();
    GuestToken second = sas.refresh(first);
    sas.clock.pass(Limits.NEW_TOKEN_AGE);
    Instant end = sas.session(first).expires();
    ScopedAuth raced = serviceOver(new Between(sas.sessions) {
      @Override
      public Optional<TokenLineage> lineage(Sid.Session sid) {
        Optional<TokenLineage> found = super.lineage(sid);
        sas.clock.set(end);
        return found;
      }
    });
    assertThat(
            raced.validate(new Presented(second, TestScopedAuth.HOME), sas.audience, Purpose.CALL))
        .isEqualTo(TOKEN_REFUSED);
  }

  @ParameterizedTest
  @MethodSource("ages")
  void an_observed_difference_is_counted_once_even_if_another_call_confirms_meanwhile(
      Duration age) {
    GuestToken first = sas.start(TestScopedAuth.fingerprint(Sensitivity.OBSERVE));
    GuestToken second = sas.refresh(first, TestScopedAuth.fingerprint(Sensitivity.OBSERVE));
    sas.clock.pass(age);
    Sid.Session sid = sas.session(first).sid();
    ScopedAuth raced = racedBy(() -> confirmSecond(sid));
    assertThat(raced.validate(
            new Presented(second, TestScopedAuth.STRANGER), sas.audience, Purpose.CALL))
        .isInstanceOf(Verdict.Authorized.class);
    assertThat(sas.session(first).incidents().observed()).isEqualTo(1);
  }

  @Test
  void a_store_whose_reads_lag_behind_its_writes_is_an_outage_and_not_an_endless_loop() {
    GuestToken first = sas.start();
    GuestToken second = sas.refresh(first);
    Sid.Session sid = sas.session(first).sid();
    TokenLineage stale = sas.sessions.lineage(sid).orElseThrow();
    AtomicInteger looks = new AtomicInteger();
    ScopedAuth lagging = serviceOver(new Between(sas.sessions) {
      @Override
      public Optional<TokenLineage> lineage(Sid.Session asked) {
        looks.incrementAndGet();
        return Optional.of(stale);
      }

      @Override
      void beforeConfirm() {
        confirmSecond(sid);
      }
    });
    assertThatThrownBy(() -> lagging.validate(
            new Presented(second, TestScopedAuth.HOME), sas.audience, Purpose.CALL))
        .isInstanceOf(Unavailable.class);
    assertThat(looks).hasValue(2);
  }

  @Test
  void the_first_token_of_a_session_is_checked_without_a_change() {
    GuestToken first = sas.start();
    ScopedAuth reading = serviceOver(new Between(sas.sessions) {
      @Override
      void beforeConfirm() {
        throw new AssertionError("there is nothing to confirm");
      }
    });
    assertThat(
            reading.validate(new Presented(first, TestScopedAuth.HOME), sas.audience, Purpose.CALL))
        .isInstanceOf(Verdict.Authorized.class);
  }

  @ParameterizedTest
  @MethodSource("ages")
  void a_confirmation_whose_answer_is_lost_is_not_a_replay(Duration age) {
    GuestToken second = sas.refresh(sas.start());
    sas.clock.pass(age);
    ScopedAuth losing = serviceOver(new Between(sas.sessions) {
      @Override
      Optional<Instant> afterConfirm(Optional<Instant> end) {
        assertThat(end).isPresent();
        throw new Unavailable("the store", "lost at the commit", null);
      }
    });
    assertThatThrownBy(() ->
            losing.validate(new Presented(second, TestScopedAuth.HOME), sas.audience, Purpose.CALL))
        .isInstanceOf(Unavailable.class);
    assertThat(sas.validate(second)).isInstanceOf(Verdict.Authorized.class);
    assertThat(sas.session(second).generation().number()).isEqualTo(2);
    assertThat(sas.session(second).confirmations().text().split(" ")).hasSize(2);
  }

  @Test
  void a_store_that_is_down_is_an_outage_and_never_a_refusal() {
    GuestToken good = sas.start();
    GuestToken next = sas.refresh(good);
    GuestToken expired = sas.start(TestScopedAuth.HOME, Duration.ofMinutes(1), Duration.ofDays(1))
        .token();
    sas.clock.pass(Duration.ofMinutes(2));
    GuestToken newest = sas.refresh(good);
    sas.database.close();
    for (GuestToken token : List.of(good, next, expired, newest)) {
      assertThatThrownBy(() -> sas.validate(token)).isInstanceOf(Unavailable.class);
    }
    assertThatThrownBy(() -> sas.start()).isInstanceOf(Unavailable.class);
    assertThatThrownBy(() -> sas.service.revoke(Sid.Session.random(sas.random), "why"))
        .isInstanceOf(Unavailable.class);
  }

  private void confirmSecond(Sid.Session sid) {
    sas.sessions.confirm(
        new FirstUse(new TokenGeneration(sid, new Generation(2)), sas.clock.instant(), false, true),
        sas.clock.instant());
  }

  /** A store in which a test can act before a confirmation. */
  private static class Between implements Sessions {
    private final Sessions sessions;

    Between(Sessions sessions) {
      this.sessions = sessions;
    }

    void beforeConfirm() {}

    @Override
    public Optional<Instant> confirm(FirstUse use, Instant now) {
      beforeConfirm();
      return afterConfirm(sessions.confirm(use, now));
    }

    @Override
    public Optional<Instant> confirmUnlessEndMoves(FirstUse use, Instant now) {
      beforeConfirm();
      return afterConfirm(sessions.confirmUnlessEndMoves(use, now));
    }

    /** Returns the answer of a confirmation. */
    Optional<Instant> afterConfirm(Optional<Instant> end) {
      return end;
    }

    @Override
    public boolean guessed(TokenGeneration token, String cause, Instant now) {
      return sessions.guessed(token, cause, now);
    }

    @Override
    public boolean create(Session session) {
      return sessions.create(session);
    }

    @Override
    public Optional<Session> find(Sid.Session sid) {
      return sessions.find(sid);
    }

    @Override
    public Optional<TokenLineage> lineage(Sid.Session sid) {
      return sessions.lineage(sid);
    }

    @Override
    public Map<Sid.Session, TokenLineage> lineages(Collection<Sid.Session> sids) {
      return sessions.lineages(sids);
    }

    @Override
    public int revokeAllOf(Sid.Conversation conversation, String why, Instant now) {
      return sessions.revokeAllOf(conversation, why, now);
    }

    @Override
    public long countLive(Scope scope, Instant now) {
      return sessions.countLive(scope, now);
    }

    @Override
    public int revokeLive(Scope scope, String why, Instant now, int limit) {
      return sessions.revokeLive(scope, why, now, limit);
    }

    @Override
    public boolean revoke(Sid.Session sid, String why, Instant now) {
      return sessions.revoke(sid, why, now);
    }

    @Override
    public boolean refused(Sid.Session sid, String cause, Instant now) {
      return sessions.refused(sid, cause, now);
    }

    @Override
    public boolean replayed(Sid.Session sid, String cause, Instant now, boolean revoke) {
      return sessions.replayed(sid, cause, now, revoke);
    }

    @Override
    public boolean provenReplay(Sid.Session sid, Instant now) {
      return sessions.provenReplay(sid, now);
    }

    @Override
    public boolean observed(Sid.Session sid, String difference, Instant now) {
      return sessions.observed(sid, difference, now);
    }

    @Override
    public List<Revocation> revokedAfter(Revocation revocation, int limit) {
      return sessions.revokedAfter(revocation, limit);
    }

    @Override
    public List<RefusedToken> refusedSince(Sid.Account account, Instant since, int limit) {
      return sessions.refusedSince(account, since, limit);
    }

    @Override
    public List<Session> of(List<Sid.Conversation> conversations) {
      return sessions.of(conversations);
    }

    @Override
    public List<Session> newest(Scope scope, int limit) {
      return sessions.newest(scope, limit);
    }

    @Override
    public int sweep(Instant before, int limit) {
      return sessions.sweep(before, limit);
    }
  }

  /** A service over a store in which others act before each confirmation. */
  private ScopedAuth racedBy(Runnable others) {
    return serviceOver(new Between(sas.sessions) {
      @Override
      void beforeConfirm() {
        others.run();
      }
    });
  }

  private ScopedAuth serviceOver(Sessions sessions) {
    return new ScopedAuthService(
        sessions,
        sas.keys,
        new LocalRateLimiter(() -> 0),
        new LocalRateLimiter(() -> 0),
        sas.events,
        sas.nonces,
        sas.budget,
        Ledger.NONE,
        sas.clock,
        sas.random);
  }
}

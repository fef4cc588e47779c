package parlour.scopedauth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import parlour.Identity;
import parlour.Limits;
import parlour.Sid;
import parlour.TooManyRequests;
import parlour.Unavailable;
import parlour.proof.Proof;
import parlour.scopedauth.TestScopedAuth.BoundGuest;

/** Sessions that are bound to a key of their browser, over a real store. */
class BoundSessionsTest extends WithScopedAuth {
  private static final Verdict RENEWABLE =
      new Verdict.Refused(Verdict.Failure.TOKEN_VALIDATION_FAILED, true);

  // ---- the table of all cases

  /** The state of a token when it is presented. */
  enum Age {
    CURRENT,
    NEXT,
    GRACE,
    SUPERSEDED,
    EXPIRED,
    EXPIRED_NEXT,
    EXPIRED_AND_SUPERSEDED,
    IDLE,
    ENDED,
    REVOKED
  }

  enum Key {
    NONE,
    GOOD,
    WRONG,
    OF_ANOTHER_SESSION,
    OF_ANOTHER_TOKEN
  }

  record Row(Age age, Key key, Purpose purpose) {
    boolean isExpected(Verdict verdict) {
      return verdict instanceof Verdict.Authorized ? isAuthorized() : verdict.equals(refusal());
    }

    private boolean isAuthorized() {
      return key == Key.GOOD
          && switch (age) {
            case CURRENT, NEXT, GRACE -> true;
            case SUPERSEDED, EXPIRED, EXPIRED_NEXT, EXPIRED_AND_SUPERSEDED ->
              purpose == Purpose.RENEWAL;
            case IDLE, ENDED, REVOKED -> false;
          };
    }

    private Verdict refusal() {
      return switch (age) {
        case CURRENT, NEXT, GRACE -> key == Key.GOOD ? TOKEN_REFUSED : FINGERPRINT_REFUSED;
        case SUPERSEDED, EXPIRED, EXPIRED_NEXT, EXPIRED_AND_SUPERSEDED ->
          key == Key.GOOD ? RENEWABLE : TOKEN_REFUSED;
        case IDLE, ENDED, REVOKED -> TOKEN_REFUSED;
      };
    }

    String cause() {
      return switch (key) {
        case NONE -> "key: missing";
        case GOOD -> throw new IllegalStateException("a good proof is not refused");
        case WRONG, OF_ANOTHER_SESSION, OF_ANOTHER_TOKEN -> "key: wrong";
      };
    }
  }

  static List<Row> rows() {
    List<Row> rows = new ArrayList<>();
    for (Age age : Age.values()) {
      for (Key key : Key.values()) {
        for (Purpose purpose : Purpose.values()) {
          rows.add(new Row(age, key, purpose));
        }
      }
    }
    return rows;
  }

  @ParameterizedTest
  @MethodSource("rows")
  void a_token_is_judged_by_its_session_then_its_key_then_its_age(Row row) {
    BoundGuest guest = sas.startBound();
    GuestToken token = aged(guest, row.age());
    Session before = sas.session(token);
    Verdict verdict = sas.service.validate(
        new Presented(token, TestScopedAuth.HOME, proof(guest, token, row.key())),
        sas.strict,
        row.purpose());
    assertThat(row.isExpected(verdict)).as(verdict.toString()).isTrue();
    Session after = sas.session(token);
    assertThat(after.revoked()).isEqualTo(before.revoked());
    boolean isCounted = verdict instanceof Verdict.Refused && !verdict.equals(RENEWABLE);
    assertThat(after.incidents().refusals() - before.incidents().refusals())
        .isEqualTo(isCounted ? 1 : 0);
    boolean isSuperseded = row.age() == Age.SUPERSEDED
        || (row.age() == Age.EXPIRED_AND_SUPERSEDED && row.key() == Key.GOOD);
    assertThat(after.incidents().replays() - before.incidents().replays())
        .isEqualTo(isSuperseded ? 1 : 0);
    if (isCounted && !List.of(Age.IDLE, Age.ENDED, Age.REVOKED).contains(row.age())) {
      assertThat(after.incidents().lastRefusal().orElseThrow().why()).isEqualTo(row.cause());
    }
    if (!(verdict instanceof Verdict.Authorized)) {
      assertThat(after.generation()).isEqualTo(before.generation()); // a thief confirms nothing
    }
  }

  private GuestToken aged(BoundGuest guest, Age age) {
    GuestToken first = guest.token();
    return switch (age) {
      case CURRENT -> first;
      case NEXT -> sas.renew(first, guest.key());
      case GRACE -> {
        use(sas.renew(first, guest.key()), guest);
        yield first;
      }
      case SUPERSEDED -> {
        use(sas.renew(first, guest.key()), guest);
        sas.clock.pass(Limits.GENERATION_GRACE);
        yield first;
      }
      case EXPIRED -> {
        sas.clock.pass(TestScopedAuth.TOKEN_TTL);
        yield first;
      }
      case EXPIRED_NEXT -> {
        GuestToken next = sas.renew(first, guest.key());
        sas.clock.pass(TestScopedAuth.TOKEN_TTL);
        yield next;
      }
      case EXPIRED_AND_SUPERSEDED -> {
        use(sas.renew(first, guest.key()), guest);
        sas.clock.pass(TestScopedAuth.TOKEN_TTL);
        yield first;
      }
      case IDLE -> {
        sas.clock.set(sas.idleEnd());
        yield first;
      }
      case ENDED -> {
        GuestToken token = first;
        Instant end = sas.clock.instant().plus(Limits.BOUND_SESSION_TTL_DEFAULT);
        while (sas.clock.instant().plus(Duration.ofDays(9)).isBefore(end)) {
          sas.clock.pass(Duration.ofDays(9));
          token = sas.renew(token, guest.key());
          use(token, guest);
        }
        sas.clock.set(end);
        yield token;
      }
      case REVOKED -> {
        sas.service.revoke(guest.session(), "test");
        yield first;
      }
    };
  }

  private Optional<Proof> proof(BoundGuest guest, GuestToken token, Key key) {
    return switch (key) {
      case NONE -> Optional.empty();
      case GOOD -> Optional.of(guest.key().proof(token));
      case WRONG -> {
        Proof good = guest.key().proof(token);
        String mac = (good.mac().startsWith("A") ? "B" : "A") + good.mac().substring(1);
        yield Optional.of(new Proof(good.signed(), mac, Optional.empty()));
      }
      case OF_ANOTHER_SESSION -> Optional.of(sas.startBound().key().proof(token));
      // The server makes the text from the call, so the MAC is of another one.
      case OF_ANOTHER_TOKEN -> {
        Proof other = guest.key().proof(sas.startBound().token());
        yield Optional.of(new Proof(TestBrowserKey.signed(token), other.mac(), Optional.empty()));
      }
    };
  }

  private void use(GuestToken token, BoundGuest guest) {
    assertThat(sas.validate(token, guest.key(), Purpose.CALL))
        .isInstanceOf(Verdict.Authorized.class);
  }

  // ---- how a session becomes bound

  @Test
  void a_new_session_is_bound_if_the_caller_asks_for_it_and_only_then() {
    BoundGuest bound = sas.startBound();
    assertThat(sas.session(bound.token()).bound())
        .contains(new Session.Bound(
            TestScopedAuth.IDLE_TTL, sas.clock.instant().plus(Limits.BOUND_SESSION_TTL_DEFAULT)));
    IssuedToken unbound =
        sas.start(TestScopedAuth.HOME, TestScopedAuth.TOKEN_TTL, TestScopedAuth.SESSION_TTL);
    assertThat(unbound.proofKey()).isEmpty();
    assertThat(sas.session(unbound.token()).bound()).isEmpty();
    assertThat(sas.guest(unbound.token()).isBound()).isFalse();
    assertThat(claims(unbound.token()).cnf()).isEmpty();
    assertThat(guestOf(bound.token(), bound).isBound()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "key", "BA"})
  void a_malformed_public_key_opens_no_session(String proofKey) {
    assertThatThrownBy(() -> sas.service.generate(wanted(Sid.Session.random(sas.random), proofKey)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(sas.sessions.newest(new Sessions.Scope.All(), 10)).isEmpty();
  }

  @Test
  void
      a_repeated_call_with_the_same_sid_issues_another_token_and_each_is_good_with_its_own_answer() {
    TestBrowserKey key = new TestBrowserKey();
    TestBrowserKey other = new TestBrowserKey();
    NewSession wanted = wanted(Sid.Session.random(sas.random), key.text());
    Sid.Conversation conversation = wanted.owner().conversation();
    IssuedToken first = sas.service.generate(wanted);
    IssuedToken second = sas.service.generate(wanted);
    assertThat(second.token()).isNotEqualTo(first.token());
    for (IssuedToken issued : List.of(first, second)) {
      key.agree(issued.proofKey().orElseThrow(), conversation);
      other.agree(issued.proofKey().orElseThrow(), conversation);
      assertThat(sas.validate(issued.token(), other, Purpose.CALL)).isEqualTo(FINGERPRINT_REFUSED);
      assertThat(sas.validate(issued.token(), key, Purpose.CALL))
          .isInstanceOf(Verdict.Authorized.class);
    }
  }

  @Test
  void a_repeated_call_neither_binds_an_unbound_session_nor_the_reverse() {
    Sid.Session sid = Sid.Session.random(sas.random);
    NewSession bound = wanted(sid, new TestBrowserKey().text());
    NewSession unbound = new NewSession(
        sid,
        bound.owner(),
        bound.grants(),
        bound.fingerprint(),
        Optional.empty(),
        bound.tokenTtl(),
        bound.sessionTtl());
    var _ = sas.service.generate(bound);
    assertThatThrownBy(() -> sas.service.generate(unbound))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private NewSession wanted(Sid.Session sid, String proofKey) {
    return new NewSession(
        sid,
        new SessionOwner(
            sas.audience.account(),
            sas.audience.deployment(),
            new Identity("guest_1"),
            Sid.Conversation.random(sas.random)),
        Guest.GRANTS,
        TestScopedAuth.HOME,
        Optional.of(new BindingRequest(proofKey, TestScopedAuth.IDLE_TTL)),
        TestScopedAuth.TOKEN_TTL,
        Limits.BOUND_SESSION_TTL_DEFAULT);
  }

  // ---- a binding cannot be changed

  @Test
  void every_successor_carries_the_same_binding() {
    BoundGuest guest = sas.startBound();
    GuestToken token = guest.token();
    for (int i = 0; i < 5; i++) {
      GuestToken next = sas.renew(token, guest.key());
      assertThat(claims(next).cnf()).isPresent().isEqualTo(claims(token).cnf());
      use(next, guest);
      token = next;
    }
  }

  /** As another process could send it, which has the internal secret. */
  @Test
  void a_successor_without_the_binding_of_its_session_is_refused() {
    BoundGuest bound = sas.startBound();
    for (Duration age : List.of(Duration.ZERO, Limits.NEW_TOKEN_AGE)) {
      GuestToken token = sas.service
          .generate(with(bound, Optional.empty()), TestScopedAuth.HOME, age.plusHours(1))
          .token();
      sas.clock.pass(age);
      assertThat(sas.validate(token)).isEqualTo(TOKEN_REFUSED);
      assertThat(sas.validate(token, bound.key(), Purpose.RENEWAL)).isEqualTo(TOKEN_REFUSED);
      assertThat(sas.session(token).generation()).isEqualTo(Generation.FIRST);
      assertThat(sas.session(token).incidents().lastRefusal().orElseThrow().why())
          .isEqualTo("not bound to a key as its session is");
    }
  }

  @Test
  void a_binding_of_another_session_is_not_sealed_into_a_successor() {
    BoundGuest bound = sas.startBound();
    Optional<Binding> others = claims(sas.startBound().token()).cnf();
    for (Optional<Binding> wrong : List.of(others, Optional.of(new Binding("%")))) {
      assertThatThrownBy(() -> sas.service.generate(
              with(bound, wrong), TestScopedAuth.HOME, TestScopedAuth.TOKEN_TTL))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void a_token_with_the_binding_of_another_session_is_refused() {
    BoundGuest thief = sas.startBound();
    BoundGuest victim = sas.startBound();
    Claims claims = claims(victim.token());
    GuestToken mixed = new Tokens(sas.keys)
        .seal(Claims.of(
            claims.owner(),
            claims.grants(),
            claims.token(),
            TestScopedAuth.HOME,
            claims.issued(),
            claims.expires(),
            claims.jti(),
            claims(thief.token()).cnf()));
    assertThat(sas.validate(mixed, thief.key(), Purpose.CALL)).isEqualTo(TOKEN_REFUSED);
    assertThat(
            sas.session(victim.token()).incidents().lastRefusal().orElseThrow().why())
        .isEqualTo("not sealed by a key of this installation");
  }

  private Guest with(BoundGuest bound, Optional<Binding> binding) {
    Guest guest = guestOf(bound.token(), bound);
    return new Guest(
        guest.owner(),
        guest.grants(),
        guest.token(),
        guest.nextGeneration(),
        guest.tokenExpires(),
        guest.sessionExpires(),
        binding,
        guest.kept(),
        Guest.Source.OTHER_PROCESS);
  }

  // ---- renewal

  @Test
  void a_guest_who_was_away_for_thirteen_days_goes_on_and_the_session_lives_longer_for_it() {
    BoundGuest guest = sas.startBound();
    Instant ends = sas.clock.instant().plus(Limits.BOUND_SESSION_TTL_DEFAULT);
    sas.clock.pass(Duration.ofDays(13));
    GuestToken next = sas.renew(guest.token(), guest.key());
    use(next, guest);
    assertThat(sas.session(next).expires()).isEqualTo(sas.idleEnd());
    sas.clock.pass(Duration.ofDays(13));
    GuestToken last = sas.renew(next, guest.key());
    use(last, guest);
    assertThat(sas.session(last).expires()).isEqualTo(ends);
    assertThat(guestOf(last, guest).sessionExpires()).isEqualTo(ends);
  }

  @Test
  void the_first_use_of_a_token_moves_the_end_of_the_session_for_its_successor_at_any_age() {
    BoundGuest guest = sas.startBound();
    GuestToken token = guest.token();
    for (Duration age : List.of(Duration.ZERO, Limits.NEW_TOKEN_AGE)) {
      sas.clock.pass(TestScopedAuth.IDLE_TTL.dividedBy(Limits.IDLE_TTL_STEPS).plusSeconds(1));
      token = sas.renew(token, guest.key());
      sas.clock.pass(age);
      assertThat(guestOf(token, guest).sessionExpires()).isEqualTo(sas.idleEnd());
    }
  }

  @Test
  void a_token_ends_with_its_session_and_the_next_one_is_longer() {
    BoundGuest guest = sas.startBound();
    sas.clock.set(sas.idleEnd().minus(Duration.ofHours(1)));
    GuestToken next = sas.renew(guest.token(), guest.key());
    assertThat(claims(next).expires()).isEqualTo(sas.clock.instant().plus(Duration.ofHours(1)));
    use(next, guest);
    assertThat(claims(sas.renew(next, guest.key())).expires())
        .isEqualTo(sas.clock.instant().plus(TestScopedAuth.TOKEN_TTL));
  }

  @Test
  void a_superseded_token_is_renewed_by_a_token_after_the_newest_one() {
    BoundGuest guest = sas.startBound();
    GuestToken second = sas.renew(guest.token(), guest.key());
    use(second, guest);
    GuestToken third = sas.renew(second, guest.key());
    use(third, guest);
    sas.clock.pass(Limits.GENERATION_GRACE);
    GuestToken restored = sas.renew(guest.token(), guest.key());
    assertThat(claims(restored).generation()).isEqualTo(new Generation(4));
    use(third, guest); // until the new token is used
    use(restored, guest);
    assertThat(sas.session(restored).generation()).isEqualTo(new Generation(4));
    sas.clock.pass(Limits.GENERATION_GRACE);
    assertThat(sas.validate(third, guest.key(), Purpose.CALL)).isEqualTo(RENEWABLE);
    use(sas.renew(third, guest.key()), guest);
  }

  @Test
  void two_tabs_that_wake_up_with_one_expired_token_get_tokens_of_one_generation() {
    BoundGuest guest = sas.startBound();
    sas.clock.pass(Duration.ofDays(3));
    GuestToken one = sas.renew(guest.token(), guest.key());
    use(one, guest);
    GuestToken other = sas.renew(guest.token(), guest.key());
    assertThat(claims(other).generation()).isEqualTo(claims(one).generation());
    use(other, guest);
  }

  // ---- the fingerprint

  @Test
  void a_browser_that_holds_the_key_may_differ_in_everything_which_is_only_counted() {
    BoundGuest guest = sas.startBound();
    Presented moved = new Presented(
        guest.token(),
        TestScopedAuth.fingerprint(Sensitivity.HIGH, Signal.values()),
        Optional.of(guest.key().proof(guest.token())));
    assertThat(sas.service.validate(moved, sas.audience, Purpose.CALL))
        .isInstanceOf(Verdict.Authorized.class);
    assertThat(sas.session(guest.token()).incidents().observed()).isEqualTo(1);
    assertThat(sas.session(guest.token()).incidents().refusals()).isZero();
  }

  @Test
  void the_trace_distinguishes_a_missing_key_from_a_wrong_one_and_the_verdict_does_not() {
    BoundGuest guest = sas.startBound();
    for (Key key : List.of(Key.NONE, Key.WRONG)) {
      var seen = TestScopedAuth.seen(() -> {
        Verdict verdict = sas.service.validate(
            new Presented(guest.token(), TestScopedAuth.HOME, proof(guest, guest.token(), key)),
            sas.audience,
            Purpose.CALL);
        assertThat(verdict).isEqualTo(FINGERPRINT_REFUSED);
        return verdict;
      });
      assertThat(seen.text()).isEqualTo("checks the token: good, then the fingerprint: differs");
      assertThat(seen.detail()).isEqualTo(new Row(Age.CURRENT, key, Purpose.CALL).cause());
    }
    var proven = TestScopedAuth.seen(() -> sas.validate(guest.token(), guest.key(), Purpose.CALL));
    assertThat(proven.detail()).isEqualTo("key: proven; medium: nothing differs");
  }

  @Test
  void a_proof_is_worth_nothing_for_an_unbound_token() {
    GuestToken token = sas.start();
    Presented stranger = new Presented(
        token, TestScopedAuth.STRANGER, Optional.of(sas.startBound().key().proof(token)));
    assertThat(sas.service.validate(stranger, sas.audience, Purpose.CALL))
        .isEqualTo(FINGERPRINT_REFUSED);
    sas.clock.pass(TestScopedAuth.TOKEN_TTL);
    assertThat(sas.service.validate(
            new Presented(
                token, TestScopedAuth.HOME, Optional.of(sas.startBound().key().proof(token))),
            sas.audience,
            Purpose.RENEWAL))
        .isEqualTo(TOKEN_REFUSED);
  }

  // ---- calls that are answered once

  @Test
  void a_copied_reading_call_is_not_answered_and_the_browser_can_go_on() {
    BoundGuest guest = sas.startBound();
    Presented call = reading(guest, "nonce-1");
    assertThat(read(call)).isInstanceOf(Verdict.Authorized.class);
    assertThat(read(call)).isEqualTo(RENEWABLE);
    assertThat(
            sas.session(guest.token()).incidents().lastRefusal().orElseThrow().why())
        .isEqualTo("key: replayed");
    assertThat(sas.session(guest.token()).incidents().refusals()).isEqualTo(1);
    assertThat(read(reading(guest, "nonce-2"))).isInstanceOf(Verdict.Authorized.class);
    assertThat(sas.session(guest.token()).revoked()).isEmpty();
  }

  /** A proxy repeated the call, and the browser gets the second answer. */
  @Test
  void a_repeated_reading_call_with_an_expired_token_does_not_end_the_chat() {
    BoundGuest guest = sas.startBound();
    sas.clock.pass(TestScopedAuth.TOKEN_TTL);
    Presented call = reading(guest, "nonce-1");
    assertThat(read(call)).isEqualTo(RENEWABLE);
    assertThat(read(call)).isEqualTo(RENEWABLE);
  }

  @Test
  void a_wrong_proof_does_not_use_up_a_nonce() {
    BoundGuest guest = sas.startBound();
    Presented call = reading(guest, "nonce-1");
    Proof good = call.proof().orElseThrow();
    Presented guessed = new Presented(
        guest.token(),
        TestScopedAuth.HOME,
        Optional.of(new Proof(good.signed(), "A".repeat(43), good.nonce())));
    assertThat(read(guessed)).isEqualTo(FINGERPRINT_REFUSED);
    assertThat(read(call)).isInstanceOf(Verdict.Authorized.class);
  }

  @Test
  void copies_of_a_reading_call_use_up_no_limit_of_refusals() {
    BoundGuest guest = sas.startBound();
    Presented call = reading(guest, "nonce-1");
    assertThat(read(call)).isInstanceOf(Verdict.Authorized.class);
    for (int i = 0; i < 2 * Limits.REFUSALS_PER_SESSION; i++) {
      assertThat(read(call)).as("copy %d", i).isEqualTo(RENEWABLE);
    }
    assertThat(sas.session(guest.token()).incidents().refusals())
        .as("writes of the store")
        .isLessThan(2 * Limits.SESSION_REPEATS_PER_MINUTE);
    assertThat(sas.validate(guest.token())).as("without the key").isEqualTo(FINGERPRINT_REFUSED);
  }

  // ---- calls that may be repeated

  @Test
  void copies_of_a_refresh_cannot_use_up_the_refreshes_of_the_guest() {
    BoundGuest guest = sas.startBound();
    Presented copy = repeatable(guest, "copied");
    assertThat(renewed(copy)).isTrue();
    int renewed = 0;
    for (int i = 0; i < Limits.SESSION_REFRESHES_PER_MINUTE; i++) {
      renewed += renewed(copy) ? 1 : 0;
    }
    assertThat(renewed)
        .as("refilled a little meanwhile")
        .isBetween(Limits.SESSION_REPEATS_PER_MINUTE, 2 * Limits.SESSION_REPEATS_PER_MINUTE);
    for (int i = 0; i < Limits.SESSION_REFRESHES_PER_MINUTE / 2; i++) {
      assertThat(renewed(repeatable(guest, "n" + i)))
          .as("refresh %d of the guest", i)
          .isTrue();
    }
    assertThat(sas.session(guest.token()).incidents().refusals()).isZero();
  }

  private boolean renewed(Presented presented) {
    try {
      Verdict verdict = sas.service.validate(presented, sas.audience, Purpose.RENEWAL);
      Guest guest = ((Verdict.Authorized) verdict).guest();
      var _ = sas.service.generate(guest, TestScopedAuth.HOME, TestScopedAuth.TOKEN_TTL);
      return true;
    } catch (TooManyRequests wait) {
      return false;
    }
  }

  private Presented repeatable(BoundGuest guest, String nonce) {
    Proof proof = guest.key().proof(guest.token(), nonce, sas.clock.instant());
    Optional<Proof.Nonce> repeatable =
        proof.nonce().map(once -> new Proof.Nonce(once.text(), once.created(), false));
    return new Presented(
        guest.token(),
        TestScopedAuth.HOME,
        Optional.of(new Proof(proof.signed(), proof.mac(), repeatable)));
  }

  private Presented reading(BoundGuest guest, String nonce) {
    return new Presented(
        guest.token(),
        TestScopedAuth.HOME,
        Optional.of(guest.key().proof(guest.token(), nonce, sas.clock.instant())));
  }

  private Verdict read(Presented presented) {
    return sas.service.validate(presented, sas.audience, Purpose.CALL);
  }

  // ---- thieves and clocks

  @Test
  void a_thief_without_the_key_is_slowed_down_and_the_guest_is_not() {
    BoundGuest guest = sas.startBound();
    for (int i = 0; i < Limits.REFUSALS_PER_SESSION; i++) {
      assertThat(sas.validate(guest.token())).isEqualTo(FINGERPRINT_REFUSED);
    }
    assertThatThrownBy(() -> sas.validate(guest.token())).isInstanceOf(TooManyRequests.class);
    use(guest.token(), guest);
    use(sas.renew(guest.token(), guest.key()), guest);
  }

  @ParameterizedTest
  @EnumSource(Key.class)
  void while_the_clock_is_in_doubt_no_token_is_refused_for_its_age(Key key) {
    BoundGuest guest = sas.startBound();
    use(sas.renew(guest.token(), guest.key()), guest);
    sas.clock.jump(Duration.ofDays(2));
    Presented presented =
        new Presented(guest.token(), TestScopedAuth.HOME, proof(guest, guest.token(), key));
    assertThatThrownBy(() -> sas.service.validate(presented, sas.audience, Purpose.CALL))
        .isInstanceOf(Unavailable.class);
    if (key == Key.GOOD) {
      assertThat(sas.service.validate(presented, sas.audience, Purpose.RENEWAL))
          .isInstanceOf(Verdict.Authorized.class);
    } else {
      assertThatThrownBy(() -> sas.service.validate(presented, sas.audience, Purpose.RENEWAL))
          .isInstanceOf(Unavailable.class);
    }
    assertThat(sas.session(guest.token()).incidents().refusals()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"PT1M", "PT5M", "PT1H", "P365D"})
  void
      a_token_of_a_clock_that_was_ahead_is_renewed_at_once_and_used_as_soon_as_the_clock_is_believed(
          Duration ahead) {
    BoundGuest guest = sas.startBound();
    GuestToken second = sas.renew(guest.token(), guest.key());
    use(second, guest);
    sas.clock.jump(ahead.negated());
    for (GuestToken renewed : List.of(guest.token(), second)) {
      use(sas.renew(renewed, guest.key()), guest);
    }

    if (ahead.compareTo(Limits.CLOCK_JUMP) > 0) {
      assertThatThrownBy(() -> sas.validate(second, guest.key(), Purpose.CALL))
          .isInstanceOf(Unavailable.class);
      assertThatThrownBy(() -> sas.validate(second)).isInstanceOf(Unavailable.class);
    }
    sas.clock.pass(Limits.CLOCK_SETTLING);
    assertThat(sas.validate(guest.token(), guest.key(), Purpose.CALL)).isEqualTo(RENEWABLE);
    assertThat(sas.validate(second)).as("without the key").isEqualTo(TOKEN_REFUSED);
    assertThat(sas.session(second).revoked()).isEmpty();
  }

  @Test
  void the_socket_of_a_superseded_token_is_asked_for_a_newer_one_in_bound_sessions_too() {
    BoundGuest guest = sas.startBound();
    use(sas.renew(guest.token(), guest.key()), guest);
    TokenGeneration first = new TokenGeneration(guest.session(), Generation.FIRST);
    assertThat(sas.service.superseded(List.of(first))).isEmpty();
    sas.clock.pass(Limits.GENERATION_GRACE);
    assertThat(sas.service.superseded(List.of(first))).containsExactly(first);
  }

  @Test
  void the_token_of_a_bound_session_fits_and_shows_nothing_of_the_key() {
    BoundGuest guest = sas.startBound();
    assertThat(guest.token().text()).hasSizeLessThan(1_000);
    assertThat(claims(guest.token()).toString()).contains("Binding[…]");
  }

  private Guest guestOf(GuestToken token, BoundGuest guest) {
    return switch (sas.validate(token, guest.key(), Purpose.CALL)) {
      case Verdict.Authorized(Guest authorized) -> authorized;
      case Verdict.Refused refused -> throw new AssertionError(refused);
    };
  }

  private Claims claims(GuestToken token) {
    return switch (new Tokens(sas.keys).open(token)) {
      case Tokens.Opened.Genuine(Claims claims) -> claims;
      case Tokens.Opened.Rejected rejected -> throw new AssertionError(rejected);
    };
  }
}

package parlour.federatedauth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import parlour.Identity;
import parlour.Sid;
import parlour.TooManyRequests;
import parlour.Unavailable;
import parlour.scopedauth.Audience;
import parlour.scopedauth.BindingRequest;
import parlour.scopedauth.Fingerprint;
import parlour.scopedauth.Generation;
import parlour.scopedauth.Guest;
import parlour.scopedauth.GuestToken;
import parlour.scopedauth.IssuedToken;
import parlour.scopedauth.NewSession;
import parlour.scopedauth.Presented;
import parlour.scopedauth.Purpose;
import parlour.scopedauth.RecordedScopedAuth;
import parlour.scopedauth.RefusedToken;
import parlour.scopedauth.Revocation;
import parlour.scopedauth.ScopedAuth;
import parlour.scopedauth.ScopedAuthHttp;
import parlour.scopedauth.Session;
import parlour.scopedauth.SessionOwner;
import parlour.scopedauth.TestGuests;
import parlour.scopedauth.TokenAudience;
import parlour.scopedauth.TokenGeneration;
import parlour.scopedauth.Verdict;
import parlour.spec.OddPeer;
import parlour.trace.Lifeline;

/** FederatedAuthService turns ScopedAuth's verdicts into codes. */
class FederatedAuthServiceTest {
  private static final SecureRandom random = new SecureRandom();
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final GuestToken OLD = new GuestToken("old");
  private static final IssuedToken NEXT = new IssuedToken(new GuestToken("next"), NOW);
  private static final Fingerprint FINGERPRINT = Fingerprint.parse(
      "f1.medium." + Base64.getUrlEncoder().withoutPadding().encodeToString(new byte[72]));
  private static final Presented PRESENTED = new Presented(OLD, FINGERPRINT);
  private static final Audience AUDIENCE =
      new Audience(Sid.Account.random(random), Sid.Deployment.random(random), true);
  private static final SessionOwner OWNER = new SessionOwner(
      AUDIENCE.account(),
      AUDIENCE.deployment(),
      new Identity("guest_1"),
      Sid.Conversation.random(random));
  private static final Guest GUEST = TestGuests.guest(
      OWNER,
      new TokenGeneration(Sid.Session.random(random), new Generation(1)),
      NOW.plusSeconds(30),
      NOW.plusSeconds(60));

  @Test
  void a_valid_token_is_renewed_and_bound_to_the_current_fingerprint() {
    FixedScopedAuth scopedAuth = new FixedScopedAuth(new Verdict.Authorized(GUEST));
    Outcome outcome =
        new FederatedAuthService(scopedAuth).refresh(AUDIENCE, PRESENTED, Duration.ofHours(6));
    assertThat(outcome)
        .isEqualTo(new Outcome.Issued(
            NEXT, new Identity("guest_1"), List.of("guest"), GUEST.conversation()));
    assertThat(scopedAuth.calls)
        .containsExactly(
            "validate old f1 true RENEWAL",
            "generate %s %s PT6H".formatted(GUEST.session().text(), FINGERPRINT.text()));
  }

  @Test
  void a_refresh_is_one_call_of_another_process() {
    try (OddPeer peer = new OddPeer()) {
      peer.says(200, """
          {"renewal":{"type":"issued","guest":{"account_sid":"%s","deployment_key":"%s",\
          "identity":"guest_1","conversation_sid":"%s"},\
          "token":{"token":"next","expiration":"2026-01-01T00:00:00Z"}}}""".formatted(
              OWNER.account().text(),
              OWNER.deployment().text(),
              OWNER.conversation().text()));
      FederatedAuth federatedAuth = new FederatedAuthService(
          new RecordedScopedAuth(Lifeline.FAS, new ScopedAuthHttp(peer.client())));
      assertThat(federatedAuth.refresh(AUDIENCE, PRESENTED, Duration.ofHours(6)))
          .isEqualTo(new Outcome.Issued(
              NEXT, new Identity("guest_1"), List.of("guest"), OWNER.conversation()));
      assertThat(peer.asked()).containsExactly("/v1/ScopedAuthTokens/refresh");
    }
  }

  @Test
  void a_refused_token_has_its_code_and_nothing_is_issued() {
    for (Verdict.Failure failure : Verdict.Failure.values()) {
      FixedScopedAuth scopedAuth = new FixedScopedAuth(new Verdict.Refused(failure));
      FederatedAuth federatedAuth = new FederatedAuthService(scopedAuth);
      Refusal expected = switch (failure) {
        case TOKEN_VALIDATION_FAILED, TOKEN_EXPIRED -> Refusal.TOKEN;
        case FINGERPRINT_VALIDATION_FAILED -> Refusal.FINGERPRINT;
      };
      assertThat(federatedAuth.refresh(AUDIENCE, PRESENTED, Duration.ofHours(6)))
          .isEqualTo(new Outcome.Refused(expected));
      assertThat(federatedAuth.validate(AUDIENCE, PRESENTED))
          .isEqualTo(new Validity.Refused(expected));
      assertThat(scopedAuth.calls)
          .containsExactly("validate old f1 true RENEWAL", "validate old f1 true CALL");
    }
    assertThat(Refusal.TOKEN.code()).isEqualTo(45775);
    assertThat(Refusal.FINGERPRINT.code()).isEqualTo(45779);
  }

  @Test
  void a_validation_issues_no_token() {
    FixedScopedAuth scopedAuth = new FixedScopedAuth(new Verdict.Authorized(GUEST));
    assertThat(new FederatedAuthService(scopedAuth).validate(AUDIENCE, PRESENTED))
        .isEqualTo(
            new Validity.Valid(new Identity("guest_1"), List.of("guest"), GUEST.conversation()));
    assertThat(scopedAuth.calls).containsExactly("validate old f1 true CALL");
  }

  @Test
  void a_new_guest_gets_the_guests_grants_and_no_others() {
    FixedScopedAuth scopedAuth = new FixedScopedAuth(new Verdict.Authorized(GUEST));
    Outcome.Issued issued = new FederatedAuthService(scopedAuth)
        .create(new NewGuest(
            GUEST.session(),
            OWNER,
            FINGERPRINT,
            Optional.of(new BindingRequest("key", Duration.ofHours(12))),
            Duration.ofHours(6),
            Duration.ofHours(24)));
    assertThat(issued.token()).isEqualTo(NEXT);
    assertThat(issued.conversation()).isEqualTo(GUEST.conversation());
    assertThat(scopedAuth.calls)
        .containsExactly(
            "open guest_1 [conversation.read, conversation.write] key PT12H PT6H PT24H");
  }

  @Test
  void the_audience_of_a_token_is_the_one_that_scoped_auth_finds() {
    FixedScopedAuth scopedAuth = new FixedScopedAuth(new Verdict.Authorized(GUEST));
    assertThat(new FederatedAuthService(scopedAuth).audienceOf(new GuestToken("old")))
        .contains(new TokenAudience(GUEST.account(), GUEST.deployment()));
    assertThat(scopedAuth.calls).containsExactly("audience of old");
  }

  @Test
  void an_outage_and_a_rate_limit_are_passed_on_and_are_not_refusals() {
    for (Unavailable fault : List.of(
        new Unavailable("ScopedAuthService", "down", null),
        new TooManyRequests("the refusals of one session", Duration.ofSeconds(2)))) {
      FederatedAuth federatedAuth =
          new FederatedAuthService(new FixedScopedAuth(new Verdict.Authorized(GUEST)) {
            @Override
            public Verdict validate(Presented presented, Audience audience, Purpose purpose) {
              throw fault;
            }
          });
      assertThatThrownBy(() -> federatedAuth.refresh(AUDIENCE, PRESENTED, Duration.ofHours(6)))
          .isSameAs(fault);
      assertThatThrownBy(() -> federatedAuth.validate(AUDIENCE, PRESENTED)).isSameAs(fault);
    }
  }

  /** A ScopedAuth that always returns the same verdict, and records its calls. */
  private static class FixedScopedAuth implements ScopedAuth {
    final List<String> calls = new ArrayList<>();
    private final Verdict verdict;

    FixedScopedAuth(Verdict verdict) {
      this.verdict = verdict;
    }

    @Override
    public Verdict validate(Presented presented, Audience audience, Purpose purpose) {
      calls.add("validate %s %s %s %s"
          .formatted(
              presented.token().text(),
              presented.fingerprint().text().substring(0, 2),
              audience.revokeOnReplay(),
              purpose));
      return verdict;
    }

    @Override
    public IssuedToken generate(NewSession session) {
      calls.add("open %s %s %s %s %s %s"
          .formatted(
              session.owner().identity().text(),
              session.grants(),
              session.binding().orElseThrow().proofKey(),
              session.binding().orElseThrow().idleTtl(),
              session.tokenTtl(),
              session.sessionTtl()));
      return NEXT;
    }

    @Override
    public IssuedToken generate(Guest guest, Fingerprint fingerprint, Duration tokenTtl) {
      calls.add(
          "generate %s %s %s".formatted(guest.session().text(), fingerprint.text(), tokenTtl));
      return NEXT;
    }

    @Override
    public Optional<TokenAudience> audienceOf(GuestToken token) {
      calls.add("audience of " + token.text());
      return Optional.of(new TokenAudience(GUEST.account(), GUEST.deployment()));
    }

    @Override
    public boolean revoke(Sid.Session session, String why) {
      throw new UnsupportedOperationException("this test does not call it");
    }

    @Override
    public int revokeAllOf(Sid.Conversation conversation, String why) {
      throw new UnsupportedOperationException("this test does not call it");
    }

    @Override
    public List<TokenGeneration> superseded(List<TokenGeneration> generations) {
      throw new UnsupportedOperationException("this test does not call it");
    }

    @Override
    public List<Revocation> revokedAfter(Revocation revocation) {
      throw new UnsupportedOperationException("this test does not call it");
    }

    @Override
    public List<RefusedToken> refusedSince(Sid.Account account, Instant since) {
      throw new UnsupportedOperationException("this test does not call it");
    }

    @Override
    public boolean isLive(Sid.Session session) {
      throw new UnsupportedOperationException("this test does not call it");
    }

    @Override
    public List<Session> sessionsOf(List<Sid.Conversation> conversations) {
      throw new UnsupportedOperationException("this test does not call it");
    }

    @Override
    public List<Session> everySessionOf(Sid.Conversation conversation) {
      throw new UnsupportedOperationException("this test does not call it");
    }
  }
}

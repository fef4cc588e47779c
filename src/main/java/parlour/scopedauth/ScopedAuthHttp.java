package parlour.scopedauth;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import parlour.Identity;
import parlour.Limits;
import parlour.Sid;
import parlour.Unavailable;
import parlour.errors.Problem;
import parlour.http.client.InternalClient;
import parlour.http.internal.InternalCalls;
import parlour.http.json.JsonType;
import parlour.http.server.ApiRequest;
import parlour.http.server.ApiResponse;
import parlour.http.server.Routes;
import parlour.proof.Proof;

/** Both ends of ScopedAuth over HTTP: the endpoints of the internal listener, and their client. */
public final class ScopedAuthHttp implements ScopedAuth {
  private static final String VALIDATE = "/v1/ScopedAuthTokens/validate";
  private static final String GENERATE = "/v1/ScopedAuthTokens/generate/internal";

  private static final InternalCalls<ScopedAuth> CALLS =
      new InternalCalls<>("/v1/ScopedAuthTokens");

  record AudienceOf(GuestToken token) {}

  private static final InternalCalls<ScopedAuth>.Call<AudienceOf, Optional<TokenAudience>>
      AUDIENCE_OF = CALLS.declare(
          "/audience",
          AudienceOf.class,
          "audience",
          new JsonType<>() {},
          (service, request) -> service.audienceOf(request.token()));

  record Refresh(Presented presented, Audience audience, Duration tokenTtl) {}

  private static final InternalCalls<ScopedAuth>.Call<Refresh, Renewal> REFRESH = CALLS.declare(
      "/refresh",
      Refresh.class,
      "renewal",
      Renewal.class,
      (service, request) ->
          service.refresh(request.presented(), request.audience(), request.tokenTtl()));

  record Revoke(Sid.Session session, String why) {}

  private static final InternalCalls<ScopedAuth>.Call<Revoke, Boolean> REVOKE = CALLS.declare(
      "/revoke",
      Revoke.class,
      "revoked",
      Boolean.class,
      (service, request) -> service.revoke(request.session(), request.why()));

  record RevokeAllOf(Sid.Conversation conversation, String why) {}

  private static final InternalCalls<ScopedAuth>.Call<RevokeAllOf, Integer> REVOKE_ALL_OF =
      CALLS.declare(
          "/revoke/conversation",
          RevokeAllOf.class,
          "revoked",
          Integer.class,
          (service, request) -> service.revokeAllOf(request.conversation(), request.why()));

  record Superseded(List<TokenGeneration> generations) {}

  private static final InternalCalls<ScopedAuth>.Call<Superseded, List<TokenGeneration>>
      SUPERSEDED = CALLS.declare(
          "/superseded",
          Superseded.class,
          "superseded",
          new JsonType<>() {},
          (service, request) -> service.superseded(request.generations()));

  record RevokedAfter(Instant at, Sid.Session session) {}

  // Sockets must end within a second of a revocation, even if a node hangs.
  private static final InternalCalls<ScopedAuth>.Call<RevokedAfter, List<Revocation>>
      REVOKED_AFTER = CALLS
          .declare(
              "/revoked",
              RevokedAfter.class,
              "revoked",
              new JsonType<List<Revocation>>() {},
              (service, request) ->
                  service.revokedAfter(new Revocation(request.at(), request.session(), true)))
          .urgent(Limits.REVOCATION_POLL_TIMEOUT);

  record RefusedSince(Sid.Account account, Instant since) {}

  private static final InternalCalls<ScopedAuth>.Call<RefusedSince, List<RefusedToken>>
      REFUSED_SINCE = CALLS.declare(
          "/refused",
          RefusedSince.class,
          "refused",
          new JsonType<>() {},
          (service, request) -> service.refusedSince(request.account(), request.since()));

  record IsLive(Sid.Session session) {}

  // A socket receives nothing until it is answered.
  private static final InternalCalls<ScopedAuth>.Call<IsLive, Boolean> IS_LIVE = CALLS
      .declare(
          "/standing",
          IsLive.class,
          "good",
          Boolean.class,
          (service, request) -> service.isLive(request.session()))
      .urgent(Limits.REVOCATION_POLL_TIMEOUT);

  record SessionsOf(List<Sid.Conversation> conversations) {}

  private static final InternalCalls<ScopedAuth>.Call<SessionsOf, List<Session>> SESSIONS_OF =
      CALLS.declare(
          "/sessions",
          SessionsOf.class,
          "sessions",
          new JsonType<>() {},
          (service, request) -> service.sessionsOf(request.conversations()));

  record EverySessionOf(Sid.Conversation conversation) {}

  private static final InternalCalls<ScopedAuth>.Call<EverySessionOf, List<Session>>
      EVERY_SESSION_OF = CALLS.declare(
          "/sessions/conversation",
          EverySessionOf.class,
          "sessions",
          new JsonType<>() {},
          (service, request) -> service.everySessionOf(request.conversation()));

  private final InternalClient scopedAuth;

  /** Makes a client for the ScopedAuthService of another process. */
  public ScopedAuthHttp(InternalClient scopedAuth) {
    this.scopedAuth = scopedAuth;
  }

  /** Serves the ScopedAuthService of this process. */
  public static void serve(ScopedAuth service, Routes routes) {
    routes.post(VALIDATE, call -> validate(service, call));
    routes.post(GENERATE, call -> generate(service, call));
    CALLS.serve(service, routes);
  }

  record ValidateRequest(
      GuestToken token,
      Fingerprint fingerprint,
      Optional<Proof> proof,
      Optional<NetworkDigest> network,
      Optional<String> page,
      Optional<String> caller,
      Sid.Account account,
      Sid.Deployment deployment,
      boolean revokeOnReplay,
      Optional<Boolean> tellsExpiry,
      Optional<Purpose> purpose) {

    Presented presented() {
      return new Presented(token, fingerprint, proof, network, page, caller);
    }

    Audience audience() {
      return new Audience(account, deployment, revokeOnReplay, tellsExpiry.orElse(false));
    }
  }

  /** Arrow 9 of docs/diagrams/refresh-succeeded.mmd. */
  record AuthorizedAnswer(
      boolean authorized,
      AuthAccount authAccount,
      Identity identity,
      List<String> grants,
      SessionState session) {}

  /** Arrows 9 and 13. */
  record RefusedAnswer(boolean authorized, String message) {}

  /** A refusal of a token that the browser can renew. */
  record RenewableAnswer(boolean authorized, String message, boolean renewable) {}

  /** The form in which the client reads any of the three above. */
  record ValidateAnswer(
      boolean authorized,
      @Nullable String message,
      Optional<Boolean> renewable,
      @Nullable AuthAccount authAccount,
      @Nullable Identity identity,
      @Nullable List<String> grants,
      @Nullable SessionState session) {}

  record AuthAccount(Sid.Account account) {}

  /** The state of a session that FederatedAuthService sends back to get the next token. */
  record SessionState(
      Sid.Session sid,
      Sid.Deployment deployment,
      Sid.Conversation conversation,
      Generation generation,
      Generation nextGeneration,
      Instant tokenExpires,
      Instant expires,
      Optional<Binding> binding,
      Optional<Guest.KeptSignals> kept) {

    SessionOwner owner(Sid.Account account, Identity identity) {
      return new SessionOwner(account, deployment, identity, conversation);
    }
  }

  /**
   * With {@code session}: issues its next token. With {@code sessionSid}: opens a session with that
   * sid and with {@code sessionTtlSeconds}.
   */
  record GenerateRequest(
      Sid.Account account,
      Sid.Deployment deployment,
      Identity identity,
      Sid.Conversation conversation,
      List<String> grants,
      Fingerprint fingerprint,
      Optional<BindingRequest> binding,
      long tokenTtlSeconds,
      long sessionTtlSeconds,
      Sid.@Nullable Session sessionSid,
      @Nullable SessionState session) {}

  private static ApiResponse validate(ScopedAuth service, ApiRequest call) {
    ValidateRequest request = call.json(ValidateRequest.class, Limits.INTERNAL_BODY);
    Verdict verdict = service.validate(
        request.presented(), request.audience(), request.purpose().orElse(Purpose.CALL));
    return ApiResponse.json(
        200,
        switch (verdict) {
          case Verdict.Authorized(Guest guest) ->
            new AuthorizedAnswer(
                true,
                new AuthAccount(guest.account()),
                guest.identity(),
                guest.grants(),
                state(guest));
          case Verdict.Refused(Verdict.Failure failure, boolean renewable) ->
            renewable
                ? new RenewableAnswer(false, failure.message(), true)
                : new RefusedAnswer(false, failure.message());
        });
  }

  @Override
  public Verdict validate(Presented presented, Audience audience, Purpose purpose) {
    ValidateRequest request = new ValidateRequest(
        presented.token(),
        presented.fingerprint(),
        presented.proof(),
        presented.network(),
        presented.page(),
        presented.caller(),
        audience.account(),
        audience.deployment(),
        audience.revokeOnReplay(),
        Optional.of(audience.tellsExpiry()).filter(tells -> tells),
        Optional.of(purpose));
    return scopedAuth.post(
        VALIDATE, request, ValidateAnswer.class, answer -> verdict(answer, audience));
  }

  /** An answer that is neither clearly authorized nor clearly refused is an outage. */
  private static Verdict verdict(ValidateAnswer answer, Audience audience) {
    if (!answer.authorized()) {
      return refused(answer);
    }
    AuthAccount account = answer.authAccount();
    Identity identity = answer.identity();
    List<String> grants = answer.grants();
    SessionState session = answer.session();
    if (answer.message() != null || answer.renewable().isPresent()) {
      throw new IllegalArgumentException("authorized and refused");
    }
    if (account == null || identity == null || grants == null || session == null) {
      throw new IllegalArgumentException("authorized, but a field is missing");
    }
    Guest guest = guest(session.owner(account.account(), identity), grants, session);
    if (!guest.account().equals(audience.account())
        || !guest.deployment().equals(audience.deployment())) {
      throw new IllegalArgumentException("authorized a guest of another account or deployment");
    }
    return new Verdict.Authorized(guest);
  }

  private static Verdict refused(ValidateAnswer answer) {
    boolean renewable = answer.renewable().orElse(false);
    for (Verdict.Failure failure : Verdict.Failure.values()) {
      if (failure.message().equals(answer.message())) {
        if (renewable && failure != Verdict.Failure.TOKEN_VALIDATION_FAILED) {
          throw new IllegalArgumentException("another browser, which can renew the token");
        }
        return new Verdict.Refused(failure, renewable);
      }
    }
    throw new IllegalArgumentException("refused with an unknown message");
  }

  @Override
  public Optional<TokenAudience> audienceOf(GuestToken token) {
    return AUDIENCE_OF.ask(scopedAuth, new AudienceOf(token));
  }

  /** An answer about another guest, or without a token, is an outage. */
  @Override
  public Renewal refresh(Presented presented, Audience audience, Duration tokenTtl) {
    Renewal renewal = REFRESH.ask(scopedAuth, new Refresh(presented, audience, tokenTtl));
    if (renewal instanceof Renewal.Issued(SessionOwner guest, IssuedToken issued)
        && (!guest.account().equals(audience.account())
            || !guest.deployment().equals(audience.deployment())
            || issued.token().text().isEmpty())) {
      throw new Unavailable("ScopedAuthService", "it renewed another token than this one", null);
    }
    return renewal;
  }

  private static ApiResponse generate(ScopedAuth service, ApiRequest call) {
    GenerateRequest request = call.json(GenerateRequest.class, Limits.INTERNAL_BODY);
    Duration tokenTtl = Duration.ofSeconds(request.tokenTtlSeconds());
    SessionState session = request.session();
    try {
      IssuedToken issued = session == null
          ? service.generate(newSession(request, tokenTtl))
          : service.generate(
              guest(
                  session.owner(request.account(), request.identity()), request.grants(), session),
              request.fingerprint(),
              tokenTtl);
      return ApiResponse.json(201, issued);
    } catch (IllegalArgumentException e) {
      throw Problem.malformed(e);
    }
  }

  private static NewSession newSession(GenerateRequest request, Duration tokenTtl) {
    Sid.Session sid = request.sessionSid();
    if (sid == null) {
      throw new IllegalArgumentException("neither a session nor the sid of a new one");
    }
    return new NewSession(
        sid,
        new SessionOwner(
            request.account(), request.deployment(), request.identity(), request.conversation()),
        request.grants(),
        request.fingerprint(),
        request.binding(),
        tokenTtl,
        Duration.ofSeconds(request.sessionTtlSeconds()));
  }

  @Override
  public IssuedToken generate(NewSession session) {
    SessionOwner owner = session.owner();
    return generated(new GenerateRequest(
        owner.account(),
        owner.deployment(),
        owner.identity(),
        owner.conversation(),
        session.grants(),
        session.fingerprint(),
        session.binding(),
        session.tokenTtl().toSeconds(),
        session.sessionTtl().toSeconds(),
        session.sid(),
        null));
  }

  @Override
  public IssuedToken generate(Guest guest, Fingerprint fingerprint, Duration tokenTtl) {
    return generated(new GenerateRequest(
        guest.account(),
        guest.deployment(),
        guest.identity(),
        guest.conversation(),
        guest.grants(),
        fingerprint,
        Optional.empty(),
        tokenTtl.toSeconds(),
        0,
        null,
        state(guest)));
  }

  private IssuedToken generated(GenerateRequest request) {
    return scopedAuth.post(GENERATE, request, IssuedToken.class, ScopedAuthHttp::checked);
  }

  private static IssuedToken checked(IssuedToken issued) {
    if (issued.token().text().isEmpty()) {
      throw new IllegalArgumentException("an empty token");
    }
    return issued;
  }

  @Override
  public boolean revoke(Sid.Session session, String why) {
    return REVOKE.ask(scopedAuth, new Revoke(session, why));
  }

  @Override
  public int revokeAllOf(Sid.Conversation conversation, String why) {
    return REVOKE_ALL_OF.ask(scopedAuth, new RevokeAllOf(conversation, why));
  }

  @Override
  public List<TokenGeneration> superseded(List<TokenGeneration> generations) {
    return SUPERSEDED.ask(scopedAuth, new Superseded(generations));
  }

  @Override
  public List<Revocation> revokedAfter(Revocation revocation) {
    return REVOKED_AFTER.ask(scopedAuth, new RevokedAfter(revocation.at(), revocation.session()));
  }

  @Override
  public List<RefusedToken> refusedSince(Sid.Account account, Instant since) {
    return REFUSED_SINCE.ask(scopedAuth, new RefusedSince(account, since));
  }

  @Override
  public boolean isLive(Sid.Session session) {
    return IS_LIVE.ask(scopedAuth, new IsLive(session));
  }

  @Override
  public List<Session> sessionsOf(List<Sid.Conversation> conversations) {
    return SESSIONS_OF.ask(scopedAuth, new SessionsOf(conversations));
  }

  @Override
  public List<Session> everySessionOf(Sid.Conversation conversation) {
    return EVERY_SESSION_OF.ask(scopedAuth, new EverySessionOf(conversation));
  }

  private static SessionState state(Guest guest) {
    return new SessionState(
        guest.session(),
        guest.deployment(),
        guest.conversation(),
        guest.token().generation(),
        guest.nextGeneration(),
        guest.tokenExpires(),
        guest.sessionExpires(),
        guest.binding(),
        guest.kept());
  }

  private static Guest guest(SessionOwner owner, List<String> grants, SessionState session) {
    if (!session.nextGeneration().isAfter(new Generation(0))) {
      throw new IllegalArgumentException("no generation");
    }
    return new Guest(
        owner,
        grants,
        new TokenGeneration(session.sid(), session.generation()),
        session.nextGeneration(),
        session.tokenExpires(),
        session.expires(),
        session.binding(),
        session.kept(),
        Guest.Source.OTHER_PROCESS);
  }
}

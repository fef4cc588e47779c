package parlour.scopedauth;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import parlour.Limits;
import parlour.Sid;
import parlour.errors.ErrorCode;
import parlour.errors.Problem;
import parlour.http.client.InternalClient;
import parlour.http.server.ApiRequest;
import parlour.http.server.ApiResponse;
import parlour.http.server.Routes;

/** Both ends of ScopedAuth's wire: the endpoints of the internal listener, and a client of them. */
public final class ScopedAuthHttp implements ScopedAuth {
  private static final String VALIDATE = "/v1/ScopedAuthTokens/validate";
  private static final String GENERATE = "/v1/ScopedAuthTokens/generate/internal";
  private static final String REVOKE = "/v1/ScopedAuthTokens/revoke";
  private static final String REVOKE_ALL = "/v1/ScopedAuthTokens/revoke/conversation";
  private static final String SUPERSEDED = "/v1/ScopedAuthTokens/superseded";
  private static final String REVOKED = "/v1/ScopedAuthTokens/revoked";
  private static final String REFUSED = "/v1/ScopedAuthTokens/refused";
  private static final String STANDING = "/v1/ScopedAuthTokens/standing";
  private static final String SESSIONS = "/v1/ScopedAuthTokens/sessions";

  private final InternalClient scopedAuth;
  private final InternalClient hurried;

  /** The client: asks the ScopedAuthService of another process. */
  public ScopedAuthHttp(InternalClient scopedAuth) {
    this.scopedAuth = scopedAuth;
    this.hurried = scopedAuth.inHurry(Limits.REVOCATION_SILENCE);
  }

  /** The endpoints: answer for the service of this process. */
  public static void serve(ScopedAuth service, Routes routes) {
    routes.post(VALIDATE, call -> validate(service, call));
    routes.post(GENERATE, call -> generate(service, call));
    routes.post(REVOKE, call -> revoke(service, call));
    routes.post(REVOKE_ALL, call -> revokeAllOf(service, call));
    routes.post(SUPERSEDED, call -> superseded(service, call));
    routes.post(REVOKED, call -> revokedAfter(service, call));
    routes.post(REFUSED, call -> refusedSince(service, call));
    routes.post(STANDING, call -> isGood(service, call));
    routes.post(SESSIONS, call -> sessionsOf(service, call));
  }

  record ValidateRequest(
      String token,
      String fingerprint,
      String accountSid,
      String deploymentKey,
      boolean revokeOnReplay) {}

  /** Arrow 9 of docs/diagrams/refresh-succeeded.mmd. */
  record AuthorizedAnswer(
      boolean authorized,
      AuthAccount authAccount,
      String identity,
      List<String> grants,
      SessionState session) {}

  /** Arrows 9 and 13. */
  record RefusedAnswer(boolean authorized, String message) {}

  /** Either of the two above, as the client reads it. */
  record ValidateAnswer(
      boolean authorized,
      @Nullable String message,
      @Nullable AuthAccount authAccount,
      @Nullable String identity,
      @Nullable List<String> grants,
      @Nullable SessionState session) {}

  record AuthAccount(String accountSid) {}

  /** What FederatedAuthService hands back for the next token. */
  record SessionState(
      String sid,
      String deploymentKey,
      String conversationSid,
      long generation,
      long nextGeneration,
      String tokenExpires,
      String expires) {}

  /**
   * With {@code session}: issues its next token. With {@code sessionSid}: opens a session with that
   * sid and with {@code sessionTtlSeconds}.
   */
  record GenerateRequest(
      String accountSid,
      String deploymentKey,
      String identity,
      String conversationSid,
      List<String> grants,
      String fingerprint,
      long tokenTtlSeconds,
      long sessionTtlSeconds,
      @Nullable String sessionSid,
      @Nullable SessionState session) {}

  record GenerateAnswer(String token, String expiration) {}

  record RevokeRequest(String sessionSid, String why) {}

  record RevokeAnswer(boolean revoked) {}

  record RevokeAllRequest(String conversationSid, String why) {}

  record RevokeAllAnswer(int revoked) {}

  record GenerationForm(String sessionSid, long generation) {
    static GenerationForm of(TokenGeneration shown) {
      return new GenerationForm(shown.session().text(), shown.generation());
    }

    TokenGeneration shown() {
      return new TokenGeneration(new Sid.Session(sessionSid), generation);
    }
  }

  record SupersededRequest(List<GenerationForm> generations) {}

  record SupersededAnswer(List<GenerationForm> superseded) {}

  record AfterRequest(String at, String sessionSid) {}

  record RevocationForm(String at, String sessionSid, boolean ended) {}

  record RevokedAnswer(List<RevocationForm> revoked) {}

  record RefusedRequest(String accountSid, String since) {}

  record RefusedForm(String conversationSid, String at) {}

  record RefusalsAnswer(List<RefusedForm> refused) {}

  record StandingRequest(String sessionSid) {}

  record StandingAnswer(boolean good) {}

  record SessionsRequest(List<String> conversationSids) {}

  record SessionsAnswer(List<SessionForm> sessions) {}

  private static ApiResponse validate(ScopedAuth service, ApiRequest call) {
    ValidateRequest request = call.json(ValidateRequest.class, Limits.INTERNAL_BODY);
    Audience audience;
    Fingerprint fingerprint;
    try {
      audience = new Audience(
          new Sid.Account(request.accountSid()),
          new Sid.Deployment(request.deploymentKey()),
          request.revokeOnReplay());
      fingerprint = Fingerprint.parse(request.fingerprint());
    } catch (IllegalArgumentException e) {
      throw Problem.malformed(e);
    }
    Verdict verdict = service.validate(new GuestToken(request.token()), audience, fingerprint);
    return ApiResponse.json(
        200,
        switch (verdict) {
          case Verdict.Authorized(Guest guest) ->
            new AuthorizedAnswer(
                true,
                new AuthAccount(guest.account().text()),
                guest.identity(),
                guest.grants(),
                state(guest));
          case Verdict.Refused(Verdict.Failure failure) ->
            new RefusedAnswer(false, failure.message());
        });
  }

  @Override
  public Verdict validate(GuestToken token, Audience audience, Fingerprint fingerprint) {
    ValidateRequest request = new ValidateRequest(
        token.text(),
        fingerprint.text(),
        audience.account().text(),
        audience.deployment().text(),
        audience.revokeOnReplay());
    return scopedAuth.post(
        VALIDATE, request, ValidateAnswer.class, answer -> verdict(answer, audience));
  }

  /** Anything that is neither a clear yes nor a clear no is nonsense, and so an outage. */
  private static Verdict verdict(ValidateAnswer answer, Audience audience) {
    if (!answer.authorized()) {
      for (Verdict.Failure failure : Verdict.Failure.values()) {
        if (failure.message().equals(answer.message())) {
          return new Verdict.Refused(failure);
        }
      }
      throw new IllegalArgumentException("refused with an unknown message");
    }
    AuthAccount account = answer.authAccount();
    String identity = answer.identity();
    List<String> grants = answer.grants();
    SessionState session = answer.session();
    if (answer.message() != null) {
      throw new IllegalArgumentException("authorized and refused");
    }
    if (account == null || identity == null || grants == null || session == null) {
      throw new IllegalArgumentException("authorized without saying whom");
    }
    Guest guest = guest(account.accountSid(), identity, grants, session);
    if (!guest.account().equals(audience.account())
        || !guest.deployment().equals(audience.deployment())) {
      throw new IllegalArgumentException("authorized a guest of somebody else");
    }
    return new Verdict.Authorized(guest);
  }

  private static ApiResponse generate(ScopedAuth service, ApiRequest call) {
    GenerateRequest request = call.json(GenerateRequest.class, Limits.INTERNAL_BODY);
    Duration tokenTtl = Duration.ofSeconds(request.tokenTtlSeconds());
    IssuedToken issued;
    try {
      Fingerprint fingerprint = Fingerprint.parse(request.fingerprint());
      SessionState session = request.session();
      issued = session == null
          ? service.generate(newSession(request, fingerprint, tokenTtl))
          : service.generate(
              guest(request.accountSid(), request.identity(), request.grants(), session),
              fingerprint,
              tokenTtl);
    } catch (IllegalArgumentException e) {
      throw Problem.malformed(e);
    }
    return ApiResponse.json(
        201, new GenerateAnswer(issued.token().text(), issued.expiration().toString()));
  }

  private static NewSession newSession(
      GenerateRequest request, Fingerprint fingerprint, Duration tokenTtl) {
    return new NewSession(
        new Sid.Session(Objects.requireNonNullElse(request.sessionSid(), "")),
        new Sid.Account(request.accountSid()),
        new Sid.Deployment(request.deploymentKey()),
        request.identity(),
        new Sid.Conversation(request.conversationSid()),
        request.grants(),
        fingerprint,
        tokenTtl,
        Duration.ofSeconds(request.sessionTtlSeconds()));
  }

  @Override
  public IssuedToken generate(NewSession session) {
    return generated(new GenerateRequest(
        session.account().text(),
        session.deployment().text(),
        session.identity(),
        session.conversation().text(),
        session.grants(),
        session.fingerprint().text(),
        session.tokenTtl().toSeconds(),
        session.sessionTtl().toSeconds(),
        session.sid().text(),
        null));
  }

  @Override
  public IssuedToken generate(Guest guest, Fingerprint fingerprint, Duration tokenTtl) {
    return generated(new GenerateRequest(
        guest.account().text(),
        guest.deployment().text(),
        guest.identity(),
        guest.conversation().text(),
        guest.grants(),
        fingerprint.text(),
        tokenTtl.toSeconds(),
        0,
        null,
        state(guest)));
  }

  private IssuedToken generated(GenerateRequest request) {
    return scopedAuth.post(GENERATE, request, GenerateAnswer.class, ScopedAuthHttp::issued);
  }

  private static IssuedToken issued(GenerateAnswer answer) {
    if (answer.token().isEmpty()) {
      throw new IllegalArgumentException("an empty token");
    }
    return new IssuedToken(new GuestToken(answer.token()), Instant.parse(answer.expiration()));
  }

  private static ApiResponse revoke(ScopedAuth service, ApiRequest call) {
    RevokeRequest request = call.json(RevokeRequest.class, Limits.INTERNAL_BODY);
    Sid.Session session;
    try {
      session = new Sid.Session(request.sessionSid());
    } catch (IllegalArgumentException e) {
      throw Problem.malformed(e);
    }
    return ApiResponse.json(200, new RevokeAnswer(service.revoke(session, request.why())));
  }

  @Override
  public boolean revoke(Sid.Session session, String why) {
    return scopedAuth.post(
        REVOKE, new RevokeRequest(session.text(), why), RevokeAnswer.class, RevokeAnswer::revoked);
  }

  private static ApiResponse revokeAllOf(ScopedAuth service, ApiRequest call) {
    RevokeAllRequest request = call.json(RevokeAllRequest.class, Limits.INTERNAL_BODY);
    Sid.Conversation conversation;
    try {
      conversation = new Sid.Conversation(request.conversationSid());
    } catch (IllegalArgumentException e) {
      throw Problem.malformed(e);
    }
    return ApiResponse.json(
        200, new RevokeAllAnswer(service.revokeAllOf(conversation, request.why())));
  }

  @Override
  public int revokeAllOf(Sid.Conversation conversation, String why) {
    return scopedAuth.post(
        REVOKE_ALL,
        new RevokeAllRequest(conversation.text(), why),
        RevokeAllAnswer.class,
        RevokeAllAnswer::revoked);
  }

  private static ApiResponse superseded(ScopedAuth service, ApiRequest call) {
    SupersededRequest request = call.json(SupersededRequest.class, Limits.INTERNAL_BODY);
    List<TokenGeneration> generations;
    try {
      generations = request.generations().stream().map(GenerationForm::shown).toList();
    } catch (IllegalArgumentException e) {
      throw Problem.malformed(e);
    }
    return ApiResponse.json(
        200,
        new SupersededAnswer(
            service.superseded(generations).stream().map(GenerationForm::of).toList()));
  }

  @Override
  public List<TokenGeneration> superseded(List<TokenGeneration> generations) {
    return scopedAuth.post(
        SUPERSEDED,
        new SupersededRequest(generations.stream().map(GenerationForm::of).toList()),
        SupersededAnswer.class,
        answer -> answer.superseded().stream().map(GenerationForm::shown).toList());
  }

  private static SessionState state(Guest guest) {
    return new SessionState(
        guest.session().text(),
        guest.deployment().text(),
        guest.conversation().text(),
        guest.generation(),
        guest.nextGeneration(),
        guest.tokenExpires().toString(),
        guest.sessionExpires().toString());
  }

  private static Guest guest(
      String accountSid, String identity, List<String> grants, SessionState session) {
    if (session.nextGeneration() < 1) {
      throw new IllegalArgumentException("no generation");
    }
    return new Guest(
        new Sid.Account(accountSid),
        new Sid.Deployment(session.deploymentKey()),
        identity,
        new Sid.Conversation(session.conversationSid()),
        grants,
        new Sid.Session(session.sid()),
        session.generation(),
        session.nextGeneration(),
        Instant.parse(session.tokenExpires()),
        Instant.parse(session.expires()));
  }

  private static ApiResponse revokedAfter(ScopedAuth service, ApiRequest call) {
    AfterRequest request = call.json(AfterRequest.class, Limits.INTERNAL_BODY);
    Revocation revocation;
    try {
      revocation =
          new Revocation(Instant.parse(request.at()), new Sid.Session(request.sessionSid()), true);
    } catch (IllegalArgumentException e) {
      throw Problem.malformed(e);
    } catch (DateTimeException e) {
      throw new Problem(ErrorCode.MALFORMED, "The body does not fit: at is no instant.");
    }
    return ApiResponse.json(
        200,
        new RevokedAnswer(
            service.revokedAfter(revocation).stream().map(ScopedAuthHttp::form).toList()));
  }

  @Override
  public List<Revocation> revokedAfter(Revocation revocation) {
    // A second is promised from a revocation to the end of sockets, also where a node hangs.
    return hurried.post(
        REVOKED,
        new AfterRequest(revocation.at().toString(), revocation.session().text()),
        RevokedAnswer.class,
        answer -> answer.revoked().stream().map(ScopedAuthHttp::revocation).toList());
  }

  private static RevocationForm form(Revocation revocation) {
    return new RevocationForm(
        revocation.at().toString(), revocation.session().text(), revocation.ended());
  }

  private static Revocation revocation(RevocationForm form) {
    return new Revocation(
        Instant.parse(form.at()), new Sid.Session(form.sessionSid()), form.ended());
  }

  private static ApiResponse refusedSince(ScopedAuth service, ApiRequest call) {
    RefusedRequest request = call.json(RefusedRequest.class, Limits.INTERNAL_BODY);
    try {
      return ApiResponse.json(
          200,
          new RefusalsAnswer(service
              .refusedSince(new Sid.Account(request.accountSid()), Instant.parse(request.since()))
              .stream()
              .map(one -> new RefusedForm(one.conversation().text(), one.at().toString()))
              .toList()));
    } catch (IllegalArgumentException e) {
      throw Problem.malformed(e);
    } catch (DateTimeException e) {
      throw new Problem(ErrorCode.MALFORMED, "The body does not fit: since is no instant.");
    }
  }

  @Override
  public List<RefusedToken> refusedSince(Sid.Account account, Instant since) {
    return scopedAuth.post(
        REFUSED,
        new RefusedRequest(account.text(), since.toString()),
        RefusalsAnswer.class,
        answer -> answer.refused().stream()
            .map(one -> new RefusedToken(
                new Sid.Conversation(one.conversationSid()), Instant.parse(one.at())))
            .toList());
  }

  private static ApiResponse isGood(ScopedAuth service, ApiRequest call) {
    StandingRequest request = call.json(StandingRequest.class, Limits.INTERNAL_BODY);
    Sid.Session session;
    try {
      session = new Sid.Session(request.sessionSid());
    } catch (IllegalArgumentException e) {
      throw Problem.malformed(e);
    }
    return ApiResponse.json(200, new StandingAnswer(service.isGood(session)));
  }

  @Override
  public boolean isGood(Sid.Session session) {
    // Sockets are mute until it is answered.
    return hurried.post(
        STANDING, new StandingRequest(session.text()), StandingAnswer.class, StandingAnswer::good);
  }

  private static ApiResponse sessionsOf(ScopedAuth service, ApiRequest call) {
    SessionsRequest request = call.json(SessionsRequest.class, Limits.INTERNAL_BODY);
    List<Sid.Conversation> conversations;
    try {
      conversations =
          request.conversationSids().stream().map(Sid.Conversation::new).toList();
    } catch (IllegalArgumentException e) {
      throw Problem.malformed(e);
    }
    return ApiResponse.json(
        200,
        new SessionsAnswer(
            service.sessionsOf(conversations).stream().map(SessionForm::of).toList()));
  }

  @Override
  public List<Session> sessionsOf(List<Sid.Conversation> conversations) {
    return scopedAuth.post(
        SESSIONS,
        new SessionsRequest(texts(conversations)),
        SessionsAnswer.class,
        answer -> answer.sessions().stream().map(SessionForm::session).toList());
  }

  private static List<String> texts(List<? extends Sid> sids) {
    return sids.stream().map(Sid::text).toList();
  }
}

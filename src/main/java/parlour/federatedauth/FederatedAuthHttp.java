package parlour.federatedauth;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import parlour.Limits;
import parlour.Sid;
import parlour.errors.Problem;
import parlour.http.client.InternalClient;
import parlour.http.server.ApiRequest;
import parlour.http.server.ApiResponse;
import parlour.http.server.Routes;
import parlour.scopedauth.Audience;
import parlour.scopedauth.Fingerprint;
import parlour.scopedauth.GuestToken;
import parlour.scopedauth.IssuedToken;

/** Both ends of FederatedAuth's wire: the endpoints of the internal listener, and their client. */
public final class FederatedAuthHttp implements FederatedAuth {
  private static final String TOKENS = "/v1/Accounts/{AccountSid}/Tokens";
  private static final String REFRESH = TOKENS + "/refresh";
  private static final String VALIDATE = TOKENS + "/validate";

  private final InternalClient federatedAuth;

  /** The client: asks the FederatedAuthService of another process. */
  public FederatedAuthHttp(InternalClient federatedAuth) {
    this.federatedAuth = federatedAuth;
  }

  /** The endpoints: answer for the service of this process. */
  public static void serve(FederatedAuth service, Routes routes) {
    routes.post(TOKENS, call -> create(service, call));
    routes.post(REFRESH, call -> refresh(service, call));
    routes.post(VALIDATE, call -> validate(service, call));
  }

  record CreateRequest(
      String sessionSid,
      String deploymentKey,
      String identity,
      String conversationSid,
      String fingerprint,
      long tokenTtlSeconds,
      long sessionTtlSeconds) {}

  /** Of refresh and of validate; the latter issues nothing, and its TTL is 0. */
  record TokenRequest(
      String fingerprint,
      String token,
      String deploymentKey,
      boolean revokeOnReplay,
      long tokenTtlSeconds) {}

  /** Arrow 13 of docs/diagrams/refresh-succeeded.mmd; {@code message} is null. */
  record IssuedAnswer(
      boolean valid,
      int code,
      @Nullable String message,
      String token,
      String expiration,
      String identity,
      List<String> roles,
      String conversationSid) {}

  /** Of a validation that succeeded; {@code message} is null. */
  record ValidAnswer(
      boolean valid,
      int code,
      @Nullable String message,
      String identity,
      List<String> roles,
      String conversationSid) {}

  /** Arrows 10 and 14. */
  record RefusedAnswer(boolean valid, int code, String message) {}

  /** Any of the three above, as the client reads it. */
  record TokenAnswer(
      boolean valid,
      int code,
      @Nullable String token,
      @Nullable String expiration,
      @Nullable String identity,
      @Nullable List<String> roles,
      @Nullable String conversationSid) {}

  private static ApiResponse create(FederatedAuth service, ApiRequest call) {
    CreateRequest request = call.json(CreateRequest.class, Limits.INTERNAL_BODY);
    NewGuest guest;
    try {
      guest = new NewGuest(
          new Sid.Session(request.sessionSid()),
          new Sid.Account(call.parameter("AccountSid")),
          new Sid.Deployment(request.deploymentKey()),
          request.identity(),
          new Sid.Conversation(request.conversationSid()),
          Fingerprint.parse(request.fingerprint()),
          Duration.ofSeconds(request.tokenTtlSeconds()),
          Duration.ofSeconds(request.sessionTtlSeconds()));
    } catch (IllegalArgumentException e) {
      throw Problem.malformed(e);
    }
    return ApiResponse.json(201, issued(service.create(guest)));
  }

  @Override
  public Outcome.Issued create(NewGuest guest) {
    CreateRequest request = new CreateRequest(
        guest.session().text(),
        guest.deployment().text(),
        guest.identity(),
        guest.conversation().text(),
        guest.fingerprint().text(),
        guest.tokenTtl().toSeconds(),
        guest.sessionTtl().toSeconds());
    return federatedAuth.post(
        path(TOKENS, guest.account()), request, TokenAnswer.class, FederatedAuthHttp::issued);
  }

  private static ApiResponse refresh(FederatedAuth service, ApiRequest call) {
    TokenRequest request = call.json(TokenRequest.class, Limits.INTERNAL_BODY);
    Outcome outcome = service.refresh(
        audience(call, request),
        new GuestToken(request.token()),
        fingerprint(request),
        Duration.ofSeconds(request.tokenTtlSeconds()));
    return ApiResponse.json(
        200,
        switch (outcome) {
          case Outcome.Issued issued -> issued(issued);
          case Outcome.Refused(Refusal refusal) -> refused(refusal);
        });
  }

  @Override
  public Outcome refresh(
      Audience audience, GuestToken token, Fingerprint fingerprint, Duration tokenTtl) {
    return federatedAuth.post(
        path(REFRESH, audience.account()),
        request(audience, token, fingerprint, tokenTtl),
        TokenAnswer.class,
        answer -> answer.valid() ? issued(answer) : new Outcome.Refused(refusal(answer)));
  }

  private static ApiResponse validate(FederatedAuth service, ApiRequest call) {
    TokenRequest request = call.json(TokenRequest.class, Limits.INTERNAL_BODY);
    Validity validity = service.validate(
        audience(call, request), new GuestToken(request.token()), fingerprint(request));
    return ApiResponse.json(
        200,
        switch (validity) {
          case Validity.Valid(String identity, List<String> roles, Sid.Conversation conversation) ->
            new ValidAnswer(true, 0, null, identity, roles, conversation.text());
          case Validity.Refused(Refusal refusal) -> refused(refusal);
        });
  }

  @Override
  public Validity validate(Audience audience, GuestToken token, Fingerprint fingerprint) {
    return federatedAuth.post(
        path(VALIDATE, audience.account()),
        request(audience, token, fingerprint, Duration.ZERO),
        TokenAnswer.class,
        answer -> answer.valid() ? valid(answer) : new Validity.Refused(refusal(answer)));
  }

  private static TokenRequest request(
      Audience audience, GuestToken token, Fingerprint fingerprint, Duration tokenTtl) {
    return new TokenRequest(
        fingerprint.text(),
        token.text(),
        audience.deployment().text(),
        audience.revokeOnReplay(),
        tokenTtl.toSeconds());
  }

  private static Audience audience(ApiRequest call, TokenRequest request) {
    try {
      return new Audience(
          new Sid.Account(call.parameter("AccountSid")),
          new Sid.Deployment(request.deploymentKey()),
          request.revokeOnReplay());
    } catch (IllegalArgumentException e) {
      throw Problem.malformed(e);
    }
  }

  private static Fingerprint fingerprint(TokenRequest request) {
    try {
      return Fingerprint.parse(request.fingerprint());
    } catch (IllegalArgumentException e) {
      throw Problem.malformed(e);
    }
  }

  private static RefusedAnswer refused(Refusal refusal) {
    return new RefusedAnswer(false, refusal.code(), refusal.message());
  }

  private static IssuedAnswer issued(Outcome.Issued issued) {
    return new IssuedAnswer(
        true,
        0,
        null,
        issued.token().token().text(),
        issued.token().expiration().toString(),
        issued.identity(),
        issued.roles(),
        issued.conversation().text());
  }

  /** Anything that is neither a clear yes nor a clear no is nonsense, and so an outage. */
  private static Outcome.Issued issued(TokenAnswer answer) {
    String token = answer.token();
    String expiration = answer.expiration();
    Validity.Valid valid = valid(answer);
    if (token == null || token.isEmpty() || expiration == null) {
      throw new IllegalArgumentException("valid, but no token");
    }
    return new Outcome.Issued(
        new IssuedToken(new GuestToken(token), Instant.parse(expiration)),
        valid.identity(),
        valid.roles(),
        valid.conversation());
  }

  private static Validity.Valid valid(TokenAnswer answer) {
    String identity = answer.identity();
    List<String> roles = answer.roles();
    String conversation = answer.conversationSid();
    if (!answer.valid() || answer.code() != 0) {
      throw new IllegalArgumentException("neither valid nor refused");
    }
    if (identity == null || roles == null || conversation == null) {
      throw new IllegalArgumentException("valid without saying for whom");
    }
    return new Validity.Valid(identity, roles, new Sid.Conversation(conversation));
  }

  private static Refusal refusal(TokenAnswer answer) {
    return Refusal.of(answer.code())
        .orElseThrow(() -> new IllegalArgumentException("refused with an unknown code"));
  }

  private static String path(String route, Sid.Account account) {
    return route.replace("{AccountSid}", account.text());
  }
}

package parlour.federatedauth;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import parlour.Identity;
import parlour.Limits;
import parlour.Sid;
import parlour.errors.Problem;
import parlour.http.client.InternalClient;
import parlour.http.internal.InternalCalls;
import parlour.http.json.JsonType;
import parlour.http.server.ApiRequest;
import parlour.http.server.ApiResponse;
import parlour.http.server.Routes;
import parlour.proof.Proof;
import parlour.scopedauth.Audience;
import parlour.scopedauth.BindingRequest;
import parlour.scopedauth.Fingerprint;
import parlour.scopedauth.GuestToken;
import parlour.scopedauth.IssuedToken;
import parlour.scopedauth.NetworkDigest;
import parlour.scopedauth.Presented;
import parlour.scopedauth.SessionOwner;
import parlour.scopedauth.TokenAudience;

/**
 * Both ends of FederatedAuth over HTTP: the endpoints of the internal listener, and their client.
 */
public final class FederatedAuthHttp implements FederatedAuth {
  private static final String TOKENS = "/v1/Accounts/{AccountSid}/Tokens";
  private static final String REFRESH = TOKENS + "/refresh";
  private static final String VALIDATE = TOKENS + "/validate";

  private static final InternalCalls<FederatedAuth> CALLS = new InternalCalls<>("/v1/GuestTokens");

  record AudienceOf(GuestToken token) {}

  private static final InternalCalls<FederatedAuth>.Call<AudienceOf, Optional<TokenAudience>>
      AUDIENCE_OF = CALLS.declare(
          "/audience",
          AudienceOf.class,
          "audience",
          new JsonType<>() {},
          (service, request) -> service.audienceOf(request.token()));

  private final InternalClient federatedAuth;

  /** Makes a client for the FederatedAuthService of another process. */
  public FederatedAuthHttp(InternalClient federatedAuth) {
    this.federatedAuth = federatedAuth;
  }

  /** Serves the FederatedAuthService of this process. */
  public static void serve(FederatedAuth service, Routes routes) {
    routes.post(TOKENS, call -> create(service, call));
    routes.post(REFRESH, call -> refresh(service, call));
    routes.post(VALIDATE, call -> validate(service, call));
    CALLS.serve(service, routes);
  }

  record CreateRequest(
      Sid.Session session,
      Sid.Deployment deployment,
      Identity identity,
      Sid.Conversation conversation,
      Fingerprint fingerprint,
      Optional<BindingRequest> binding,
      long tokenTtlSeconds,
      long sessionTtlSeconds) {}

  /** The request of refresh and of validate. The latter issues no token, so its TTL is 0. */
  record TokenRequest(
      Fingerprint fingerprint,
      GuestToken token,
      Optional<Proof> proof,
      Optional<NetworkDigest> network,
      Optional<String> page,
      Optional<String> caller,
      Sid.Deployment deployment,
      boolean revokeOnReplay,
      long tokenTtlSeconds) {

    Presented presented() {
      return new Presented(token, fingerprint, proof, network, page, caller);
    }
  }

  /** Arrow 13 of docs/diagrams/refresh-succeeded.mmd; {@code message} is null. */
  record IssuedAnswer(
      boolean valid,
      int code,
      @Nullable String message,
      GuestToken token,
      Instant expiration,
      Optional<String> proofKey,
      Identity identity,
      List<String> roles,
      Sid.Conversation conversation) {}

  /** The answer to a validation that succeeded; {@code message} is null. */
  record ValidAnswer(
      boolean valid,
      int code,
      @Nullable String message,
      Identity identity,
      List<String> roles,
      Sid.Conversation conversation) {}

  /** Arrows 10 and 14. */
  record RefusedAnswer(boolean valid, int code, String message) {}

  /** The form in which the client reads any of the three above. */
  record TokenAnswer(
      boolean valid,
      int code,
      @Nullable GuestToken token,
      @Nullable Instant expiration,
      Optional<String> proofKey,
      @Nullable Identity identity,
      @Nullable List<String> roles,
      Sid.@Nullable Conversation conversation) {}

  private static ApiResponse create(FederatedAuth service, ApiRequest call) {
    CreateRequest request = call.json(CreateRequest.class, Limits.INTERNAL_BODY);
    NewGuest guest = new NewGuest(
        request.session(),
        new SessionOwner(
            account(call), request.deployment(), request.identity(), request.conversation()),
        request.fingerprint(),
        request.binding(),
        Duration.ofSeconds(request.tokenTtlSeconds()),
        Duration.ofSeconds(request.sessionTtlSeconds()));
    return ApiResponse.json(201, issued(service.create(guest)));
  }

  @Override
  public Outcome.Issued create(NewGuest guest) {
    SessionOwner owner = guest.owner();
    CreateRequest request = new CreateRequest(
        guest.session(),
        owner.deployment(),
        owner.identity(),
        owner.conversation(),
        guest.fingerprint(),
        guest.binding(),
        guest.tokenTtl().toSeconds(),
        guest.sessionTtl().toSeconds());
    return federatedAuth.post(
        path(TOKENS, owner.account()), request, TokenAnswer.class, FederatedAuthHttp::issued);
  }

  private static ApiResponse refresh(FederatedAuth service, ApiRequest call) {
    TokenRequest request = call.json(TokenRequest.class, Limits.INTERNAL_BODY);
    Outcome outcome = service.refresh(
        audience(call, request),
        request.presented(),
        Duration.ofSeconds(request.tokenTtlSeconds()));
    return ApiResponse.json(
        200,
        switch (outcome) {
          case Outcome.Issued issued -> issued(issued);
          case Outcome.Refused(Refusal refusal) -> refused(refusal);
        });
  }

  @Override
  public Outcome refresh(Audience audience, Presented presented, Duration tokenTtl) {
    return federatedAuth.post(
        path(REFRESH, audience.account()),
        request(audience, presented, tokenTtl),
        TokenAnswer.class,
        answer -> answer.valid() ? issued(answer) : new Outcome.Refused(refusal(answer)));
  }

  private static ApiResponse validate(FederatedAuth service, ApiRequest call) {
    TokenRequest request = call.json(TokenRequest.class, Limits.INTERNAL_BODY);
    Validity validity = service.validate(audience(call, request), request.presented());
    return ApiResponse.json(
        200,
        switch (validity) {
          case Validity.Valid(
              Identity identity,
              List<String> roles,
              Sid.Conversation conversation) ->
            new ValidAnswer(true, 0, null, identity, roles, conversation);
          case Validity.Refused(Refusal refusal) -> refused(refusal);
        });
  }

  @Override
  public Validity validate(Audience audience, Presented presented) {
    return federatedAuth.post(
        path(VALIDATE, audience.account()),
        request(audience, presented, Duration.ZERO),
        TokenAnswer.class,
        answer -> answer.valid() ? valid(answer) : new Validity.Refused(refusal(answer)));
  }

  @Override
  public Optional<TokenAudience> audienceOf(GuestToken token) {
    return AUDIENCE_OF.ask(federatedAuth, new AudienceOf(token));
  }

  private static TokenRequest request(Audience audience, Presented presented, Duration tokenTtl) {
    return new TokenRequest(
        presented.fingerprint(),
        presented.token(),
        presented.proof(),
        presented.network(),
        presented.page(),
        presented.caller(),
        audience.deployment(),
        audience.revokeOnReplay(),
        tokenTtl.toSeconds());
  }

  private static Audience audience(ApiRequest call, TokenRequest request) {
    return new Audience(account(call), request.deployment(), request.revokeOnReplay());
  }

  private static Sid.Account account(ApiRequest call) {
    try {
      return new Sid.Account(call.parameter("AccountSid"));
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
        issued.token().token(),
        issued.token().expiration(),
        issued.token().proofKey(),
        issued.identity(),
        issued.roles(),
        issued.conversation());
  }

  /** An answer that is neither clearly valid nor clearly refused is an outage. */
  private static Outcome.Issued issued(TokenAnswer answer) {
    GuestToken token = answer.token();
    Instant expiration = answer.expiration();
    Validity.Valid valid = valid(answer);
    if (token == null || token.text().isEmpty() || expiration == null) {
      throw new IllegalArgumentException("valid, but no token");
    }
    return new Outcome.Issued(
        new IssuedToken(token, expiration, answer.proofKey()),
        valid.identity(),
        valid.roles(),
        valid.conversation());
  }

  private static Validity.Valid valid(TokenAnswer answer) {
    Identity identity = answer.identity();
    List<String> roles = answer.roles();
    Sid.Conversation conversation = answer.conversation();
    if (!answer.valid() || answer.code() != 0) {
      throw new IllegalArgumentException("neither valid nor refused");
    }
    if (identity == null || roles == null || conversation == null) {
      throw new IllegalArgumentException("valid, but a field is missing");
    }
    return new Validity.Valid(identity, roles, conversation);
  }

  private static Refusal refusal(TokenAnswer answer) {
    return Refusal.of(answer.code())
        .orElseThrow(() -> new IllegalArgumentException("refused with an unknown code"));
  }

  private static String path(String route, Sid.Account account) {
    return route.replace("{AccountSid}", account.text());
  }
}

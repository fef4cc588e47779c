package parlour.inbox;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import parlour.Limits;
import parlour.accounts.Origin;
import parlour.errors.ErrorCode;
import parlour.errors.Problem;
import parlour.http.server.ApiRequest;
import parlour.http.server.ApiResponse;
import parlour.http.server.RequestFields;
import parlour.oidc.Attempt;

/** The endpoints for signing in at an identity provider. */
final class ProviderEndpoints {
  private final SignInEndpoints signIn;
  private final Optional<ProviderAuthenticator> provider;
  private final Optional<Origin> publicOrigin;
  private final AgentCookies cookies;

  ProviderEndpoints(
      SignInEndpoints signIn,
      Optional<ProviderAuthenticator> provider,
      Optional<Origin> publicOrigin) {
    this.signIn = signIn;
    this.provider = provider;
    this.publicOrigin = publicOrigin;
    this.cookies = new AgentCookies(publicOrigin, AgentCookies.ATTEMPT);
  }

  /**
   * The provider at which agents can sign in.
   *
   * @param name null if there is none
   */
  record ProviderAnswer(@Nullable String name) {}

  ApiResponse show(ApiRequest call) {
    return ApiResponse.json(
        200, new ProviderAnswer(provider.map(ProviderAuthenticator::name).orElse(null)));
  }

  /**
   * The provider's page for this attempt.
   *
   * @param url to which the page must go
   */
  record BegunAnswer(String url) {}

  ApiResponse begin(ApiRequest call) {
    checkAddress(call);
    ProviderAuthenticator.Begun begun = configured().begin();
    return ApiResponse.json(200, new BegunAnswer(begun.url().toString()))
        .with(
            "Set-Cookie",
            cookies.header(
                call,
                signIn.isSecure(call),
                begun.attempt().cookie(),
                Limits.OIDC_ATTEMPT.toSeconds()));
  }

  /** The provider sends browsers to public.url, where the cookie of another address is missing. */
  private void checkAddress(ApiRequest call) {
    Optional<Origin> page = Origin.of(call.header("Origin"));
    if (page.isPresent() && publicOrigin.isPresent() && !page.equals(publicOrigin)) {
      throw new Problem(
          ErrorCode.ORIGIN_NOT_ALLOWED,
          "Open the inbox at %s/inbox to sign in at the identity provider."
              .formatted(publicOrigin.get()));
    }
  }

  /**
   * Whatever the outcome, the attempt is over. A call without its state is not believed, and ends
   * none: any page can send a browser here with an error.
   */
  ApiResponse finish(ApiRequest call) {
    ProviderAuthenticator authenticator = configured();
    RequestFields fields = call.fields(Limits.SMALL_BODY);
    List<Attempt> attempts = cookies.received(call).stream()
        .flatMap(cookie -> Attempt.of(cookie.secret()).stream())
        .toList();
    Attempt attempt = authenticator.attempt(attempts, fields.required("state"));
    String over = cookies.header(call, signIn.isSecure(call), "", 0);
    try {
      Optional<String> error = fields.optional("error");
      if (error.isPresent()) {
        throw authenticator.refusedByProvider(error.get());
      }
      String code = fields.required("code");
      if (code.length() > Limits.OIDC_CODE_CHARACTERS) {
        throw new Problem(ErrorCode.OIDC_ATTEMPT_REFUSED);
      }
      String cookie = authenticator.finish(attempt, code, SignInEndpoints.userAgent(call));
      return signIn.signedIn(call, cookie).with("Set-Cookie", over);
    } catch (Problem problem) {
      throw problem.withHeader("Set-Cookie", over);
    }
  }

  private ProviderAuthenticator configured() {
    return provider.orElseThrow(() -> new Problem(ErrorCode.NOT_FOUND));
  }
}

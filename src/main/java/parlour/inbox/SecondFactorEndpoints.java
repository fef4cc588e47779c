package parlour.inbox;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import parlour.Limits;
import parlour.accounts.Origin;
import parlour.errors.ErrorCode;
import parlour.errors.Problem;
import parlour.http.server.ApiRequest;
import parlour.http.server.ApiResponse;
import parlour.http.server.RequestFields;

/** The endpoints with which agents add, replace and remove their own second factor. */
final class SecondFactorEndpoints {
  private static final String ISSUER = "Parlour";
  private static final String NOT_OF_THE_APP =
      "Wrong code. Wait for the app's next one; if that is wrong, too, scan the picture again.";

  private final AgentAuthenticator authenticator;
  private final SecondFactorCheck factors;
  private final Optional<Origin> publicOrigin;

  SecondFactorEndpoints(
      AgentAuthenticator authenticator, SecondFactorCheck factors, Optional<Origin> publicOrigin) {
    this.authenticator = authenticator;
    this.factors = factors;
    this.publicOrigin = publicOrigin;
  }

  record FactorAnswer(boolean active, int recoveryCodes) {}

  ApiResponse show(SignInEndpoints.Browser browser, ApiRequest call) {
    SecondFactors.Factor factor = factors.find(browser.agent());
    return ApiResponse.json(200, new FactorAnswer(factor.isActive(), factor.recoveryCodes()));
  }

  /**
   * An app's secret, in each form in which the app can take it.
   *
   * @param uri {@code otpauth://totp/…}, which the QR code says as well
   */
  record SecretAnswer(String uri, String secret, int qrSize, String qrPath) {}

  /** Needs the password, and a code if another factor is replaced: a stolen cookie is not enough. */
  ApiResponse begin(SignInEndpoints.Browser browser, ApiRequest call) {
    check(browser.agent(), call);
    String secret = OneTimeCodes.base32(factors.begin(browser.agent()));
    String uri = uri(browser.agent(), secret);
    QrPicture picture = QrPicture.of(uri);
    return ApiResponse.json(200, new SecretAnswer(uri, secret, picture.size(), picture.path()));
  }

  private String uri(Agents.Agent agent, String secret) {
    String account =
        publicOrigin.map(origin -> agent.name() + "@" + origin.host()).orElse(agent.name());
    return "otpauth://totp/%s:%s?secret=%s&issuer=%s"
        .formatted(ISSUER, URLEncoder.encode(account, StandardCharsets.UTF_8), secret, ISSUER);
  }

  record CodesAnswer(List<String> recoveryCodes) {}

  ApiResponse confirm(SignInEndpoints.Browser browser, ApiRequest call) {
    String code = call.fields(Limits.SMALL_BODY).required("code");
    return ApiResponse.json(
        200,
        new CodesAnswer(factors
            .confirm(browser.agent(), browser.secret(), code)
            .orElseThrow(() -> new Problem(ErrorCode.SECOND_FACTOR_REFUSED, NOT_OF_THE_APP))));
  }

  ApiResponse remove(SignInEndpoints.Browser browser, ApiRequest call) {
    check(browser.agent(), call);
    factors.remove(browser.agent());
    return ApiResponse.empty(204);
  }

  private void check(Agents.Agent agent, ApiRequest call) {
    RequestFields fields = call.fields(Limits.SMALL_BODY);
    demand(agent, fields.required("old"), fields.optional("code"));
  }

  /**
   * Demands the password, and a code if the agent has a second factor.
   *
   * @throws Problem if one is wrong, or the code is missing
   */
  void demand(Agents.Agent agent, String password, Optional<String> code) {
    if (!authenticator.isPassword(agent, password)) {
      throw new Problem(ErrorCode.WRONG_OLD_PASSWORD);
    }
    switch (authenticator.checkCode(agent, code)) {
      // Not 45795: a 401 would sign the page out.
      case MISSING, REFUSED -> throw new Problem(ErrorCode.SECOND_FACTOR_REFUSED);
      case NONE, ACCEPTED -> {}
    }
  }
}

package parlour.inbox;

import java.util.List;
import java.util.Optional;
import parlour.Limits;
import parlour.errors.ErrorCode;
import parlour.errors.Problem;
import parlour.http.server.ApiRequest;
import parlour.http.server.ApiResponse;
import parlour.http.server.RequestFields;
import parlour.ledger.Ledger;
import parlour.ledger.LedgerNote;

/** The endpoints by which agents change their own name and password, and end their own browsers. */
final class OwnAccountEndpoints {
  private final SignInEndpoints signIn;
  private final AgentAuthenticator authenticator;
  private final SecondFactorEndpoints secondFactors;
  private final Agents agents;
  private final Ledger notes;

  /**
   * @param notes where the admins' changes are noted
   */
  OwnAccountEndpoints(
      SignInEndpoints signIn,
      AgentAuthenticator authenticator,
      SecondFactorEndpoints secondFactors,
      Agents agents,
      Ledger notes) {
    this.notes = notes;
    this.secondFactors = secondFactors;
    this.signIn = signIn;
    this.authenticator = authenticator;
    this.agents = agents;
  }

  /** Changes the name that guests see in later messages. */
  ApiResponse rename(SignInEndpoints.Browser browser, ApiRequest call) {
    String name = call.fields(Limits.SMALL_BODY).required("display_name").strip();
    if (!Agents.Agent.isDisplayName(name)) {
      throw new Problem(
          ErrorCode.MALFORMED,
          "The name must be one line of 1 to %d characters."
              .formatted(Limits.AGENT_DISPLAY_NAME_CHARACTERS));
    }
    agents.update(browser.agent().name(), Optional.of(name), Optional.empty());
    return signIn.me(call);
  }

  record PasswordAnswer(String password) {}

  ApiResponse replacePassword(SignInEndpoints.Browser browser, ApiRequest call) {
    RequestFields fields = call.fields(Limits.SMALL_BODY);
    String old = fields.required("old");
    secondFactors.demand(browser.agent(), old, fields.optional("code"));
    return ApiResponse.json(
        200,
        new PasswordAnswer(authenticator
            .replacePassword(browser.agent(), browser.secret(), old)
            .orElseThrow(() -> new Problem(ErrorCode.WRONG_OLD_PASSWORD))));
  }

  record BrowserForm(String id, String browser, String signedIn, String lastUsed, boolean current) {
    static BrowserForm of(Agents.Session session) {
      return new BrowserForm(
          session.id(),
          session.browser(),
          session.signedIn().toString(),
          session.lastUsed().toString(),
          session.current());
    }
  }

  record BrowsersAnswer(List<BrowserForm> browsers) {}

  ApiResponse browsers(SignInEndpoints.Browser browser, ApiRequest call) {
    return ApiResponse.json(
        200,
        new BrowsersAnswer(authenticator.browsers(browser.secret()).stream()
            .map(BrowserForm::of)
            .toList()));
  }

  ApiResponse endBrowser(SignInEndpoints.Browser browser, ApiRequest call) {
    String id = call.fields(Limits.SMALL_BODY).required("id");
    authenticator.endBrowser(browser.agent(), browser.secret(), id);
    return ApiResponse.empty(204);
  }

  /** Signs a colleague out everywhere; one who is not signed in stays so. */
  ApiResponse endBrowsersOf(Agents.Agent admin, ApiRequest call) {
    String name = call.fields(Limits.SMALL_BODY).required("name");
    if (agents.find(name).filter(one -> one.account().equals(admin.account())).isEmpty()) {
      throw new Problem(ErrorCode.NOT_FOUND, "Your account has no such agent.");
    }
    authenticator.endBrowsersOf(admin, name);
    notes.add(LedgerNote.of(LedgerNote.CONSOLE, "agent signed out").by(admin.name(), name));
    return ApiResponse.empty(204);
  }

  ApiResponse endOtherBrowsers(SignInEndpoints.Browser browser, ApiRequest call) {
    authenticator.endOtherBrowsers(browser.agent(), browser.secret());
    return ApiResponse.empty(204);
  }
}

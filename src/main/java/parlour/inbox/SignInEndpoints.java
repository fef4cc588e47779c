package parlour.inbox;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import parlour.Identity;
import parlour.Limits;
import parlour.accounts.Origin;
import parlour.errors.ErrorCode;
import parlour.errors.Problem;
import parlour.http.server.ApiRequest;
import parlour.http.server.ApiResponse;
import parlour.http.server.Endpoint;
import parlour.http.server.RequestFields;
import parlour.inbox.AgentAuthenticator.SignIn;
import parlour.ledger.Ledger;
import parlour.ledger.LedgerNote;

/**
 * The endpoints for signing in and out, and the check of each other call: which agent's browser
 * sent it, and that it comes from the inbox's own page.
 */
final class SignInEndpoints {
  private final AgentAuthenticator signIn;
  private final AgentCookies cookies;
  private final InboxPage page;
  private final Ledger notes;

  /**
   * @param notes where a call for admins is noted that another agent makes
   */
  SignInEndpoints(AgentAuthenticator signIn, Optional<Origin> publicOrigin, Ledger notes) {
    this.signIn = signIn;
    this.notes = notes;
    this.cookies = new AgentCookies(publicOrigin);
    this.page = new InboxPage(publicOrigin, cookies);
  }

  /** Refuses the calls of other pages. */
  Endpoint fromOurPage(Endpoint endpoint) {
    return call -> {
      page.check(call);
      return endpoint.answer(call);
    };
  }

  Endpoint signedIn(BiFunction<Agents.Agent, ApiRequest, ApiResponse> endpoint) {
    return reading((browser, call) -> endpoint.apply(browser.agent(), call));
  }

  /** As {@link #signedIn}; the endpoint gets the browser. */
  Endpoint reading(BiFunction<Browser, ApiRequest, ApiResponse> endpoint) {
    return call -> endpoint.apply(browser(call), call);
  }

  /**
   * An action of a person at the page, which an auditor cannot do. Only actions keep a browser
   * signed in; an open tab does not.
   */
  Endpoint acting(BiFunction<Agents.Agent, ApiRequest, ApiResponse> endpoint) {
    return actingFor((browser, call) -> endpoint.apply(browser.agent(), call));
  }

  /** As {@link #acting}, for admins alone. */
  Endpoint administering(BiFunction<Agents.Agent, ApiRequest, ApiResponse> endpoint) {
    return using((browser, call) -> {
      refuseUnlessAdmin(browser.agent(), "Only an admin of the account can change this; ask one.");
      return endpoint.apply(browser.agent(), call);
    });
  }

  /** As {@link #signedIn}, for admins alone. */
  Endpoint readingAsAdmin(BiFunction<Agents.Agent, ApiRequest, ApiResponse> endpoint) {
    return signedIn((agent, call) -> {
      refuseUnlessAdmin(agent, "Only an admin of the account can read this; ask one.");
      return endpoint.apply(agent, call);
    });
  }

  private void refuseUnlessAdmin(Agents.Agent agent, String why) {
    if (agent.role() != Agents.Role.ADMIN) {
      notes.add(LedgerNote.of(LedgerNote.CONSOLE, "only for admins")
          .refusedBy(ErrorCode.ROLE_TOO_LOW.code())
          .by(agent.name(), ""));
      throw new Problem(ErrorCode.ROLE_TOO_LOW, why);
    }
  }

  /**
   * As {@link #acting}, for a long action: the endpoint gets the browser, and checks again at the end
   * whether it is still signed in.
   */
  Endpoint actingFor(BiFunction<Browser, ApiRequest, ApiResponse> endpoint) {
    return using((browser, call) -> {
      refuseAuditor(browser.agent());
      return endpoint.apply(browser, call);
    });
  }

  /** An action of a person at the page that concerns only themselves. An auditor can do it, too. */
  Endpoint using(BiFunction<Browser, ApiRequest, ApiResponse> endpoint) {
    return fromOurPage(call -> used(browser(call), call, endpoint));
  }

  /** As {@link #using}, also for an agent who must add a second factor before anything else. */
  Endpoint settingUp(BiFunction<Browser, ApiRequest, ApiResponse> endpoint) {
    return fromOurPage(call -> used(anyBrowser(call).browser(), call, endpoint));
  }

  /** As {@link #reading}, also for an agent who must add a second factor before anything else. */
  Endpoint readingSetUp(BiFunction<Browser, ApiRequest, ApiResponse> endpoint) {
    return call -> endpoint.apply(anyBrowser(call).browser(), call);
  }

  private ApiResponse used(
      Browser browser, ApiRequest call, BiFunction<Browser, ApiRequest, ApiResponse> endpoint) {
    signIn.recordUse(browser.secret());
    return endpoint.apply(browser, call);
  }

  /** A change that the page makes by itself, so it does not keep the browser signed in. */
  Endpoint changing(BiFunction<Agents.Agent, ApiRequest, ApiResponse> endpoint) {
    return fromOurPage(signedIn((agent, call) -> {
      refuseAuditor(agent);
      return endpoint.apply(agent, call);
    }));
  }

  private static void refuseAuditor(Agents.Agent agent) {
    if (agent.role() == Agents.Role.AUDITOR) {
      throw new Problem(
          ErrorCode.ROLE_TOO_LOW, "An auditor reads conversations and cannot change anything.");
    }
  }

  /** A browser that is signed in. */
  record Browser(Agents.Agent agent, String secret) {}

  /** The browser that opens a socket. Only our page can. */
  Browser opener(ApiRequest handshake) {
    page.check(handshake);
    return browser(handshake);
  }

  void recordOpen(Browser browser) {
    signIn.recordOpen(browser.secret());
  }

  /** The agent of a browser as they are now; empty if it is not signed in any more. */
  Optional<Agents.Agent> agentOf(Browser browser) {
    return signIn.signedIn(browser.secret());
  }

  private Browser browser(ApiRequest call) {
    Found found = anyBrowser(call);
    if (found.signedIn().lacksSecondFactor()) {
      throw new Problem(ErrorCode.SECOND_FACTOR_REQUIRED);
    }
    return found.browser();
  }

  private record Found(Agents.SignedIn signedIn, String secret) {
    Browser browser() {
      return new Browser(signedIn.agent(), secret);
    }
  }

  /**
   * The browser that sent a call. Two valid secrets are refused, because another site has set one
   * of them.
   */
  private Found anyBrowser(ApiRequest call) {
    List<Found> good = new ArrayList<>();
    for (AgentCookies.ReceivedCookie shown : cookies.received(call)) {
      signIn.found(shown.secret()).ifPresent(one -> good.add(new Found(one, shown.secret())));
    }
    if (good.size() != 1) {
      throw new Problem(ErrorCode.NOT_SIGNED_IN);
    }
    return good.getFirst();
  }

  /**
   * The agent who is signed in.
   *
   * @param lacksSecondFactor whether the page must ask for one before anything else
   * @param isOfProvider whether the agent has no password, because an identity provider signs them in
   */
  record Me(
      String name,
      String displayName,
      String role,
      Identity identity,
      String accountSid,
      boolean lacksSecondFactor,
      boolean isOfProvider) {
    static Me of(Agents.SignedIn signedIn) {
      Agents.Agent agent = signedIn.agent();
      return new Me(
          agent.name(),
          agent.displayName(),
          agent.role().word(),
          agent.identity(),
          agent.account().text(),
          signedIn.lacksSecondFactor(),
          signedIn.isOfProvider());
    }
  }

  /** A new sign-in ends the session that the browser had before. */
  ApiResponse signIn(ApiRequest call) {
    RequestFields fields = call.fields(Limits.SMALL_BODY);
    String cookie = switch (signIn.signIn(
        fields.required("name"),
        fields.required("password"),
        fields.optional("code"),
        userAgent(call))) {
      case SignIn.SignedIn(String secret) -> secret;
      case SignIn.Refused() -> throw new Problem(ErrorCode.SIGN_IN_REFUSED);
      case SignIn.CodeMissing() -> throw new Problem(ErrorCode.SECOND_FACTOR_NEEDED);
      case SignIn.CodeRefused() -> throw new Problem(ErrorCode.SECOND_FACTOR_REFUSED);
    };
    return signedIn(call, cookie);
  }

  /**
   * The answer to a browser that has just been signed in.
   *
   * @param cookie the secret of its new cookie
   */
  ApiResponse signedIn(ApiRequest call, String cookie) {
    Agents.SignedIn found =
        signIn.found(cookie).orElseThrow(() -> new Problem(ErrorCode.SIGN_IN_REFUSED));
    cookies.received(call).forEach(shown -> signIn.signOut(shown.secret()));
    return ApiResponse.json(200, Me.of(found))
        .with(
            "Set-Cookie",
            cookies.header(call, isSecure(call), cookie, Limits.AGENT_SESSION.toSeconds()));
  }

  static String userAgent(ApiRequest call) {
    String header = call.header("User-Agent");
    String text = header == null ? "" : header;
    return text.substring(0, Math.min(text.length(), Limits.AGENT_BROWSER_CHARACTERS));
  }

  ApiResponse signOut(ApiRequest call) {
    cookies.received(call).forEach(shown -> signIn.signOut(shown.secret()));
    return ApiResponse.empty(204).with("Set-Cookie", cookies.header(call, isSecure(call), "", 0));
  }

  /** Returns true also if a proxy terminated TLS and only the page reports https. */
  boolean isSecure(ApiRequest call) {
    return cookies.isHttps(call)
        || Origin.of(call.header("Origin")).filter(Origin::isHttps).isPresent();
  }

  ApiResponse me(ApiRequest call) {
    return ApiResponse.json(200, Me.of(anyBrowser(call).signedIn()));
  }

  /** Reports why its handshake was refused, which browsers hide from it. */
  ApiResponse origin(Agents.Agent agent, ApiRequest call) {
    page.check(call.query().optional("origin").orElse(null), call);
    return ApiResponse.empty(204);
  }
}

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

/**
 * The endpoints for signing in and out, and the check of each other call: which agent's browser
 * sent it, and that it comes from the inbox's own page.
 */
final class SignInEndpoints {
  private final AgentAuthenticator signIn;
  private final AgentCookies cookies;
  private final InboxPage page;

  SignInEndpoints(AgentAuthenticator signIn, Optional<Origin> publicOrigin) {
    this.signIn = signIn;
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
    return acting((agent, call) -> {
      refuseUnlessAdmin(agent, "Only an admin of the account can change this; ask one.");
      return endpoint.apply(agent, call);
    });
  }

  /** As {@link #signedIn}, for admins alone. */
  Endpoint readingAsAdmin(BiFunction<Agents.Agent, ApiRequest, ApiResponse> endpoint) {
    return signedIn((agent, call) -> {
      refuseUnlessAdmin(agent, "Only an admin of the account can read this; ask one.");
      return endpoint.apply(agent, call);
    });
  }

  private static void refuseUnlessAdmin(Agents.Agent agent, String why) {
    if (agent.role() != Agents.Role.ADMIN) {
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
    return fromOurPage(call -> {
      Browser browser = browser(call);
      signIn.recordUse(browser.secret());
      return endpoint.apply(browser, call);
    });
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

  boolean isSignedIn(Browser browser) {
    return agentOf(browser).isPresent();
  }

  /** The agent of a browser as they are now; empty if it is not signed in any more. */
  Optional<Agents.Agent> agentOf(Browser browser) {
    return signIn.signedIn(browser.secret());
  }

  /**
   * The browser that sent a call. Two valid secrets are refused, because another site has set one
   * of them.
   */
  private Browser browser(ApiRequest call) {
    List<Browser> good = new ArrayList<>();
    for (AgentCookies.ReceivedCookie shown : cookies.received(call)) {
      signIn
          .signedIn(shown.secret())
          .ifPresent(agent -> good.add(new Browser(agent, shown.secret())));
    }
    if (good.size() != 1) {
      throw new Problem(ErrorCode.NOT_SIGNED_IN);
    }
    return good.getFirst();
  }

  /** The agent who is signed in. */
  record Me(String name, String displayName, String role, Identity identity, String accountSid) {
    static Me of(Agents.Agent agent) {
      return new Me(
          agent.name(),
          agent.displayName(),
          agent.role().word(),
          agent.identity(),
          agent.account().text());
    }
  }

  /** A new sign-in ends the session that the browser had before. */
  ApiResponse signIn(ApiRequest call) {
    RequestFields fields = call.fields(Limits.REFRESH_BODY);
    AgentAuthenticator.SignedIn signedIn = signIn
        .signIn(fields.required("name"), fields.required("password"), userAgent(call))
        .orElseThrow(() -> new Problem(ErrorCode.SIGN_IN_REFUSED));
    cookies.received(call).forEach(shown -> signIn.signOut(shown.secret()));
    return ApiResponse.json(200, Me.of(signedIn.agent()))
        .with(
            "Set-Cookie",
            cookies.header(
                call, isSecure(call), signedIn.cookie(), Limits.AGENT_SESSION.toSeconds()));
  }

  private static String userAgent(ApiRequest call) {
    String header = call.header("User-Agent");
    String text = header == null ? "" : header;
    return text.substring(0, Math.min(text.length(), Limits.AGENT_BROWSER_CHARACTERS));
  }

  ApiResponse signOut(ApiRequest call) {
    cookies.received(call).forEach(shown -> signIn.signOut(shown.secret()));
    return ApiResponse.empty(204).with("Set-Cookie", cookies.header(call, isSecure(call), "", 0));
  }

  /** Returns true also if a proxy terminated TLS and only the page reports https. */
  private boolean isSecure(ApiRequest call) {
    return cookies.isHttps(call)
        || Origin.of(call.header("Origin")).filter(Origin::isHttps).isPresent();
  }

  ApiResponse me(ApiRequest call) {
    return ApiResponse.json(200, Me.of(browser(call).agent()));
  }

  /** Reports why its handshake was refused, which browsers hide from it. */
  ApiResponse origin(Agents.Agent agent, ApiRequest call) {
    page.check(call.query().optional("origin").orElse(null), call);
    return ApiResponse.empty(204);
  }
}

package parlour.inbox;

import parlour.Limits;
import parlour.accounts.GeneratedSecrets;
import parlour.api.PushCalls;
import parlour.http.server.ApiRequest;
import parlour.http.server.ApiResponse;

/** The endpoints for pushes to the browser of an agent. */
final class PushEndpoints {
  private final AgentPushSubscriptions subscriptions;

  PushEndpoints(AgentPushSubscriptions subscriptions) {
    this.subscriptions = subscriptions;
  }

  ApiResponse offer(SignInEndpoints.Browser browser, ApiRequest call) {
    return PushCalls.offered(subscriptions.offer(digest(browser)));
  }

  /** The page sends the text with {@code {desk}} in place of the name of a desk. */
  ApiResponse subscribe(SignInEndpoints.Browser browser, ApiRequest call) {
    subscriptions.subscribe(
        digest(browser), PushCalls.subscription(call.fields(Limits.SMALL_BODY)));
    return PushCalls.subscribed(true);
  }

  ApiResponse end(SignInEndpoints.Browser browser, ApiRequest call) {
    subscriptions.unsubscribe(digest(browser));
    return PushCalls.subscribed(false);
  }

  private static String digest(SignInEndpoints.Browser browser) {
    return GeneratedSecrets.hexDigest(browser.secret());
  }
}

package parlour.inbox;

import java.util.Optional;
import parlour.Limits;
import parlour.accounts.GeneratedSecrets;
import parlour.errors.Problem;
import parlour.http.server.ApiRequest;
import parlour.http.server.ApiResponse;
import parlour.http.server.RequestFields;
import parlour.push.PushOffer;
import parlour.push.PushSubscription;

/** The endpoints for pushes to the browser of an agent. */
final class PushEndpoints {
  private final AgentPushSubscriptions subscriptions;

  PushEndpoints(AgentPushSubscriptions subscriptions) {
    this.subscriptions = subscriptions;
  }

  /**
   * @param key empty if Web Push is off in this installation
   */
  record OfferAnswer(Optional<String> key, boolean subscribed) {}

  record SubscribedAnswer(boolean subscribed) {}

  ApiResponse offer(SignInEndpoints.Browser browser, ApiRequest call) {
    PushOffer offer = subscriptions.offer(digest(browser));
    return ApiResponse.json(200, new OfferAnswer(offer.key(), offer.subscribed()));
  }

  ApiResponse subscribe(SignInEndpoints.Browser browser, ApiRequest call) {
    subscriptions.subscribe(digest(browser), subscription(call.fields(Limits.REFRESH_BODY)));
    return ApiResponse.json(200, new SubscribedAnswer(true));
  }

  /** The page sends the text with {@code {desk}} in place of the name of a desk. */
  private static PushSubscription subscription(RequestFields fields) {
    try {
      return new PushSubscription(
          fields.required("endpoint"),
          fields.required("p256dh"),
          fields.required("auth"),
          fields.required("title"),
          fields.required("text"));
    } catch (IllegalArgumentException e) {
      throw Problem.malformed(e);
    }
  }

  ApiResponse end(SignInEndpoints.Browser browser, ApiRequest call) {
    subscriptions.unsubscribe(digest(browser));
    return ApiResponse.json(200, new SubscribedAnswer(false));
  }

  private static String digest(SignInEndpoints.Browser browser) {
    return GeneratedSecrets.hexDigest(browser.secret());
  }
}

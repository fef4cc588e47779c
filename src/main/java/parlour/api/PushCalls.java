package parlour.api;

import java.util.Optional;
import parlour.errors.Problem;
import parlour.http.server.ApiResponse;
import parlour.http.server.RequestFields;
import parlour.push.PushOffer;
import parlour.push.PushSubscription;

/** The fields and the answers of calls about Web Push, the same for guests and agents. */
public final class PushCalls {
  private PushCalls() {}

  /**
   * @param key empty if Web Push is off in this installation
   */
  record OfferAnswer(Optional<String> key, boolean subscribed) {}

  record SubscribedAnswer(boolean subscribed) {}

  public static ApiResponse offered(PushOffer offer) {
    return ApiResponse.json(200, new OfferAnswer(offer.key(), offer.subscribed()));
  }

  /** Says whether the browser has a subscription after the call. */
  public static ApiResponse subscribed(boolean subscribed) {
    return ApiResponse.json(200, new SubscribedAnswer(subscribed));
  }

  /** Reads a subscription, with the words that its notifications show. */
  public static PushSubscription subscription(RequestFields fields) {
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
}

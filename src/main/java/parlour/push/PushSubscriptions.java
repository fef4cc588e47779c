package parlour.push;

import java.time.InstantSource;
import java.util.Optional;
import parlour.Sid;
import parlour.push.PushQueue.Owner;
import parlour.scopedauth.PushKeys;

/** Offers Web Push to guests, and stores and ends their subscriptions. */
public final class PushSubscriptions {
  private final PushQueue queue;
  private final PushServices services;
  private final Optional<PushKeys> keys;
  private final InstantSource clock;

  /**
   * @param keys empty if Web Push is off
   */
  public PushSubscriptions(
      PushQueue queue, PushServices services, Optional<PushKeys> keys, InstantSource clock) {
    this.queue = queue;
    this.services = services;
    this.keys = keys;
    this.clock = clock;
  }

  public PushOffer offer(Sid.Session session) {
    return new PushOffer(
        keys.map(PushKeys::publicKey), keys.isPresent() && queue.isSubscribed(session));
  }

  public PushAnswer subscribe(Owner owner, PushSubscription subscription) {
    if (keys.isEmpty()) {
      return PushAnswer.OFF;
    }
    return services
        .of(subscription.endpoint())
        .map(service -> queue.subscribe(owner, subscription, service, clock.instant())
            ? PushAnswer.SUBSCRIBED
            : PushAnswer.ERASED)
        .orElse(PushAnswer.OTHER_SERVICE);
  }

  /** Returns whether there was a subscription. */
  public boolean unsubscribe(Sid.Session session) {
    return queue.unsubscribe(session);
  }

  /** Ends all subscriptions of a conversation, whose guest has erased it in the browser. */
  public void unsubscribeAll(Sid.Conversation conversation) {
    queue.unsubscribeAll(conversation);
  }
}

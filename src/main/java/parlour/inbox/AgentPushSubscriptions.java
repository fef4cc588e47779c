package parlour.inbox;

import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Supplier;
import parlour.Limits;
import parlour.errors.ErrorCode;
import parlour.errors.Problem;
import parlour.push.PushOffer;
import parlour.push.PushServices;
import parlour.push.PushSubscription;

/** Offers Web Push to the browsers of agents, and stores and ends their subscriptions. */
public final class AgentPushSubscriptions {
  private final AgentPushes pushes;
  private final PushServices services;
  private final Optional<Supplier<String>> publicKey;
  private final InstantSource clock;

  /**
   * @param publicKey reads the public key of the installation; empty if Web Push is off
   */
  public AgentPushSubscriptions(
      AgentPushes pushes,
      PushServices services,
      Optional<Supplier<String>> publicKey,
      InstantSource clock) {
    this.pushes = pushes;
    this.services = services;
    this.publicKey = publicKey;
    this.clock = clock;
  }

  PushOffer offer(String digest) {
    return new PushOffer(
        publicKey.map(Supplier::get), publicKey.isPresent() && pushes.isSubscribed(digest));
  }

  /** Throws {@link Problem} if the browser cannot have a subscription. */
  void subscribe(String digest, PushSubscription subscription) {
    if (publicKey.isEmpty()) {
      throw new Problem(
          ErrorCode.PUSH_IMPOSSIBLE,
          "Web Push is off in this installation: the operator can set push.contact.");
    }
    String service = services
        .of(subscription.endpoint())
        .orElseThrow(() -> new Problem(
            ErrorCode.PUSH_IMPOSSIBLE,
            "This installation sends nothing to the push service of this browser: the operator can"
                + " add its host to push.services."));
    switch (pushes.subscribe(digest, subscription, service, clock.instant())) {
      case SUBSCRIBED -> {}
      case TOO_MANY ->
        throw new Problem(
            ErrorCode.PUSH_IMPOSSIBLE,
            "You get pushes in %d browsers already: switch them off in one of these, or sign it out."
                .formatted(Limits.AGENT_PUSH_BROWSERS));
      case SIGNED_OUT -> throw new Problem(ErrorCode.NOT_SIGNED_IN);
    }
  }

  void unsubscribe(String digest) {
    pushes.unsubscribe(digest);
  }
}

package parlour.push;

import java.util.Optional;

/**
 * Whether a browser can subscribe.
 *
 * @param key the public key that it needs for that; empty if Web Push is off
 * @param subscribed whether its session has a subscription
 */
public record PushOffer(Optional<String> key, boolean subscribed) {}

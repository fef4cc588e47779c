package parlour.scopedauth;

import java.time.Instant;
import java.util.Optional;

/**
 * A new token for the browser, and the instant from which it is no longer valid.
 *
 * @param proofKey the public key with which the browser derives the key of its session; present
 *     with the first token of a session that is bound to a key
 */
public record IssuedToken(GuestToken token, Instant expiration, Optional<String> proofKey) {
  public IssuedToken(GuestToken token, Instant expiration) {
    this(token, expiration, Optional.empty());
  }
}

package parlour.scopedauth;

import java.time.Instant;

/** A new token for the browser, and the instant from which it is no longer valid. */
public record IssuedToken(GuestToken token, Instant expiration) {}

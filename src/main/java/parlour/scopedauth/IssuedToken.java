package parlour.scopedauth;

import java.time.Instant;

/** A token as it goes to the browser, once, and the instant from which it is no longer good. */
public record IssuedToken(GuestToken token, Instant expiration) {}

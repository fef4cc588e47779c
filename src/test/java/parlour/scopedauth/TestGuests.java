package parlour.scopedauth;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import parlour.Sid;

/**
 * Makes guests without a token, and sessions without a store, for tests of ScopedAuth's callers.
 */
public final class TestGuests {
  private TestGuests() {}

  /** The guest who presented this token, as {@link ScopedAuth#validate} would return them. */
  public static Guest guest(
      SessionOwner owner, TokenGeneration token, Instant tokenExpires, Instant sessionExpires) {
    return new Guest(
        owner,
        Guest.GRANTS,
        token,
        token.generation().next(),
        tokenExpires,
        sessionExpires,
        Optional.empty(),
        Optional.empty(),
        Guest.Source.JUDGED_HERE);
  }

  /** A session that began now. */
  public static Session session(Sid.Session sid, SessionOwner owner, Instant now) {
    Duration ttl = Duration.ofHours(24);
    return Session.opened(
        new NewSession(sid, owner, Guest.GRANTS, TestScopedAuth.HOME, Optional.empty(), ttl, ttl),
        now);
  }
}

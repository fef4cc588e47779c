package parlour.conversations;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import parlour.Limits;
import parlour.Sid;
import parlour.scopedauth.Revocation;
import parlour.scopedauth.ScopedAuth;

/**
 * Which sessions were ended while their sockets are open: asked for all the time, and at once when
 * a notice says that there is one. What a notice says is not believed; the store is asked.
 */
public final class Revocations {
  private final ScopedAuth scopedAuth;
  private final Followers followers;
  private final InstantSource clock;
  private final Cache<Sid.Session, Boolean> revoked = Caffeine.newBuilder()
      .maximumSize(Limits.REVOCATIONS_REMEMBERED)
      .expireAfterWrite(Limits.REVOCATION_MEMORY)
      .build();
  private Instant asked;

  public Revocations(ScopedAuth scopedAuth, ConversationLog log, InstantSource clock) {
    this.scopedAuth = scopedAuth;
    this.followers = log.followers();
    this.clock = clock;
    this.asked = clock.instant();
  }

  /**
   * Asks what was revoked since it last got an answer, and some time before: another node's clock
   * may be behind, and a change may be seen later than it was made.
   */
  public synchronized void notice() {
    Instant now = clock.instant();
    Revocation last = Revocation.before(asked.minus(Limits.CLOCK_SKEW));
    List<Revocation> some;
    do {
      some = scopedAuth.revokedAfter(last);
      for (Revocation one : some) {
        revoked.put(one.session(), true);
        followers.wake(one.session());
        last = one;
      }
    } while (some.size() == Limits.REVOCATIONS_LISTED);
    asked = now;
  }

  boolean has(Sid.Session session) {
    return revoked.getIfPresent(session) != null;
  }
}

package parlour.conversations;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import parlour.Limits;
import parlour.Sid;
import parlour.Unavailable;
import parlour.scopedauth.Revocation;
import parlour.scopedauth.ScopedAuth;

/**
 * Which sessions were ended while their sockets are open: asked for all the time, and at once when
 * a notice says that there is one. What a notice says is not believed; the store is asked.
 *
 * <p>What is not known is not taken for good. A session that this process sees for the first time is
 * asked about, for it may have been ended before this process began to listen, or longer ago than it
 * remembers; and when there was no answer for a while, nobody's standing is known.
 */
public final class Revocations {
  private final ScopedAuth scopedAuth;
  private final Followers followers;
  private final InstantSource clock;
  private final Cache<Sid.Session, Standing> standings = Caffeine.newBuilder()
      .maximumSize(Limits.REVOCATIONS_REMEMBERED)
      .expireAfterAccess(Limits.REVOCATION_MEMORY)
      .build();
  private Instant asked;
  private volatile long knownNanos = System.nanoTime(); // of nobody yet: each is asked about first

  enum Standing {
    GOOD,
    ENDED,
    /** It was good, and whether it still is nobody said for a while. */
    UNKNOWN
  }

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
    long nowNanos = System.nanoTime();
    Revocation last = Revocation.before(asked.minus(Limits.CLOCK_SKEW));
    List<Revocation> some;
    do {
      some = scopedAuth.revokedAfter(last);
      for (Revocation one : some) {
        standings.put(one.session(), Standing.ENDED);
        followers.wake(one.session());
        last = one;
      }
    } while (some.size() == Limits.REVOCATIONS_LISTED);
    asked = now;
    boolean wasUnknown = !isKnown();
    knownNanos = nowNanos;
    if (wasUnknown) {
      followers.wakeAll(); // they may be told now what was kept back
    }
  }

  /**
   * How a session stands: if it is good, then it was not ended longer ago than {@link
   * Limits#REVOCATION_TRUST}.
   *
   * @throws Unavailable when it is seen for the first time and nobody can be asked
   */
  Standing standing(Sid.Session session) {
    boolean isKnown = isKnown(); // first: what is noted is then at least as new as that
    Standing standing = standings.getIfPresent(session);
    if (standing == null) {
      standing = noted(session, ask(session));
    }
    return standing == Standing.ENDED || isKnown ? standing : Standing.UNKNOWN;
  }

  /** It has just been let in, by ScopedAuth itself. */
  void wasLetIn(Sid.Session session) {
    noted(session, Standing.GOOD);
  }

  /** Whatever was noted since the question was asked is newer than its answer. */
  private Standing noted(Sid.Session session, Standing answer) {
    Standing before = standings.asMap().putIfAbsent(session, answer);
    return before == null ? answer : before;
  }

  /** By its own sid: an answer that was lost may have left a conversation with two sessions. */
  private Standing ask(Sid.Session session) {
    return scopedAuth.isGood(session) ? Standing.GOOD : Standing.ENDED;
  }

  private boolean isKnown() {
    return System.nanoTime() - knownNanos < Limits.REVOCATION_TRUST.toNanos();
  }
}

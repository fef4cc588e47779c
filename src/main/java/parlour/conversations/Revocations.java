package parlour.conversations;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
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
  private final Semaphore turns = new Semaphore(Limits.REVOCATION_QUESTIONS, true);
  private Instant asked;
  private volatile long knownNanos = System.nanoTime(); // of nobody yet: each is asked about first

  enum Standing {
    GOOD,
    ENDED,
    /** Whether it is good nobody said yet, or not for a while. */
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
    knownNanos = nowNanos;
    if (isKnown()) {
      followers.wakeKeptBack();
    }
  }

  /**
   * How a session stands: if it is good, then it was not ended longer ago than {@link
   * Limits#REVOCATION_TRUST}.
   *
   * @throws Unavailable when it is seen for the first time and nobody can be asked
   */
  Standing standing(Sid.Session session) throws InterruptedException {
    if (standings.getIfPresent(session) == null) {
      ask(session);
    }
    boolean isKnown = isKnown(); // first: what is noted is then at least as new as that
    Standing noted = Objects.requireNonNullElse(standings.getIfPresent(session), Standing.UNKNOWN);
    return noted == Standing.ENDED || isKnown ? noted : Standing.UNKNOWN;
  }

  /** By its own sid: an answer that was lost may have left a conversation with two sessions. */
  private void ask(Sid.Session session) throws InterruptedException {
    if (!turns.tryAcquire(Limits.REVOCATION_NOTICE.toNanos(), TimeUnit.NANOSECONDS)) {
      return; // it stays unknown; whoever follows asks again
    }
    try {
      note(session, scopedAuth.isGood(session) ? Standing.GOOD : Standing.ENDED);
    } finally {
      turns.release();
    }
  }

  /** It has just been let in, by ScopedAuth itself. */
  void wasLetIn(Sid.Session session) {
    note(session, Standing.GOOD);
  }

  /** An end is for good, and so newer than whatever else is said, in whatever order it is heard. */
  private void note(Sid.Session session, Standing answer) {
    standings
        .asMap()
        .merge(session, answer, (before, now) -> before == Standing.ENDED ? before : now);
  }

  private boolean isKnown() {
    return System.nanoTime() - knownNanos < Limits.REVOCATION_TRUST.toNanos();
  }
}

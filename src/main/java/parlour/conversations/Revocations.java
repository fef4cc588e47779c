package parlour.conversations;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import parlour.Limits;
import parlour.Sid;
import parlour.Unavailable;
import parlour.scopedauth.Revocation;
import parlour.scopedauth.ScopedAuth;
import parlour.scopedauth.TokenGeneration;

/**
 * Knows which sessions ended while their sockets are open, and which sockets were opened with a
 * token that was superseded since. It polls for both, and at once when an event announces one. It
 * does not trust the event: it asks the store.
 *
 * <p>What is not known is not taken for good. A session that this process sees for the first time is
 * asked about, for it may have been ended before this process began to listen, or longer ago than it
 * remembers; and when there was no answer for a while, nobody's standing is known.
 */
public final class Revocations {
  private final ScopedAuth scopedAuth;
  private final Waiters waiters;
  private final InstantSource clock;
  private final Cache<Sid.Session, Status> statuses = Caffeine.newBuilder()
      .maximumSize(Limits.REVOCATION_CACHE_ENTRIES)
      .expireAfterAccess(Limits.REVOCATION_CACHE_TTL)
      .build();
  private final Cache<TokenGeneration, Status> generations = Caffeine.newBuilder()
      .maximumSize(Limits.REVOCATION_CACHE_ENTRIES)
      .expireAfterAccess(Limits.REVOCATION_CACHE_TTL)
      .build();
  /** The last handled replay of each session, because lists of replays overlap. */
  private final Cache<Sid.Session, Instant> replays = Caffeine.newBuilder()
      .maximumSize(Limits.REVOCATION_CACHE_ENTRIES)
      .expireAfterWrite(Limits.REVOCATION_CACHE_TTL)
      .build();

  private final Semaphore turns = new Semaphore(Limits.REVOCATION_CHECKS, true);
  private Instant askedAt;
  private volatile long knownNanos = System.nanoTime(); // of nobody yet: each is asked about first

  /** The status of a session, or of a generation of its tokens; worse ones come later. */
  enum Status {
    GOOD,
    /** Whether it is good nobody said yet, or not for a while. */
    UNKNOWN,
    /** The session is valid, but a call with this generation's token would be refused. */
    SUPERSEDED,
    /** The same, and a superseded token of the session was replayed. */
    REPLAYED,
    ENDED
  }

  public Revocations(
      ScopedAuth scopedAuth, ConversationsService conversations, InstantSource clock) {
    this.scopedAuth = scopedAuth;
    this.waiters = conversations.waiters();
    this.clock = clock;
    this.askedAt = clock.instant();
  }

  /**
   * Asks what was revoked since it last got an answer, and some time before: another node's clock
   * may be behind, and a change may be seen later than it was made.
   */
  public synchronized void poll() {
    Instant now = clock.instant();
    long nowNanos = System.nanoTime();
    // If the clock was set back, revocations since then are dated before the last poll.
    Instant from = askedAt.isBefore(now) ? askedAt : now;
    Revocation last = Revocation.before(from.minus(Limits.CLOCK_SKEW));
    Map<Sid.Session, Instant> replayed = new HashMap<>();
    List<Revocation> some;
    do {
      some = scopedAuth.revokedAfter(last);
      for (Revocation one : some) {
        if (one.ended()) {
          statuses.put(one.session(), Status.ENDED);
          waiters.wake(one.session());
        } else if (!one.at().equals(replays.getIfPresent(one.session()))) {
          replayed.put(one.session(), one.at());
        }
        last = one;
      }
    } while (some.size() == Limits.REVOCATIONS_LISTED);
    askedAt = now;
    knownNanos = nowNanos;
    if (isKnown()) {
      waiters.wakeKeptBack();
    }
    if (!replayed.isEmpty()) {
      noteSuperseded(shown -> replayed.containsKey(shown.session()), Status.REPLAYED);
      replays.putAll(replayed); // last, so that failures are tried again
    }
  }

  /** Asks which tokens of open sockets were superseded. */
  public void pollSuperseded() {
    noteSuperseded(_ -> true, Status.SUPERSEDED);
  }

  private void noteSuperseded(Predicate<TokenGeneration> which, Status worse) {
    List<TokenGeneration> shown = generations.asMap().entrySet().stream()
        .filter(entry -> entry.getValue().compareTo(worse) < 0)
        .map(Map.Entry::getKey)
        .filter(which)
        .toList();
    for (int from = 0; from < shown.size(); from += Limits.GENERATIONS_PER_POLL) {
      int to = Math.min(shown.size(), from + Limits.GENERATIONS_PER_POLL);
      for (TokenGeneration one : scopedAuth.superseded(shown.subList(from, to))) {
        generations.asMap().computeIfPresent(one, (_, before) -> worst(before, worse));
        waiters.wake(one.session());
      }
    }
  }

  private static Status worst(Status one, Status other) {
    return one.compareTo(other) < 0 ? other : one;
  }

  /**
   * The status of a session and of the token that was presented for it. A good status means
   * that the session had not ended {@link Limits#MAX_REVOCATION_AGE} ago, and that the token has not
   * been superseded for longer than its grace period plus {@link Limits#SUPERSEDED_POLL}.
   *
   * @throws Unavailable if the session is seen for the first time and nobody can be asked
   */
  Status status(TokenGeneration shown) throws InterruptedException {
    Status token = Objects.requireNonNull(generations.get(shown, _ -> Status.GOOD));
    return worst(token, status(shown.session()));
  }

  private Status status(Sid.Session session) throws InterruptedException {
    if (statuses.getIfPresent(session) == null) {
      query(session);
    }
    boolean isKnown = isKnown(); // first: what is noted is then at least as new as that
    Status status = Objects.requireNonNullElse(statuses.getIfPresent(session), Status.UNKNOWN);
    return status == Status.ENDED || isKnown ? status : Status.UNKNOWN;
  }

  /** By its own sid: an answer that was lost may have left a conversation with two sessions. */
  private void query(Sid.Session session) throws InterruptedException {
    if (!turns.tryAcquire(Limits.REVOCATION_POLL.toNanos(), TimeUnit.NANOSECONDS)) {
      return; // it stays unknown; whoever follows asks again
    }
    try {
      note(session, scopedAuth.isLive(session) ? Status.GOOD : Status.ENDED);
    } finally {
      turns.release();
    }
  }

  /** It has just been let in, by ScopedAuth itself. */
  void wasValidated(TokenGeneration shown) {
    note(shown.session(), Status.GOOD);
    var _ = generations.get(shown, _ -> Status.GOOD);
  }

  /** An end is for good, and so newer than whatever else is said, in whatever order it is heard. */
  private void note(Sid.Session session, Status answer) {
    statuses.asMap().merge(session, answer, (before, now) -> before == Status.ENDED ? before : now);
  }

  private boolean isKnown() {
    return System.nanoTime() - knownNanos < Limits.MAX_REVOCATION_AGE.toNanos();
  }
}

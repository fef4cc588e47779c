package parlour.conversations;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;
import parlour.Limits;
import parlour.Sid;
import parlour.Unavailable;
import parlour.scopedauth.Revocation;
import parlour.scopedauth.ScopedAuth;
import parlour.scopedauth.TokenGeneration;

/**
 * Knows which sessions ended while their sockets are open, and which sockets were opened with a
 * token that was superseded since. It polls ScopedAuth for both. An event makes it poll at once,
 * but is not trusted: only ScopedAuth's answer counts.
 *
 * <p>A status that is unknown does not count as good. The first time that this process needs the
 * status of a session it asks ScopedAuth, because the session may have ended before this process
 * started to poll. While ScopedAuth has not answered for {@link Limits#MAX_REVOCATION_AGE}, the
 * status of every session is unknown.
 */
public final class Revocations {
  private final ScopedAuth scopedAuth;
  private final Waiters waiters;
  private final InstantSource clock;
  private final Consumer<Sid.Session> ended;
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

  private final Semaphore queries = new Semaphore(Limits.REVOCATION_CHECKS, true);

  @GuardedBy("this")
  private Instant polledAt;

  @GuardedBy("this")
  private long polledNanos = System.nanoTime();

  /** The status of a session, or of a generation of its tokens; worse ones come later. */
  enum Status {
    GOOD,
    /** ScopedAuth has not answered yet, or not for a while. */
    UNKNOWN,
    /** The session is valid, but a call with this generation's token would be refused. */
    SUPERSEDED,
    /** The same, and a superseded token of the session was replayed. */
    REPLAYED,
    ENDED
  }

  public Revocations(
      ScopedAuth scopedAuth, ConversationsService conversations, InstantSource clock) {
    this(scopedAuth, conversations, clock, _ -> {});
  }

  /**
   * @param ended gets each session that has ended, mostly once; must not wait or throw
   */
  public Revocations(
      ScopedAuth scopedAuth,
      ConversationsService conversations,
      InstantSource clock,
      Consumer<Sid.Session> ended) {
    this.ended = ended;
    this.scopedAuth = scopedAuth;
    this.waiters = conversations.waiters();
    this.clock = clock;
    this.polledAt = clock.instant();
  }

  /**
   * Reads the revocations since shortly before the last poll: another node's clock may be behind,
   * and a revocation can be committed after later ones. Two polls at once only read the same twice.
   */
  public void poll() {
    Instant now = clock.instant();
    long nowNanos = System.nanoTime();
    Instant from = lastPoll();
    if (from.isAfter(now)) { // the clock was set back, and what is revoked now is dated earlier
      from = now;
    }
    Revocation last = Revocation.before(from.minus(Limits.CLOCK_SKEW));
    Map<Sid.Session, Instant> replayed = new HashMap<>();
    List<Revocation> some;
    do {
      some = scopedAuth.revokedAfter(last);
      for (Revocation one : some) {
        if (one.ended()) {
          if (statuses.asMap().put(one.session(), Status.ENDED) != Status.ENDED) {
            ended.accept(one.session());
          }
          waiters.wake(one.session());
        } else if (!one.at().equals(replays.getIfPresent(one.session()))) {
          replayed.put(one.session(), one.at());
        }
        last = one;
      }
    } while (some.size() == Limits.REVOCATIONS_LISTED);
    polled(now, nowNanos);
    if (isKnown()) {
      waiters.wakeKeptBack();
    }
    if (!replayed.isEmpty()) {
      supersede(token -> replayed.containsKey(token.session()), Status.REPLAYED);
      replays.putAll(replayed); // last, so that the next poll repeats it after a failure
    }
  }

  private synchronized Instant lastPoll() {
    return polledAt;
  }

  private synchronized void polled(Instant now, long nowNanos) {
    polledAt = now;
    polledNanos = nowNanos;
  }

  /** Reads which tokens of open sockets were superseded. */
  public void pollSuperseded() {
    supersede(_ -> true, Status.SUPERSEDED);
  }

  private void supersede(Predicate<TokenGeneration> which, Status worse) {
    List<TokenGeneration> tokens = generations.asMap().entrySet().stream()
        .filter(entry -> entry.getValue().compareTo(worse) < 0)
        .map(Map.Entry::getKey)
        .filter(which)
        .toList();
    for (int from = 0; from < tokens.size(); from += Limits.GENERATIONS_PER_POLL) {
      int to = Math.min(tokens.size(), from + Limits.GENERATIONS_PER_POLL);
      for (TokenGeneration one : scopedAuth.superseded(tokens.subList(from, to))) {
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
   * @throws Unavailable if the session is new to this process and ScopedAuth does not answer
   */
  Status status(TokenGeneration presented) throws InterruptedException {
    Status token = Objects.requireNonNull(generations.get(presented, _ -> Status.GOOD));
    return worst(token, status(presented.session()));
  }

  private Status status(Sid.Session session) throws InterruptedException {
    if (statuses.getIfPresent(session) == null) {
      query(session);
    }
    boolean isKnown = isKnown(); // first, so that the status is at least as new
    Status status = Objects.requireNonNullElse(statuses.getIfPresent(session), Status.UNKNOWN);
    return status == Status.ENDED || isKnown ? status : Status.UNKNOWN;
  }

  /** Asks by the session: a lost answer may have left a conversation with two sessions. */
  private void query(Sid.Session session) throws InterruptedException {
    if (!queries.tryAcquire(Limits.REVOCATION_POLL.toNanos(), TimeUnit.NANOSECONDS)) {
      return; // it stays unknown, and the next poll of its guest asks again
    }
    try {
      boolean isLive = scopedAuth.isLive(session);
      put(session, isLive ? Status.GOOD : Status.ENDED);
      if (!isLive) {
        ended.accept(session); // the poll finds it ended already
      }
    } finally {
      queries.release();
    }
  }

  /** Records that ScopedAuth has just validated this token. */
  void wasValidated(TokenGeneration token) {
    put(token.session(), Status.GOOD);
    var _ = generations.get(token, _ -> Status.GOOD);
  }

  /** An ended session stays ended, in whatever order the answers arrive. */
  private void put(Sid.Session session, Status answer) {
    statuses.asMap().merge(session, answer, (before, now) -> before == Status.ENDED ? before : now);
  }

  private synchronized boolean isKnown() {
    return System.nanoTime() - polledNanos < Limits.MAX_REVOCATION_AGE.toNanos();
  }
}

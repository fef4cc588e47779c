package parlour.api;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import parlour.Durations;
import parlour.Limits;
import parlour.conversations.Amount;
import parlour.conversations.GuestConversations;
import parlour.conversations.GuestConversations.Cursor;
import parlour.conversations.GuestConversations.GuestSession;
import parlour.conversations.GuestConversations.PollResult;

/**
 * The polls of a guest's stream for changes, each with the newest token that the client has
 * presented. Used by the one thread of a {@link FollowLoop.Follower}.
 */
public final class GuestPolls {
  private final GuestConversations conversations;
  private final InstantSource clock;
  private final Supplier<? extends Admission> newest;
  private Cursor cursor;

  /** Whether more changes wait, or one that is too large for a poll without a reservation. */
  private boolean more;

  /** The token of the last poll. The client may have presented a newer one since. */
  private Admission following;

  /** The token about whose end the client was warned. */
  private @Nullable Admission warned;

  /** The superseded token for which the client was asked for a newer one, and how long it has. */
  private @Nullable Admission superseded;

  private Instant supersededUntil = Instant.MAX;

  /** A token that was valid when the client presented it. */
  public interface Admission {
    GuestSession session();

    /** When the client is asked for a new token. */
    Instant warnAt();
  }

  /**
   * @param newest the newest token that the client has presented
   */
  public GuestPolls(
      GuestConversations conversations,
      InstantSource clock,
      Supplier<? extends Admission> newest,
      Cursor from) {
    this.conversations = conversations;
    this.clock = clock;
    this.newest = newest;
    this.cursor = from;
    this.following = newest.get();
  }

  /** See {@link FollowLoop.Follower#poll}. */
  public PollResult poll(FollowLoop.Memory memory) {
    following = newest.get();
    return switch (memory) {
      case UNRESERVED -> poll(untilWarning(), Amount.SMALL);
      case RESERVED -> poll(Limits.MAX_REVOCATION_AGE, Amount.LARGE);
      case EXHAUSTED -> // only to check whether the session is over
        switch (poll(Duration.ZERO, Amount.SMALL)) {
          case PollResult.News _ -> PollResult.News.later(cursor);
          case PollResult over -> over;
        };
    };
  }

  private PollResult poll(Duration timeout, Amount amount) {
    return conversations.follow(following.session(), cursor, timeout, amount);
  }

  private Duration untilWarning() {
    if (following.equals(warned)) {
      return Limits.FOLLOW_TIMEOUT;
    }
    Duration toWarning = Duration.between(clock.instant(), following.warnAt());
    return toWarning.isNegative() ? Duration.ZERO : Durations.min(toWarning, Limits.FOLLOW_TIMEOUT);
  }

  /** The result without a change. */
  public PollResult nothing() {
    return PollResult.News.nothing(cursor);
  }

  /** The session of the last poll. */
  public GuestSession session() {
    return following.session();
  }

  /** Notes that these changes were sent; the next poll continues after them. */
  public void reach(PollResult.News news) {
    cursor = news.cursor();
    more = news.more();
  }

  /** The loop's next step after a poll that did not close the socket. */
  public FollowLoop.Next next() {
    return new FollowLoop.Next(more, Duration.ZERO);
  }

  /**
   * Whether the client has presented a newer token since the last poll, which the next one uses.
   */
  public boolean isOutdated() {
    return !following.equals(newest.get());
  }

  /**
   * Asks the client for a newer token than its superseded one, once, and waits a moment for it: a
   * tab that was asleep has it, a thief does not.
   *
   * @param wait waits until the client presents a token, or a time is over
   * @return false if the client had its time, and presented none
   */
  public boolean awaitNewer(Runnable ask, Consumer<Duration> wait) {
    if (!following.equals(superseded)) {
      superseded = following;
      supersededUntil = clock.instant().plus(Limits.SUPERSEDED_TIMEOUT);
      ask.run();
    }
    if (!clock.instant().isBefore(supersededUntil)) {
      return false;
    }
    wait.accept(Limits.SUPERSEDED_CHECK);
    return true;
  }

  /** Warns the client if its token expires soon: once, until it presents another one. */
  public void warnBeforeExpiry(Runnable warn) {
    if (!following.equals(warned) && !clock.instant().isBefore(following.warnAt())) {
      warned = following;
      warn.run();
    }
  }
}

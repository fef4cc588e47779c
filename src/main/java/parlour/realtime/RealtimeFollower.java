package parlour.realtime;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import parlour.Durations;
import parlour.Limits;
import parlour.conversations.Amount;
import parlour.conversations.FollowLoop;
import parlour.conversations.GuestConversations;
import parlour.conversations.GuestConversations.Cursor;
import parlour.conversations.GuestConversations.PollResult;
import parlour.http.websocket.Socket;
import parlour.scopedauth.Verdict;

/** Sends the changes of a guest's conversation, and closes the socket when the session is over. */
final class RealtimeFollower implements FollowLoop.Follower<PollResult> {
  private static final Outbox.Status EXPIRED = new Outbox.Status(410, "GONE");
  private static final Outbox.Status REVOKED = new Outbox.Status(401, "UNAUTHORIZED");

  private final RealtimeConnection connection;
  private final GuestConversations conversations;
  private final Delivery delivery;
  private final Replay.Log log;
  private final InstantSource clock;
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

  RealtimeFollower(
      RealtimeConnection connection,
      GuestConversations conversations,
      Delivery delivery,
      Replay.Log log,
      InstantSource clock,
      Cursor from) {
    this.connection = connection;
    this.conversations = conversations;
    this.delivery = delivery;
    this.log = log;
    this.clock = clock;
    this.cursor = from;
    this.following = connection.admission();
  }

  @Override
  public PollResult poll(FollowLoop.Memory memory) {
    following = connection.admission();
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

  @Override
  public PollResult nothing() {
    return PollResult.News.nothing(cursor);
  }

  @Override
  public void ping(Socket socket) {
    connection.outbox().ping();
  }

  @Override
  public Optional<FollowLoop.Next> deliver(PollResult result) {
    Optional<Outbox.Status> end = switch (result) {
      case PollResult.News news -> {
        delivery.deliver(news, log);
        cursor = news.cursor();
        more = news.more();
        yield Optional.empty();
      }
      case PollResult.Superseded(boolean replayed) -> endOfSuperseded(replayed);
      case PollResult.Over(Verdict.Refused _) -> endOfSession();
      case PollResult.Gone() -> Optional.of(REVOKED);
    };
    if (end.isPresent()) {
      connection.outbox().close(end.get());
      return Optional.empty();
    }
    warnBeforeExpiry();
    return Optional.of(new FollowLoop.Next(more, Duration.ZERO));
  }

  /** A session that was revoked, or whose token has expired. */
  private Optional<Outbox.Status> endOfSession() {
    if (!following.equals(connection.admission())) {
      return Optional.empty(); // the client has presented a newer token, which the next poll uses
    }
    return Optional.of(clock.instant().isBefore(following.session().expires()) ? REVOKED : EXPIRED);
  }

  /**
   * A superseded token ends the socket at once after a replay, and otherwise if the client does not
   * present a newer one in time. The page may have one; then it connects again with it.
   */
  private Optional<Outbox.Status> endOfSuperseded(boolean replayed) {
    if (!following.equals(connection.admission())) {
      return Optional.empty();
    }
    if (replayed) {
      return Optional.of(REVOKED);
    }
    if (!following.equals(superseded)) {
      superseded = following;
      supersededUntil = clock.instant().plus(Limits.SUPERSEDED_TIMEOUT);
      connection.outbox().tokenExpires();
    }
    if (!clock.instant().isBefore(supersededUntil)) {
      return Optional.of(EXPIRED);
    }
    connection.awaitToken(Limits.SUPERSEDED_CHECK);
    return Optional.empty();
  }

  private void warnBeforeExpiry() {
    if (!following.equals(warned) && !clock.instant().isBefore(following.warnAt())) {
      warned = following; // until the client presents another token
      connection.outbox().tokenExpires();
    }
  }
}

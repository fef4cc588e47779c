package parlour.guests;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import parlour.Durations;
import parlour.Limits;
import parlour.conversations.Amount;
import parlour.conversations.Changes;
import parlour.conversations.DeliveredChanges;
import parlour.conversations.FollowLoop;
import parlour.conversations.Forms.ParticipantForm;
import parlour.conversations.Frames;
import parlour.conversations.GuestConversations;
import parlour.conversations.GuestConversations.Cursor;
import parlour.conversations.GuestConversations.PollResult;
import parlour.conversations.Typing;
import parlour.guests.GuestConnection.Admission;
import parlour.http.websocket.Socket;
import parlour.scopedauth.Verdict;

/**
 * Sends the changes of a guest's conversation on their socket, and closes it when the session is
 * over.
 */
final class GuestFollower implements FollowLoop.Follower<PollResult> {
  private final GuestConnection connection;
  private final Socket socket;
  private final GuestConversations conversations;
  private final InstantSource clock;
  private final DeliveredChanges delivered;
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

  GuestFollower(
      GuestConnection connection,
      Socket socket,
      GuestConversations conversations,
      InstantSource clock,
      Cursor from) {
    this.connection = connection;
    this.socket = socket;
    this.conversations = conversations;
    this.clock = clock;
    this.delivered = new DeliveredChanges(from.revision());
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
    if (toWarning.isNegative()) {
      return Duration.ZERO;
    }
    return Durations.min(toWarning, Limits.FOLLOW_TIMEOUT);
  }

  @Override
  public PollResult nothing() {
    return PollResult.News.nothing(cursor);
  }

  @Override
  public Optional<FollowLoop.Next> deliver(PollResult result) {
    boolean isClosed = switch (result) {
      case PollResult.News news -> {
        send(news);
        yield false;
      }
      case PollResult.Superseded(boolean replayed) -> closeIfSuperseded(replayed);
      case PollResult.Over(Verdict.Refused refusal) -> closeIfOver(refusal);
      case PollResult.Gone() -> {
        socket.send(Frames.text(new Frames.Plain("erased")));
        socket.close(Socket.REFUSED, "erased");
        yield true;
      }
    };
    if (isClosed) {
      return Optional.empty();
    }
    warnBeforeExpiry();
    return Optional.of(new FollowLoop.Next(more, Duration.ZERO));
  }

  private void send(PollResult.News news) {
    for (Changes.Change change : news.changes()) {
      Frames.of(change, delivered).ifPresent(frame -> socket.send(Frames.text(frame)));
    }
    for (Typing one : news.typing()) {
      socket.send(
          Frames.text(new Frames.OfTyping("typing", ParticipantForm.of(one.participant()))));
    }
    cursor = news.cursor();
    more = news.more();
    delivered.reach(cursor.revision(), more);
  }

  /** Closes the socket of a session that was revoked or has expired; returns whether it did. */
  private boolean closeIfOver(Verdict.Refused refusal) {
    if (!following.equals(connection.admission())) {
      return false; // the client has presented a newer token, which the next poll uses
    }
    connection.refuse(GuestHttp.refused(refusal));
    return true;
  }

  /**
   * Closes the socket of a superseded token: at once after a replay, otherwise if the client does
   * not present a newer one in time. Returns whether it did.
   */
  private boolean closeIfSuperseded(boolean replayed) {
    if (!following.equals(connection.admission()) || mayPresentNewer(replayed)) {
      return false;
    }
    connection.refuse(GuestHttp.refused(following.session().refusedToken()));
    return true;
  }

  /**
   * Asks the client for a newer token, once, and waits a moment for it: a tab that was asleep has
   * it, a thief does not.
   */
  private boolean mayPresentNewer(boolean replayed) {
    if (replayed) {
      return false;
    }
    if (!following.equals(superseded)) {
      superseded = following;
      supersededUntil = clock.instant().plus(Limits.SUPERSEDED_TIMEOUT);
      socket.send(Frames.text(new Frames.Plain("token_superseded")));
    }
    if (!clock.instant().isBefore(supersededUntil)) {
      return false;
    }
    connection.awaitToken(Limits.SUPERSEDED_CHECK);
    return true;
  }

  private void warnBeforeExpiry() {
    if (!following.equals(warned) && !clock.instant().isBefore(following.warnAt())) {
      warned = following; // until the client presents another token
      socket.send(Frames.text(
          new Frames.OfToken("token_expiring", following.session().expires().toString())));
    }
  }
}

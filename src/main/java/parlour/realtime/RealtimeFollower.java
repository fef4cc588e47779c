package parlour.realtime;

import java.time.InstantSource;
import java.util.Optional;
import parlour.api.FollowLoop;
import parlour.api.GuestPolls;
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
  private final Delivery delivery;
  private final Replay.Log log;
  private final InstantSource clock;
  private final GuestPolls polls;

  RealtimeFollower(
      RealtimeConnection connection,
      GuestConversations conversations,
      Delivery delivery,
      Replay.Log log,
      InstantSource clock,
      Cursor from) {
    this.connection = connection;
    this.delivery = delivery;
    this.log = log;
    this.clock = clock;
    this.polls = new GuestPolls(conversations, clock, connection::admission, from);
  }

  @Override
  public PollResult poll(FollowLoop.Memory memory) {
    return polls.poll(memory);
  }

  @Override
  public PollResult nothing() {
    delivery.stall();
    return polls.nothing();
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
        polls.reach(news);
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
    polls.warnBeforeExpiry(connection.outbox()::tokenExpires);
    return Optional.of(polls.next());
  }

  /** A session that was revoked, or whose token has expired. */
  private Optional<Outbox.Status> endOfSession() {
    if (polls.isOutdated()) {
      return Optional.empty();
    }
    return Optional.of(clock.instant().isBefore(polls.session().expires()) ? REVOKED : EXPIRED);
  }

  /**
   * A superseded token ends the socket at once after a replay, and otherwise if the client does not
   * present a newer one in time. The page may have one; then it connects again with it.
   */
  private Optional<Outbox.Status> endOfSuperseded(boolean replayed) {
    if (polls.isOutdated()) {
      return Optional.empty();
    }
    if (replayed) {
      return Optional.of(REVOKED);
    }
    return polls.awaitNewer(connection.outbox()::tokenExpires, connection::awaitToken)
        ? Optional.empty()
        : Optional.of(EXPIRED);
  }
}

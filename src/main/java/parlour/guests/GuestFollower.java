package parlour.guests;

import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Function;
import parlour.api.DeliveredChanges;
import parlour.api.FollowLoop;
import parlour.api.Frames;
import parlour.api.GuestPolls;
import parlour.conversations.Changes;
import parlour.conversations.Forms.ParticipantForm;
import parlour.conversations.GuestConversations;
import parlour.conversations.GuestConversations.Cursor;
import parlour.conversations.GuestConversations.PollResult;
import parlour.conversations.Typing;
import parlour.http.websocket.Socket;
import parlour.scopedauth.Verdict;

/**
 * Sends the changes of a guest's conversation on their socket, and closes it when the session is
 * over.
 */
final class GuestFollower implements FollowLoop.Follower<PollResult> {
  private final GuestConnection connection;
  private final Socket socket;
  private final Function<Instant, Optional<Optional<Long>>> reopenableFor;
  private final DeliveredChanges delivered;
  private final GuestPolls polls;

  /**
   * @param reopenableFor how long a conversation that ended then can be reopened, in seconds; it
   *     throws nothing in an outage, which would close the socket
   */
  GuestFollower(
      GuestConnection connection,
      Socket socket,
      GuestConversations conversations,
      Function<Instant, Optional<Optional<Long>>> reopenableFor,
      InstantSource clock,
      Cursor from) {
    this.connection = connection;
    this.socket = socket;
    this.reopenableFor = reopenableFor;
    this.delivered = new DeliveredChanges(from.revision());
    this.polls = new GuestPolls(conversations, clock, connection::admission, from);
  }

  @Override
  public PollResult poll(FollowLoop.Memory memory) {
    return polls.poll(memory);
  }

  @Override
  public PollResult nothing() {
    return polls.nothing();
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
    polls.warnBeforeExpiry(() -> socket.send(Frames.text(
        new Frames.OfToken("token_expiring", polls.session().expires().toString()))));
    return Optional.of(polls.next());
  }

  private void send(PollResult.News news) {
    for (Changes.Change change : news.changes()) {
      Frames.of(change, delivered, reopenableFor)
          .ifPresent(frame -> socket.send(Frames.text(frame)));
    }
    for (Typing one : news.typing()) {
      socket.send(
          Frames.text(new Frames.OfTyping("typing", ParticipantForm.of(one.participant()))));
    }
    polls.reach(news);
    delivered.reach(news.cursor().revision(), news.more());
  }

  /** Closes the socket of a session that was revoked or has expired; returns whether it did. */
  private boolean closeIfOver(Verdict.Refused refusal) {
    if (polls.isOutdated()) {
      return false;
    }
    connection.refuse(GuestHttp.refused(refusal));
    return true;
  }

  /**
   * Closes the socket of a superseded token: at once after a replay, otherwise if the client does
   * not present a newer one in time. Returns whether it did.
   */
  private boolean closeIfSuperseded(boolean replayed) {
    if (polls.isOutdated() || (!replayed && polls.awaitNewer(this::ask, connection::awaitToken))) {
      return false;
    }
    connection.refuse(GuestHttp.refused(polls.session().refusedToken()));
    return true;
  }

  private void ask() {
    socket.send(Frames.text(new Frames.Plain("token_superseded")));
  }
}

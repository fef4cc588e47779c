package parlour.inbox;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import parlour.Identity;
import parlour.Limits;
import parlour.OutageLog;
import parlour.Sid;
import parlour.Unavailable;
import parlour.conversations.AccountCursor;
import parlour.conversations.AccountNews;
import parlour.conversations.Amount;
import parlour.conversations.Conversations;
import parlour.conversations.FollowLoop;
import parlour.conversations.Forms.ParticipantForm;
import parlour.conversations.Frames;
import parlour.conversations.Typing;
import parlour.http.websocket.Socket;
import parlour.http.websocket.SocketHandler;
import parlour.trace.Trace;

/**
 * An agent's WebSocket: sends which conversations have changed or were erased, and who is typing.
 * The page fetches their messages itself. When the agent is signed out, the socket is closed.
 */
final class InboxStream implements SocketHandler {
  private static final OutageLog outages =
      new OutageLog(LoggerFactory.getLogger(InboxStream.class), "the sockets of agents wait");

  private static final OutageLog unread = new OutageLog(
      LoggerFactory.getLogger(InboxStream.class),
      "the sockets of agents stay open and send nothing");

  private static final OutageLog unrecorded = new OutageLog(
      LoggerFactory.getLogger(InboxStream.class), "guests may read that nobody answers");

  private final Agents.Agent agent;
  private final String client;
  private final BooleanSupplier signedIn;
  private final Runnable recordOpen;
  private final InstantSource clock;
  private final Inbox inbox;
  private final Conversations conversations;
  private final ViewingAgents looking;

  /**
   * @param client the address whose share of the memory for slow readers this socket uses
   * @param recordOpen records that this browser has the inbox open
   */
  InboxStream(
      Agents.Agent agent,
      String client,
      BooleanSupplier signedIn,
      Runnable recordOpen,
      InstantSource clock,
      Inbox inbox,
      Conversations conversations,
      ViewingAgents looking) {
    this.agent = agent;
    this.client = client;
    this.signedIn = signedIn;
    this.recordOpen = recordOpen;
    this.clock = clock;
    this.inbox = inbox;
    this.conversations = conversations;
    this.looking = looking;
  }

  record OfConversation(String type, Inbox.Summary conversation) {}

  record Erased(String type, String conversationSid) {}

  record OfTyping(String type, String conversationSid, ParticipantForm participant) {}

  record OfLooking(String type, String conversationSid, Identity agent) {}

  @Override
  public void run(Socket socket) {
    FollowLoop loop = new FollowLoop(
        socket,
        // Waits no longer than a signed-out browser may stay connected.
        new FollowLoop.Reservation(client, Limits.PAGE_MEMORY, Limits.AGENT_POLL),
        outages);
    socket.alongside(() -> {
      Watcher watcher = new Watcher(socket);
      socket.send(Frames.text(new Frames.Plain("welcome")));
      loop.run(watcher);
    });
    while (true) {
      var _ = socket.receive(Limits.SOCKET_SILENCE); // only proves that the client is alive
    }
  }

  /** Sends the news of the account. */
  private final class Watcher implements FollowLoop.Follower<AccountNews> {
    private final Socket socket;
    private AccountCursor cursor = conversations.watchFromNow(agent.account());
    private long looked = looking.now();
    private Instant recorded = Instant.EPOCH;

    /** Since when nothing could be delivered; null if the last news could. */
    private @Nullable Instant undelivered;

    Watcher(Socket socket) {
      this.socket = socket;
    }

    /** Without a reservation, conversations are only announced, as more that waits. */
    @Override
    public AccountNews poll(FollowLoop.Memory memory) {
      return switch (memory) {
        case UNRESERVED -> poll(Limits.AGENT_POLL, Amount.SMALL);
        case RESERVED -> poll(Duration.ZERO, Amount.PAGE);
        case EXHAUSTED -> poll(Duration.ZERO, Amount.SMALL);
      };
    }

    private AccountNews poll(Duration timeout, Amount amount) {
      return conversations.watch(agent.account(), cursor, timeout, amount);
    }

    @Override
    public AccountNews nothing() {
      return AccountNews.none(cursor);
    }

    @Override
    public Optional<FollowLoop.Next> deliver(AccountNews news) {
      List<Inbox.Summary> summaries;
      try {
        // After the poll: an agent who was signed out meanwhile must not receive its result.
        if (!signedIn.getAsBoolean()) {
          socket.send(Frames.text(new Frames.Plain("signed_out")));
          socket.close(Socket.REFUSED, "signed out");
          return Optional.empty();
        }
        summaries = inbox.news(agent, news);
      } catch (Unavailable unavailable) {
        return Optional.of(later(unavailable));
      }
      undelivered = null;
      unread.worked();
      recordOpenIfDue();
      send(news, summaries);
      sendViewings();
      cursor = news.cursor();
      return Optional.of(new FollowLoop.Next(
          news.more() || !news.overviews().isEmpty(), news.pause(Limits.INBOX_PAUSE)));
    }

    /**
     * Delivers the same later, because the cursor stays where it is. Until it is known that the agent
     * is signed in, nothing is sent.
     *
     * @throws Unavailable if that has lasted for too long, which closes the socket for another try
     */
    private FollowLoop.Next later(Unavailable unavailable) {
      Instant now = clock.instant();
      if (undelivered == null) {
        undelivered = now;
      }
      if (!now.isBefore(undelivered.plus(Limits.INBOX_OUTAGE))) {
        throw unavailable;
      }
      if (!Thread.currentThread().isInterrupted()) {
        unread.failed(unavailable, Trace.current().id());
      }
      return new FollowLoop.Next(false, Limits.RETRY_AFTER);
    }

    /** As well as it can: a store that takes no writes must not close the socket, which only reads. */
    private void recordOpenIfDue() {
      Instant now = clock.instant();
      if (now.isBefore(recorded.plus(Limits.INBOX_OPEN_INTERVAL))) {
        return;
      }
      recorded = now; // also if it fails: in an outage it is not tried more often
      try {
        recordOpen.run();
        unrecorded.worked();
      } catch (Unavailable unavailable) {
        if (!Thread.currentThread().isInterrupted()) {
          unrecorded.failed(unavailable, Trace.current().id());
        }
      }
    }

    /** Each poll ends within a second, so that reports are as new. */
    private void sendViewings() {
      for (ViewingAgents.Viewing look : looking.after(agent.account(), looked)) {
        looked = look.number();
        if (!look.agent().equals(agent.identity())) {
          socket.send(
              Frames.text(new OfLooking("looking", look.conversation().text(), look.agent())));
        }
      }
    }

    private void send(AccountNews news, List<Inbox.Summary> summaries) {
      for (Inbox.Summary summary : summaries) {
        socket.send(Frames.text(new OfConversation("conversation", summary)));
      }
      for (Sid.Conversation erased : news.erased()) {
        socket.send(Frames.text(new Erased("erased", erased.text())));
      }
      for (Typing typing : news.typing()) {
        if (!typing.participant().identity().equals(agent.identity())) {
          socket.send(Frames.text(new OfTyping(
              "typing",
              typing.participant().conversation().text(),
              ParticipantForm.of(typing.participant()))));
        }
      }
    }
  }
}

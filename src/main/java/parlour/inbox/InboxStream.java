package parlour.inbox;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import parlour.Identity;
import parlour.Limits;
import parlour.OutageLog;
import parlour.Sid;
import parlour.Unavailable;
import parlour.api.FollowLoop;
import parlour.api.Frames;
import parlour.conversations.AccountCursor;
import parlour.conversations.AccountNews;
import parlour.conversations.Amount;
import parlour.conversations.Conversations;
import parlour.conversations.Forms.ParticipantForm;
import parlour.conversations.Sight;
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
  private final Supplier<Optional<Agents.Agent>> signedIn;
  private final Runnable recordOpen;
  private final InstantSource clock;
  private final Inbox inbox;
  private final Desks desks;
  private final Conversations conversations;
  private final ViewingAgents viewing;

  /**
   * @param client the address whose share of the memory for slow readers this socket uses
   * @param signedIn the agent of the browser as they are now; empty once it is signed out
   * @param recordOpen records that this browser has the inbox open
   */
  InboxStream(
      Agents.Agent agent,
      String client,
      Supplier<Optional<Agents.Agent>> signedIn,
      Runnable recordOpen,
      InstantSource clock,
      Inbox inbox,
      Desks desks,
      Conversations conversations,
      ViewingAgents viewing) {
    this.agent = agent;
    this.client = client;
    this.signedIn = signedIn;
    this.recordOpen = recordOpen;
    this.clock = clock;
    this.inbox = inbox;
    this.desks = desks;
    this.conversations = conversations;
    this.viewing = viewing;
  }

  record OfConversation(String type, Inbox.Summary conversation) {}

  record Erased(String type, String conversationSid) {}

  record OfTyping(String type, String conversationSid, ParticipantForm participant) {}

  record OfViewing(String type, String conversationSid, Identity agent) {}

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
    private long looked = viewing.now();
    private Sight sight = desks.sight(agent);
    private Instant recorded = Instant.EPOCH;

    /** The conversations that this agent looks at, and when their page last reported it. */
    private final Map<Sid.Conversation, Instant> open = new HashMap<>();

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
      List<ViewingAgents.Viewing> viewings = viewing.after(agent.account(), looked);
      Sight before = sight;
      Visible visible;
      try {
        // After the poll: an agent who was signed out meanwhile, or removed from a desk, must not
        // receive its result.
        Optional<Agents.Agent> now = signedIn.get();
        if (now.isEmpty()) {
          socket.send(Frames.text(new Frames.Plain("signed_out")));
          socket.close(Socket.REFUSED, "signed out");
          return Optional.empty();
        }
        sight = desks.sight(now.get());
        visible = visible(news, viewings);
      } catch (Unavailable unavailable) {
        sight = before;
        return Optional.of(later(unavailable));
      }
      undelivered = null;
      unread.worked();
      recordOpenIfDue();
      if (!sight.equals(before)) {
        socket.send(Frames.text(new Frames.Plain("desks"))); // the page reads its lists again
      }
      send(visible);
      sendViewings(visible.viewings());
      looked = viewings.isEmpty() ? looked : viewings.getLast().number();
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

    /**
     * The news of conversations that the agent sees. Of an erased one nobody knows the desk any more;
     * its sid alone says nothing about it.
     */
    private Visible visible(AccountNews news, List<ViewingAgents.Viewing> viewings) {
      return new Visible(
          inbox.news(agent, sight, news),
          news.erased(),
          news.typing().stream()
              .filter(one -> sees(one.participant().conversation()))
              .toList(),
          viewings.stream().filter(one -> sees(one.conversation())).toList());
    }

    private boolean sees(Sid.Conversation conversation) {
      return desks.covers(sight, agent.account(), conversation);
    }

    /**
     * Each poll ends within a second, so that reports are as new. Only agents who look at the same
     * conversation receive them, so that a team of a thousand does not send a thousand frames for each
     * report; also an auditor, whose page reports nothing.
     */
    private void sendViewings(List<ViewingAgents.Viewing> viewings) {
      Instant old = clock.instant().minus(Limits.VIEWING_TTL);
      open.values().removeIf(reported -> !reported.isAfter(old));
      for (ViewingAgents.Viewing look : viewings) {
        if (look.agent().equals(agent.identity())) {
          open.put(look.conversation(), look.at());
        } else if (open.containsKey(look.conversation()) || agent.role() == Agents.Role.AUDITOR) {
          socket.send(
              Frames.text(new OfViewing("looking", look.conversation().text(), look.agent())));
        }
      }
    }

    private void send(Visible visible) {
      for (Inbox.Summary summary : visible.summaries()) {
        socket.send(Frames.text(new OfConversation("conversation", summary)));
      }
      for (Sid.Conversation erased : visible.erased()) {
        socket.send(Frames.text(new Erased("erased", erased.text())));
      }
      for (Typing typing : visible.typing()) {
        if (!typing.participant().identity().equals(agent.identity())) {
          socket.send(Frames.text(new OfTyping(
              "typing",
              typing.participant().conversation().text(),
              ParticipantForm.of(typing.participant()))));
        }
      }
    }
  }

  /** The news that one agent may receive. */
  private record Visible(
      List<Inbox.Summary> summaries,
      List<Sid.Conversation> erased,
      List<Typing> typing,
      List<ViewingAgents.Viewing> viewings) {}
}

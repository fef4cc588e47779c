package parlour.inbox;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.slf4j.LoggerFactory;
import parlour.Limits;
import parlour.OutageLog;
import parlour.Sid;
import parlour.Unavailable;
import parlour.conversations.Amount;
import parlour.conversations.Conversations;
import parlour.conversations.Forms.ParticipantForm;
import parlour.conversations.Frames;
import parlour.conversations.Typing;
import parlour.http.server.BytePool;
import parlour.http.server.Outflow;
import parlour.http.websocket.Socket;
import parlour.http.websocket.SocketHandler;

/**
 * An agent's socket: which conversations changed or were erased, and who is typing. The page fetches what it shows
 * of them itself. A browser that is signed out meanwhile is told so and closed.
 */
final class InboxStream implements SocketHandler {
  private static final OutageLog outages =
      new OutageLog(LoggerFactory.getLogger(InboxStream.class), "the sockets of agents wait");

  private final Agents.Agent agent;
  private final String client;
  private final BooleanSupplier signedIn;
  private final Inbox inbox;
  private final Conversations conversations;

  /**
   * @param client the address whose share of the memory for slow readers this socket uses
   */
  InboxStream(
      Agents.Agent agent,
      String client,
      BooleanSupplier signedIn,
      Inbox inbox,
      Conversations conversations) {
    this.agent = agent;
    this.client = client;
    this.signedIn = signedIn;
    this.inbox = inbox;
    this.conversations = conversations;
  }

  record OfConversation(String type, Inbox.Summary conversation) {}

  record Erased(String type, String conversationSid) {}

  record OfTyping(String type, String conversationSid, ParticipantForm participant) {}

  @Override
  public void run(Socket socket) {
    socket.alongside(() -> watch(socket));
    while (true) {
      var _ = socket.receive(Limits.SOCKET_SILENCE); // that something came is what it says
    }
  }

  private void watch(Socket socket) {
    Conversations.AccountCursor cursor = conversations.watchFromNow(agent.account());
    socket.send(Frames.text(new Frames.Plain("welcome")));
    long asked = System.nanoTime();
    boolean isExpected = false; // then memory is reserved before the news are read
    while (!Thread.currentThread().isInterrupted()) { // as it is when the socket is closed
      Duration pause;
      Optional<BytePool.Held> room = isExpected ? reserve() : Optional.empty();
      try {
        Conversations.AccountNews news = news(cursor, isExpected, room.isPresent());
        if (!signedIn
            .getAsBoolean()) { // asked last: what came meanwhile is for those who still are
          socket.send(Frames.text(new Frames.Plain("signed_out")));
          socket.close(Socket.REFUSED, "signed out");
          return;
        }
        tell(news, socket);
        cursor = news.cursor();
        pause = news.pause(Limits.INBOX_PAUSE);
        isExpected = news.more() || !news.overviews().isEmpty();
      } finally {
        room.ifPresent(BytePool.Held::close);
      }
      // Ping even while we are sending: outbound data does not prove that the peer is alive.
      if (System.nanoTime() - asked >= Limits.SOCKET_PING.toNanos()) {
        socket.send(Frames.text(new Frames.Plain("ping")));
        asked = System.nanoTime();
      }
      LockSupport.parkNanos(pause.toNanos());
    }
  }

  /** Waits no longer than a signed-out browser may stay connected. */
  private Optional<BytePool.Held> reserve() {
    return Outflow.hold(client, Limits.PAGE_MEMORY, Limits.AGENT_POLL);
  }

  private void tell(Conversations.AccountNews news, Socket socket) {
    for (Inbox.Summary summary : inbox.news(agent, news)) {
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

  /** Without a reservation, conversations are only announced, as more that waits. */
  private Conversations.AccountNews news(
      Conversations.AccountCursor cursor, boolean isExpected, boolean isReserved) {
    try {
      Conversations.AccountNews news = conversations.watch(
          agent.account(),
          cursor,
          isExpected ? Duration.ZERO : Limits.AGENT_POLL,
          isReserved ? Amount.PAGE : Amount.SMALL);
      outages.worked();
      return news;
    } catch (Unavailable unavailable) {
      if (!Thread.currentThread().isInterrupted()) {
        outages.failed(unavailable);
      }
      LockSupport.parkNanos(Limits.RETRY_AFTER.toNanos());
      return Conversations.AccountNews.none(cursor);
    }
  }
}

package parlour.inbox;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import parlour.Identity;
import parlour.Limits;
import parlour.Sid;
import parlour.accounts.Reopening;
import parlour.api.MessageAnswers;
import parlour.conversations.AccountNews;
import parlour.conversations.Conversation;
import parlour.conversations.Conversations;
import parlour.conversations.Forms.MessageForm;
import parlour.conversations.Forms.ParticipantForm;
import parlour.conversations.InboxList;
import parlour.conversations.InboxPage;
import parlour.conversations.JoinOutcome;
import parlour.conversations.Message;
import parlour.conversations.Page;
import parlour.conversations.PageOfMessages;
import parlour.conversations.Participant;
import parlour.conversations.ParticipantKind;
import parlour.conversations.Revision;
import parlour.conversations.Sent;
import parlour.conversations.Sight;
import parlour.http.json.JsonText;
import parlour.scopedauth.Session;

/** The conversations of an account with the status of the guests' sessions, as agents see them. */
public final class Inbox {
  private final Conversations conversations;
  private final Desks desks;
  private final Reopening reopening;
  private final InstantSource clock;

  Inbox(Conversations conversations, Desks desks, Reopening reopening, InstantSource clock) {
    this.conversations = conversations;
    this.desks = desks;
    this.reopening = reopening;
    this.clock = clock;
  }

  /**
   * A conversation in a list.
   *
   * @param desk the sid of its desk
   * @param page the address of the page on which it began; null if that is not known
   * @param reopenableFor how long it can be reopened, in seconds, because an agent's clock can be
   *     wrong; null if it is open, or cannot be reopened
   */
  record Summary(
      String conversationSid,
      String state,
      String desk,
      String name,
      @Nullable String page,
      @Nullable String language,
      Revision revision,
      long unread,
      @Nullable MessageForm lastMessage,
      String dateCreated,
      String dateActive,
      @Nullable Identity assignee,
      @Nullable String waitingSince,
      List<String> labels,
      @Nullable Long reopenableFor,
      SessionForm session) {}

  /**
   * The status of the guest's session: {@code live}, {@code away} (came back after the
   * token had expired), {@code expired}, {@code revoked} or {@code gone};
   * and how often somebody with its token was refused, and why the last time.
   *
   * @param bound whether the session is bound to a key that its browser cannot give away
   */
  record SessionForm(
      String state,
      boolean bound,
      @Nullable String revokedWhy,
      int refusals,
      @Nullable String lastRefusedAt,
      @Nullable String lastRefusedWhy) {}

  /** One conversation, opened. */
  record Opened(
      Summary summary,
      JsonText preEngagementData,
      List<ParticipantForm> participants,
      List<MessageForm> messages,
      boolean hasMore,
      List<Summary> others) {}

  /**
   * A page of conversations.
   *
   * @param next where the next page begins, if there is one; see {@link InboxPage}
   */
  record Listed(List<Summary> summaries, Optional<Conversations.Place> next) {}

  /** A page of conversations, in the order of the list. */
  Listed list(Agents.Agent agent, InboxList list, Optional<Conversations.Place> after) {
    InboxPage page =
        conversations.inbox(agent.account(), desks.sight(agent), list, after, Limits.PAGE_DEFAULT);
    return new Listed(summaries(agent, page.items()), page.next());
  }

  /**
   * The numbers of conversations in the agent's lists, at most {@link Limits#LISTED_COUNTED} each.
   *
   * @param unread the unread messages in the agent's own open conversations and in those of nobody, as far as {@link
   *     Limits#UNREAD_CONVERSATIONS} and {@link Limits#UNREAD_OF_EACH} let them be counted
   */
  record Counts(int waiting, int mine, int unassigned, int unread) {}

  Counts counts(Agents.Agent agent) {
    Sight sight = desks.sight(agent);
    InboxList mine = new InboxList.AssignedTo(agent.identity());
    InboxList unassigned = new InboxList.Unassigned();
    List<Integer> counts = conversations.counts(
        agent.account(),
        sight,
        List.of(new InboxList.Waiting(InboxList.Order.NEWEST), mine, unassigned),
        Limits.LISTED_COUNTED);
    int unread = conversations.unread(
        agent.account(), sight, List.of(mine, unassigned), Limits.UNREAD_CONVERSATIONS);
    return new Counts(counts.get(0), counts.get(1), counts.get(2), unread);
  }

  /** The changed conversations that the agent sees, and in which the guest has written a message. */
  List<Summary> news(Agents.Agent agent, Sight sight, AccountNews news) {
    return summaries(
        agent,
        news.overviews().stream()
            .filter(one -> one.conversation().activity().guestSpoke())
            .filter(sight::covers)
            .toList());
  }

  /** The summaries of conversations, in the same order. */
  List<Summary> summaries(Agents.Agent agent, List<Conversations.Overview> overviews) {
    if (overviews.isEmpty()) {
      return List.of();
    }
    Map<Sid.Conversation, Session> sessions = new HashMap<>();
    conversations
        .sessionsOf(
            agent.account(),
            overviews.stream().map(one -> one.conversation().sid()).toList())
        .forEach(session -> sessions.put(session.owner().conversation(), session));
    return overviews.stream()
        .map(one ->
            summary(one, Optional.ofNullable(sessions.get(one.conversation().sid()))))
        .toList();
  }

  Optional<Opened> open(Agents.Agent agent, Sid.Conversation sid) {
    return conversations.overview(agent.account(), sid).map(overview -> {
      Page<Message> newest = conversations
          .messages(agent.account(), sid, PageOfMessages.newest(Limits.PAGE_DEFAULT))
          .orElseGet(() -> new Page<>(List.of(), false));
      return new Opened(
          summaries(agent, List.of(overview)).getFirst(),
          overview.conversation().preEngagementData(),
          ParticipantForm.of(conversations.participants(agent.account(), sid).orElse(List.of())),
          MessageForm.of(newest.items()),
          newest.more(),
          summaries(agent, othersOf(agent, sid)));
    });
  }

  private List<Conversations.Overview> othersOf(Agents.Agent agent, Sid.Conversation sid) {
    Sight sight = desks.sight(agent);
    return conversations.othersOf(agent.account(), sid, Limits.OTHER_CONVERSATIONS).items().stream()
        .filter(sight::covers)
        .toList();
  }

  /**
   * Sends a message. The agent joins the conversation first, which the guest sees.
   *
   * @param files that the agent has uploaded for this conversation
   */
  Sent send(
      Agents.Agent agent,
      Sid.Conversation sid,
      String body,
      List<Sid.Media> files,
      String clientId) {
    JoinOutcome outcome = join(agent, sid);
    if (outcome instanceof JoinOutcome.NotFound) {
      return new Sent.NotFound();
    }
    if (outcome instanceof JoinOutcome.Full) {
      throw MessageAnswers.tooManyParticipants();
    }
    return conversations.send(
        agent.account(),
        new Conversations.NewMessage(
            sid,
            new Message.Author(agent.identity(), ParticipantKind.AGENT, agent.displayName()),
            Message.Content.of(body),
            new Conversations.Files(agent.identity().text(), files),
            Optional.of(clientId)));
  }

  /**
   * Shows the others that the agent is typing, if the agent is in the conversation: one who has not
   * sent anything, and perhaps never does, does not join it.
   *
   * @return false if there is no such conversation
   */
  boolean typing(Agents.Agent agent, Sid.Conversation sid) {
    return conversations.typing(agent.account(), sid, agent.identity())
        || conversations.find(agent.account(), sid).isPresent();
  }

  private JoinOutcome join(Agents.Agent agent, Sid.Conversation sid) {
    return conversations.join(
        agent.account(),
        sid,
        agent.identity(),
        ParticipantKind.AGENT,
        Optional.of(agent.displayName()));
  }

  private Summary summary(Conversations.Overview overview, Optional<Session> session) {
    Conversation conversation = overview.conversation();
    StartData start = StartData.of(conversation.preEngagementData());
    return new Summary(
        conversation.sid().text(),
        conversation.state().word(),
        conversation.address().text(),
        overview.guest().map(Participant::name).orElse(""),
        start.page().orElse(null),
        start.language().orElse(null),
        conversation.revision(),
        overview.unread(),
        overview.lastMessage().map(MessageForm::of).orElse(null),
        conversation.created().toString(),
        conversation.activity().last().toString(),
        overview.teamwork().assignee().orElse(null),
        overview.teamwork().waitingSince().map(Instant::toString).orElse(null),
        overview.teamwork().labels(),
        session
            .flatMap(one -> reopenableFor(conversation, one))
            .map(Duration::toSeconds)
            .orElse(null),
        session
            .map(this::form)
            .orElseGet(() -> new SessionForm("gone", false, null, 0, null, null)));
  }

  /** The time ends with the guest's session, because the guest could not come back afterwards. */
  private Optional<Duration> reopenableFor(Conversation conversation, Session session) {
    return state(session).equals("live")
        ? reopening
            .until(conversation)
            .map(until -> until.isBefore(session.expires()) ? until : session.expires())
            .map(until -> Duration.between(clock.instant(), until))
            .filter(left -> left.toSeconds() > 0)
        : Optional.empty();
  }

  private SessionForm form(Session session) {
    Optional<Session.Event> refused = session.incidents().lastRefusal();
    return new SessionForm(
        state(session),
        session.bound().isPresent(),
        session.revoked().map(Session.Event::why).orElse(null),
        session.incidents().refusals(),
        refused.map(event -> event.at().toString()).orElse(null),
        refused.map(Session.Event::why).orElse(null));
  }

  private String state(Session session) {
    if (session.revoked().isPresent()) {
      return "revoked";
    }
    if (!clock.instant().isBefore(session.expires())) {
      return "expired";
    }
    return cameBackTooLate(session) ? "away" : "live";
  }

  /**
   * The guest's last call was refused because their token had expired. Never so if the session is
   * bound to a key: the browser with the key can renew its token.
   */
  private static boolean cameBackTooLate(Session session) {
    return session
        .incidents()
        .lastRefusal()
        .filter(refused -> refused.at().isAfter(session.lastSeen()))
        .filter(refused -> refused.why().equals("expired"))
        .isPresent();
  }
}

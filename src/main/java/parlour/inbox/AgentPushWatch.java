package parlour.inbox;

import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.slf4j.LoggerFactory;
import parlour.Limits;
import parlour.OutageLog;
import parlour.Scheduler;
import parlour.Sid;
import parlour.conversations.AccountNews;
import parlour.conversations.AccountWatchers;
import parlour.conversations.Conversation;
import parlour.conversations.Conversations;
import parlour.conversations.ParticipantKind;
import parlour.inbox.AgentPushes.GuestMessage;

/**
 * Records the messages of guests that ask for pushes to agents. Watches each account whose agents
 * have subscriptions, as an open inbox does; several processes can watch the same account.
 */
public final class AgentPushWatch implements AutoCloseable {
  private final AgentPushes pushes;
  private final InstantSource clock;
  private final AccountWatchers watchers;

  public AgentPushWatch(AgentPushes pushes, Conversations conversations, InstantSource clock) {
    this.pushes = pushes;
    this.clock = clock;
    this.watchers = new AccountWatchers(
        "agent push watch",
        this::start,
        this::record,
        conversations,
        new OutageLog(
            LoggerFactory.getLogger(AgentPushWatch.class),
            "no new messages ask for pushes to agents"),
        Limits.AGENT_PUSH_CHANGE_POLL);
  }

  /** Starts a watcher for each account with a subscription. It ends when the account has none. */
  void watchAll() {
    pushes.accounts().keySet().forEach(watchers::watch);
  }

  /** Deletes the records of messages that are old. */
  public void sweep() {
    Instant before = clock.instant().minus(Limits.AGENT_PUSH_RETENTION);
    Scheduler.inBatches(() -> pushes.sweep(before, Limits.SWEEP_BATCH));
  }

  /** Messages that came while no process was watching ask for pushes, too, unless they are old. */
  private Optional<Instant> start(Sid.Account account) {
    return Optional.ofNullable(pushes.accounts().get(account)).map(firstSubscription -> {
      Instant oldest = clock.instant().minus(Limits.AGENT_PUSH_AGE);
      Instant recorded =
          pushes.recordedUntil(account).orElse(firstSubscription).minus(Limits.WATCH_OVERLAP);
      return recorded.isAfter(oldest) ? recorded : oldest;
    });
  }

  private boolean record(Sid.Account account, AccountNews news) {
    if (!pushes.accounts().containsKey(account)) {
      return false;
    }
    List<GuestMessage> messages = messages(news);
    if (!messages.isEmpty() || !news.erased().isEmpty()) {
      pushes.record(account, news.cursor().since(), messages, news.erased(), clock.instant());
    }
    return true;
  }

  private List<GuestMessage> messages(AccountNews news) {
    Instant oldest = clock.instant().minus(Limits.AGENT_PUSH_AGE);
    return news.overviews().stream()
        .filter(one -> one.unread() > 0)
        .filter(one -> one.conversation().state() == Conversation.State.ACTIVE)
        .filter(one -> one.conversation().activity().last().isAfter(oldest))
        .map(AgentPushWatch::message)
        .toList();
  }

  private static GuestMessage message(Conversations.Overview overview) {
    Conversation conversation = overview.conversation();
    return new GuestMessage(
        conversation.sid(),
        conversation.address(),
        overview.teamwork().assignee(),
        mark(overview),
        conversation.activity().last());
  }

  /**
   * The index of the guest's newest message, or a later one. The number of unread messages is of no
   * use here: it falls when one is removed.
   */
  private static long mark(Conversations.Overview overview) {
    return overview
        .lastMessage()
        .map(
            last -> last.index().number() - (last.author().kind() == ParticipantKind.GUEST ? 0 : 1))
        .orElse(0L);
  }

  @Override
  public void close() {
    watchers.close();
  }
}

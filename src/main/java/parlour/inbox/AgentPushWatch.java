package parlour.inbox;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import parlour.Limits;
import parlour.OutageLog;
import parlour.Sid;
import parlour.conversations.AccountCursor;
import parlour.conversations.AccountNews;
import parlour.conversations.Amount;
import parlour.conversations.Conversation;
import parlour.conversations.Conversations;
import parlour.conversations.ParticipantKind;
import parlour.inbox.AgentPushes.GuestMessage;

/**
 * Records the messages of guests that ask for pushes to agents. Watches each account whose agents
 * have subscriptions, as an open inbox does; several processes can watch the same account.
 */
public final class AgentPushWatch implements AutoCloseable {
  private final OutageLog outages = new OutageLog(
      LoggerFactory.getLogger(AgentPushWatch.class), "no new messages ask for pushes to agents");

  private final AgentPushes pushes;
  private final Conversations conversations;
  private final InstantSource clock;
  private final Map<Sid.Account, Thread> watchers = new ConcurrentHashMap<>();
  private volatile boolean stopping;

  public AgentPushWatch(AgentPushes pushes, Conversations conversations, InstantSource clock) {
    this.pushes = pushes;
    this.conversations = conversations;
    this.clock = clock;
  }

  /** Starts a watcher for each account with a subscription. It ends when the account has none. */
  void watchAll() {
    for (Sid.Account one : pushes.accounts().keySet()) {
      watchers.computeIfAbsent(
          one, account -> Thread.ofVirtual().name("agent push watch").start(() -> watch(account)));
    }
  }

  /** Deletes the records of messages that are old. */
  public void sweep() {
    Instant before = clock.instant().minus(Limits.AGENT_PUSH_RETENTION);
    int batches = 0;
    while (batches < Limits.SWEEP_BATCHES
        && pushes.sweep(before, Limits.SWEEP_BATCH) == Limits.SWEEP_BATCH) {
      batches++; // there may be more of them
    }
  }

  private void watch(Sid.Account account) {
    try {
      while (!stopping) {
        try {
          if (!follow(account)) {
            return;
          }
        } catch (RuntimeException e) {
          if (stopping) {
            return; // interrupted by close during a call
          }
          outages.failed(e);
          Thread.sleep(Limits.RETRY_AFTER);
        }
      }
    } catch (InterruptedException e) {
      // interrupted by close
    } finally {
      watchers.remove(account);
    }
  }

  /** Follows an account while it has a subscription; returns false when it has none. */
  private boolean follow(Sid.Account account) throws InterruptedException {
    @Nullable Instant first = pushes.accounts().get(account);
    if (first == null) {
      return false;
    }
    AccountCursor now = conversations.watchFromNow(account);
    AccountCursor cursor =
        new AccountCursor(start(account, first), Map.of(), now.typing(), Optional.empty());
    while (!stopping) {
      AccountNews news = conversations.watch(account, cursor, Limits.FOLLOW_TIMEOUT, Amount.PAGE);
      if (!pushes.accounts().containsKey(account)) {
        return false;
      }
      List<GuestMessage> messages = messages(news);
      if (!messages.isEmpty() || !news.erased().isEmpty()) {
        pushes.record(account, news.cursor().since(), messages, news.erased(), clock.instant());
      }
      cursor = news.cursor();
      outages.worked();
      Thread.sleep(news.pause(Limits.AGENT_PUSH_CHANGE_POLL));
    }
    return true;
  }

  /** Messages that came while no process was watching ask for pushes, too, unless they are old. */
  private Instant start(Sid.Account account, Instant firstSubscription) {
    Instant oldest = clock.instant().minus(Limits.AGENT_PUSH_AGE);
    Instant recorded =
        pushes.recordedUntil(account).orElse(firstSubscription).minus(Limits.WATCH_OVERLAP);
    return recorded.isAfter(oldest) ? recorded : oldest;
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
    stopping = true;
    List<Thread> all = List.copyOf(watchers.values());
    all.forEach(Thread::interrupt);
    long end = System.nanoTime() + Limits.PUSH_DRAIN.toNanos();
    try {
      for (Thread one : all) {
        one.join(Duration.ofNanos(Math.max(1, end - System.nanoTime())));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

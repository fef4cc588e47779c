package parlour.webhooks;

import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.LoggerFactory;
import parlour.Limits;
import parlour.OutageLog;
import parlour.Sid;
import parlour.conversations.AccountNews;
import parlour.conversations.AccountWatchers;
import parlour.conversations.Conversation;
import parlour.conversations.Conversations;
import parlour.conversations.Message;
import parlour.conversations.MessageIndex;
import parlour.conversations.Page;
import parlour.conversations.PageOfMessages;
import parlour.conversations.Revision;
import parlour.webhooks.WebhookStore.DeliveryCursor;
import parlour.webhooks.WebhookStore.Target;

/**
 * Records which conversations have events to deliver. Watches each account that has a webhook, and
 * starts at the last recorded change.
 */
final class ChangePoller implements AutoCloseable {
  private final WebhookStore webhooks;
  private final Conversations conversations;
  private final InstantSource clock;
  private final Runnable onRecorded;
  private final AccountWatchers watchers;

  /**
   * @param onRecorded called after changes were recorded
   */
  ChangePoller(
      WebhookStore webhooks,
      Conversations conversations,
      InstantSource clock,
      Runnable onRecorded) {
    this.webhooks = webhooks;
    this.conversations = conversations;
    this.clock = clock;
    this.onRecorded = onRecorded;
    this.watchers = new AccountWatchers(
        "change poller",
        this::start,
        this::record,
        conversations,
        new OutageLog(LoggerFactory.getLogger(ChangePoller.class), "webhooks get no new events"),
        Limits.WEBHOOK_CHANGE_POLL);
  }

  /** Starts a watcher for each account that has a webhook. It ends when the account has none. */
  void watchAll() {
    webhooks.targets().forEach(target -> watchers.watch(target.account()));
  }

  private Optional<Instant> start(Sid.Account account) {
    List<Target> targets = targets(account);
    return targets.isEmpty()
        ? Optional.empty()
        : webhooks
            .recordedUntil(account)
            .or(() -> Optional.of(earliest(targets).minus(Limits.WATCH_OVERLAP)));
  }

  private boolean record(Sid.Account account, AccountNews news) {
    List<Target> targets = targets(account);
    if (targets.isEmpty()) {
      return false;
    }
    if (!news.overviews().isEmpty()) {
      webhooks.record(
          account, news.cursor().since(), pendingChanges(news, targets), clock.instant());
      onRecorded.run();
    }
    return true;
  }

  private List<Target> targets(Sid.Account account) {
    return webhooks.targets().stream()
        .filter(target -> target.account().equals(account))
        .toList();
  }

  private static Instant earliest(List<Target> targets) {
    return targets.stream().map(Target::since).min(Instant::compareTo).orElseThrow();
  }

  private List<WebhookStore.PendingChange> pendingChanges(AccountNews news, List<Target> targets) {
    Map<Sid.Address, Instant> since = new HashMap<>();
    targets.forEach(target -> since.put(target.address(), target.since()));
    List<WebhookStore.PendingChange> all = new ArrayList<>();
    for (Conversations.Overview overview : news.overviews()) {
      Conversation conversation = overview.conversation();
      Instant answering = since.get(conversation.address());
      if (answering != null) {
        all.add(new WebhookStore.PendingChange(
            conversation.sid(),
            conversation.address(),
            conversation.revision(),
            start(
                conversation,
                later(answering, clock.instant().minus(Limits.WEBHOOK_CURSOR_RETENTION)))));
      }
    }
    return all;
  }

  /** Messages that are older than the webhook count as delivered. */
  private DeliveryCursor start(Conversation conversation, Instant since) {
    if (!conversation.created().isBefore(since) || webhooks.hasRecord(conversation.sid())) {
      return DeliveryCursor.NOTHING;
    }
    PageOfMessages place = PageOfMessages.newest(Limits.MAX_PAGE);
    while (true) { // back to the last message that counts as delivered
      Page<Message> page = conversations
          .messages(conversation.account(), conversation.sid(), place)
          .orElseGet(() -> new Page<>(List.of(), false));
      for (Message message : page.items().reversed()) {
        if (message.created().isBefore(since)) {
          return new DeliveryCursor(message.addedRevision(), message.index());
        }
      }
      if (!page.more()) {
        return new DeliveryCursor(Revision.CREATED, MessageIndex.NONE);
      }
      place = new PageOfMessages.Before(page.items().getFirst().index(), Limits.MAX_PAGE);
    }
  }

  private static Instant later(Instant one, Instant other) {
    return one.isAfter(other) ? one : other;
  }

  @Override
  public void close() {
    watchers.close();
  }
}

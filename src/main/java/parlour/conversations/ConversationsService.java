package parlour.conversations;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import parlour.Durations;
import parlour.Identity;
import parlour.Limits;
import parlour.Sid;
import parlour.Unavailable;
import parlour.conversations.ConversationStore.Changed;
import parlour.scopedauth.ScopedAuth;
import parlour.scopedauth.Session;
import parlour.store.DiskSpace;
import parlour.trace.Trace;

/** The account's door. What is another account's is not there. */
public final class ConversationsService implements Conversations {
  private final ConversationLog log;
  private final ConversationStore store;
  private final ScopedAuth scopedAuth;
  private final DiskSpace disk;

  /**
   * @param disk the disk on which new conversations need space
   */
  public ConversationsService(ConversationLog log, ScopedAuth scopedAuth, DiskSpace disk) {
    this.log = log;
    this.disk = disk;
    this.store = log.store();
    this.scopedAuth = scopedAuth;
  }

  @Override
  public void create(NewConversation conversation) {
    if (disk.isScarce()) {
      throw new Unavailable("Conversations", "its disk is nearly full", null);
    }
    boolean created = log.create(conversation);
    Trace.current()
        .action(
            parlour.trace.Participant.CNV,
            "creates the conversation, with the guest in it",
            created ? "" : "it was there already");
  }

  @Override
  public Optional<Conversation> find(Sid.Account account, Sid.Conversation conversation) {
    return store.find(conversation).filter(found -> found.account().equals(account));
  }

  private boolean has(Sid.Account account, Sid.Conversation conversation) {
    return find(account, conversation).isPresent();
  }

  @Override
  public Page<Overview> list(
      Sid.Account account, Optional<Conversation.State> state, Optional<Place> after, int limit) {
    return store.list(account, state, after, limit);
  }

  @Override
  public Page<Overview> inbox(
      Sid.Account account, Conversation.State state, Optional<Place> after, int limit) {
    return store.inbox(account, state, after, limit);
  }

  @Override
  public Optional<Overview> overview(Sid.Account account, Sid.Conversation conversation) {
    return store
        .overview(conversation)
        .filter(found -> found.conversation().account().equals(account));
  }

  @Override
  public List<Session> sessionsOf(Sid.Account account, List<Sid.Conversation> conversations) {
    return scopedAuth.sessionsOf(conversations).stream()
        .filter(session -> session.account().equals(account))
        .toList();
  }

  @Override
  public Sent send(Sid.Account account, NewMessage message) {
    return has(account, message.conversation()) ? log.send(account, message) : new Sent.NotFound();
  }

  @Override
  public Optional<Message> edit(
      Sid.Account account,
      Sid.Conversation conversation,
      Sid.Message message,
      Optional<String> body,
      Optional<String> attributes) {
    return has(account, conversation)
        ? log.edit(account, conversation, message, body, attributes)
        : Optional.empty();
  }

  @Override
  public Optional<Message> remove(
      Sid.Account account, Sid.Conversation conversation, Sid.Message message) {
    return has(account, conversation)
        ? log.remove(account, conversation, message)
        : Optional.empty();
  }

  @Override
  public Optional<Message> message(
      Sid.Account account, Sid.Conversation conversation, Sid.Message message) {
    return find(account, conversation).flatMap(found -> store.message(conversation, message));
  }

  @Override
  public Optional<Page<Message>> messages(
      Sid.Account account, Sid.Conversation conversation, PageOfMessages page) {
    return find(account, conversation).map(found -> {
      List<Message> messages = log.messages(conversation, page);
      return new Page<>(messages, page.goesOn(messages, found.nextIndex()));
    });
  }

  @Override
  public Optional<List<Participant>> participants(
      Sid.Account account, Sid.Conversation conversation) {
    return find(account, conversation).map(found -> store.participants(conversation));
  }

  @Override
  public JoinOutcome join(
      Sid.Account account,
      Sid.Conversation conversation,
      Identity identity,
      ParticipantKind kind,
      Optional<String> name) {
    return has(account, conversation)
        ? log.join(account, conversation, identity, kind, name)
        : new JoinOutcome.NotFound();
  }

  @Override
  public boolean leave(
      Sid.Account account, Sid.Conversation conversation, Sid.Participant participant) {
    return has(account, conversation) && log.leave(account, conversation, participant);
  }

  @Override
  public boolean read(
      Sid.Account account, Sid.Conversation conversation, Identity identity, MessageIndex index) {
    if (!has(account, conversation) || !log.readByInbox(account, conversation, index)) {
      return false;
    }
    log.read(account, conversation, identity, index); // where they have joined
    return true;
  }

  @Override
  public boolean typing(Sid.Account account, Sid.Conversation conversation, Identity identity) {
    Optional<Participant> typist =
        has(account, conversation) ? store.participant(conversation, identity) : Optional.empty();
    typist.ifPresent(known -> log.typing(account, known));
    return typist.isPresent();
  }

  /** Asks for the session only when it matters; the answer holds for one change only. */
  @Override
  public UpdateOutcome update(Sid.Account account, Sid.Conversation conversation, Update update) {
    if (!has(account, conversation)) {
      return new UpdateOutcome.NotFound();
    }
    UpdateOutcome outcome = log.update(account, conversation, update, false);
    return outcome instanceof UpdateOutcome.NotReopened && hasGoodSession(conversation)
        ? log.update(account, conversation, update, true)
        : outcome;
  }

  private boolean hasGoodSession(Sid.Conversation conversation) {
    return scopedAuth.sessionsOf(List.of(conversation)).stream()
        .anyMatch(session -> scopedAuth.isLive(session.sid()));
  }

  @Override
  public Page<Overview> othersOf(Sid.Account account, Sid.Conversation conversation, int limit) {
    return store.othersOf(account, conversation, limit);
  }

  /**
   * Erases the conversation first, so that its subscribers learn that it was erased, and not only
   * that their session ended. If the sessions could not be ended, the caller repeats the call,
   * which ends them.
   */
  @Override
  public boolean erase(Sid.Account account, Sid.Conversation conversation) {
    boolean erased = has(account, conversation) && log.erase(account, conversation);
    if (!erased && !store.wasErased(account, conversation)) {
      return false;
    }
    int ended = endSessionsOf(conversation);
    return erased || ended > 0;
  }

  private int endSessionsOf(Sid.Conversation erased) {
    return scopedAuth.revokeAllOf(erased, "the conversation was erased");
  }

  /**
   * Asks ScopedAuth before each erasure: during an outage the sessions could not be ended, so the
   * conversation stays until the next round.
   */
  @Override
  public int eraseQuiet(Sid.Account account, Sid.Deployment deployment, Instant since, int max) {
    int erased = 0;
    for (Sid.Conversation quiet : store.quiet(account, deployment, since, max)) {
      var _ = scopedAuth.sessionsOf(List.of(quiet));
      // Only if it is still quiet: a message that was sent meanwhile must not be lost.
      if (log.eraseQuiet(account, quiet, since)) {
        int _ = endSessionsOf(quiet);
        erased++;
      }
    }
    return erased;
  }

  @Override
  public Optional<Changes> changes(
      Sid.Account account, Sid.Conversation conversation, Revision after, int limit) {
    return find(account, conversation)
        .flatMap(found -> store.changes(conversation, after, limit, Amount.PAGE));
  }

  @Override
  public AccountCursor watchFromNow(Sid.Account account) {
    Instant now = log.now();
    long typing = log.typings().now();
    AccountCursor begin =
        new AccountCursor(now.minus(Limits.WATCH_OVERLAP), Map.of(), typing, Optional.empty());
    return readChanges(account, begin, now, _ -> true)
        .cursor(typing, Optional.of(new Refusals(now, lastRefused(account, Map.of()))));
  }

  @Override
  public AccountNews watch(
      Sid.Account account, AccountCursor cursor, Duration timeout, Amount amount) {
    AccountCursor reached = cursor;
    Duration max = Durations.min(timeout, Limits.FOLLOW_TIMEOUT);
    long giveUp = System.nanoTime() + max.toNanos();
    try (Waiters.Subscription subscription = log.followers().subscribe(account)) {
      while (true) {
        AccountNews news = news(account, reached, amount);
        reached = news.cursor();
        Duration left = Duration.ofNanos(giveUp - System.nanoTime());
        if (!news.isEmpty() || !left.isPositive()) {
          return news;
        }
        Duration untilRefusals =
            reached.refused().map(refusals -> refusals.dueIn(log.now())).orElse(left);
        subscription.await(Durations.min(untilRefusals, left));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return AccountNews.none(reached);
    }
  }

  private AccountNews news(Sid.Account account, AccountCursor cursor, Amount amount) {
    Part part = new Part(amount.room());
    // Before the changes, which can fill many parts: refusals are few, and each is told once.
    Optional<Refusals> refused = cursor.refused().map(known -> addRefused(account, known, part));
    Seen seen = readChanges(account, cursor, log.now(), changed -> {
      Revision known = cursor.told().get(changed.sid());
      if ((known != null && !changed.revision().isAfter(known)) || part.has(changed)) {
        return true;
      }
      if (part.isFull()) {
        return false;
      }
      if (changed.erased()) {
        part.erased.add(changed.sid());
        return true;
      }
      return store.overview(changed.sid()).map(part::takes).orElse(true);
    });
    List<Typing> typing = log.typings().after(account, cursor.typing());
    long typed = typing.isEmpty() ? cursor.typing() : typing.getLast().number();
    return new AccountNews(
        List.copyOf(part.overviews),
        List.copyOf(part.erased),
        typing,
        seen.cursor(typed, refused),
        part.more);
  }

  /** The news that are read at once. */
  private static final class Part {
    private final List<Overview> overviews = new ArrayList<>();
    private final List<Sid.Conversation> erased = new ArrayList<>();
    private final Room room;
    private boolean more;

    Part(Room room) {
      this.room = room;
    }

    /** Whether there is no place for something that is about to be read. */
    boolean isFull() {
      boolean isFull = room.isFull() || overviews.size() + erased.size() == Limits.FOLLOW_BATCH;
      more |= isFull;
      return isFull;
    }

    boolean takes(Overview overview) {
      if (isFull() || !room.takes(overview)) {
        more = true;
        return false;
      }
      overviews.add(overview);
      return true;
    }

    boolean has(Changed changed) {
      return overviews.stream()
          .map(Overview::conversation)
          .anyMatch(one ->
              one.sid().equals(changed.sid()) && !changed.revision().isAfter(one.revision()));
    }
  }

  /**
   * Adds the conversations in which a token was refused since the last notification, if it is time
   * to ask for them. Those that do not fit are read again at once.
   */
  private Refusals addRefused(Sid.Account account, Refusals known, Part part) {
    Instant now = log.now();
    if (known.dueIn(now).isPositive()) {
      return known;
    }
    Map<Sid.Conversation, Long> told = new HashMap<>();
    boolean allFit = true;
    for (var one : lastRefused(account, known.last()).entrySet()) {
      Long before = known.last().get(one.getKey());
      boolean isNews = before == null || before < one.getValue();
      if (!isNews || overview(account, one.getKey()).map(part::takes).orElse(true)) {
        told.put(one.getKey(), one.getValue());
      } else {
        allFit = false;
        if (before != null) {
          told.put(one.getKey(), before);
        }
      }
    }
    return new Refusals(allFit ? now : Instant.EPOCH, told);
  }

  /**
   * The time of the last refused token in each conversation with a recent refusal. Another node's
   * clock may be behind, so a refusal may appear later than its time says. While ScopedAuth is
   * down, subscribers receive everything else.
   */
  private Map<Sid.Conversation, Long> lastRefused(
      Sid.Account account, Map<Sid.Conversation, Long> known) {
    try {
      Map<Sid.Conversation, Long> refused = new HashMap<>();
      scopedAuth
          .refusedSince(account, log.now().minus(Limits.WATCH_OVERLAP))
          .forEach(one -> refused.merge(one.conversation(), one.at().toEpochMilli(), Math::max));
      return refused;
    } catch (Unavailable e) {
      return known;
    }
  }

  /**
   * Goes through what changed since, in order. What another node dated further ahead than clocks may
   * differ is looked at when its time has come; and if the clock was set back, what is made now is
   * looked at from now on.
   *
   * @param isDelivered whether a change is told, or was; otherwise it is looked at again
   */
  private Seen readChanges(
      Sid.Account account, AccountCursor cursor, Instant now, Predicate<Changed> isDelivered) {
    Instant since = cursor.since().isAfter(now) ? now.minus(Limits.WATCH_OVERLAP) : cursor.since();
    Instant until = now.plus(Limits.WATCH_OVERLAP);
    Seen seen = new Seen(since);
    Place after = new Place(since, NO_CONVERSATION);
    List<Changed> page;
    do {
      page = store.changed(account, after, until, Limits.WATCH_REVISIONS);
      for (Changed changed : page) {
        if (isDelivered.test(changed)) {
          seen.add(changed);
        } else {
          seen.leave();
        }
        after = changed.place();
      }
    } while (page.size() == Limits.WATCH_REVISIONS);
    return seen;
  }

  /** What a watcher has seen, as much as it remembers, the latest last. */
  private static final class Seen {
    private final ArrayDeque<Changed> remembered = new ArrayDeque<>();
    private Instant since;
    private boolean left;

    Seen(Instant since) {
      this.since = since;
    }

    void add(Changed changed) {
      boolean full = remembered.size() == Limits.WATCH_REVISIONS;
      if (left && full) {
        return; // it will be told twice: better than what was left never
      }
      remembered.add(changed);
      if (!left) {
        forgetBefore(changed.updated().minus(Limits.WATCH_OVERLAP));
      }
      if (!left && remembered.size() > Limits.WATCH_REVISIONS) {
        // With all of its millisecond: half of them would be told again, and again.
        forgetBefore(remembered.getFirst().updated().plusMillis(1));
      }
    }

    /** Something was not told yet: from here on everything is looked at again. */
    void leave() {
      left = true;
    }

    private void forgetBefore(Instant instant) {
      since = instant.isAfter(since) ? instant : since;
      while (!remembered.isEmpty() && remembered.getFirst().updated().isBefore(since)) {
        remembered.removeFirst();
      }
    }

    AccountCursor cursor(long typing, Optional<Refusals> refused) {
      Map<Sid.Conversation, Revision> told = new HashMap<>();
      remembered.forEach(changed -> told.put(changed.sid(), changed.revision()));
      return new AccountCursor(since, told, typing, refused);
    }
  }

  private static final Sid.Conversation NO_CONVERSATION =
      new Sid.Conversation("CH" + "0".repeat(32));
}

package parlour.conversations;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import parlour.Durations;
import parlour.Limits;
import parlour.Sid;
import parlour.Unavailable;
import parlour.conversations.ConversationStore.Changed;
import parlour.conversations.Conversations.Overview;
import parlour.conversations.Conversations.Place;
import parlour.scopedauth.ScopedAuth;

/**
 * Delivers the changes of all conversations of an account; see {@link Conversations#watch}.
 *
 * <p>Changes are ordered by the time of the node that made them. The clocks of two nodes differ,
 * and a commit takes time, so a change can appear after later ones. A cursor therefore goes back by
 * {@link Limits#WATCH_OVERLAP}, and remembers which revisions of that time were delivered.
 */
final class AccountWatch {
  private static final Sid.Conversation FIRST_SID = new Sid.Conversation("CH" + "0".repeat(32));

  private final ConversationStore store;
  private final RecentOverviews overviews;
  private final ScopedAuth scopedAuth;
  private final Waiters waiters;
  private final TypingIndicators typings;
  private final InstantSource clock;

  AccountWatch(
      ConversationStore store,
      ScopedAuth scopedAuth,
      Waiters waiters,
      TypingIndicators typings,
      InstantSource clock) {
    this.store = store;
    this.overviews = new RecentOverviews(store);
    this.scopedAuth = scopedAuth;
    this.waiters = waiters;
    this.typings = typings;
    this.clock = clock;
  }

  /** See {@link Conversations#watchFromNow}. */
  AccountCursor fromNow(Sid.Account account) {
    Instant now = clock.instant();
    long typing = typings.now();
    AccountCursor start =
        new AccountCursor(now.minus(Limits.WATCH_OVERLAP), Map.of(), typing, Optional.empty());
    return readChanges(account, start, now, _ -> true)
        .cursor(typing, Optional.of(new Refusals(now, lastRefused(account, Map.of()))));
  }

  /** See {@link Conversations#watch}. */
  AccountNews next(Sid.Account account, AccountCursor cursor, Duration timeout, Amount amount) {
    AccountCursor reached = cursor;
    Duration max = Durations.min(timeout, Limits.FOLLOW_TIMEOUT);
    long deadline = System.nanoTime() + max.toNanos();
    try (Waiters.Subscription subscription = waiters.subscribe(account)) {
      while (true) {
        AccountNews news = read(account, reached, amount);
        reached = news.cursor();
        Duration left = Duration.ofNanos(deadline - System.nanoTime());
        if (!news.isEmpty() || !left.isPositive()) {
          return news;
        }
        Duration untilRefusals =
            reached.refused().map(refusals -> refusals.dueIn(clock.instant())).orElse(left);
        subscription.await(Durations.min(untilRefusals, left));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return AccountNews.none(reached);
    }
  }

  private AccountNews read(Sid.Account account, AccountCursor cursor, Amount amount) {
    Batch batch = new Batch(amount.room());
    // Before the changes, which can fill many batches: refusals are few, and delivered once each.
    Optional<Refusals> refused = cursor.refused().map(known -> addRefused(account, known, batch));
    Progress progress = readChanges(account, cursor, clock.instant(), changed -> {
      Revision known = cursor.delivered().get(changed.sid());
      if ((known != null && !changed.revision().isAfter(known)) || batch.has(changed)) {
        return true;
      }
      if (batch.isFull()) {
        return false;
      }
      if (changed.erased()) {
        batch.erased.add(changed.sid());
        return true;
      }
      return overviews.find(account, changed).map(batch::add).orElse(true);
    });
    List<Typing> typing = typings.after(account, cursor.typing());
    long lastTyping = typing.isEmpty() ? cursor.typing() : typing.getLast().number();
    return new AccountNews(
        List.copyOf(batch.overviews),
        List.copyOf(batch.erased),
        typing,
        progress.cursor(lastTyping, refused),
        batch.more);
  }

  /** The content of one answer. */
  private static final class Batch {
    private final List<Overview> overviews = new ArrayList<>();
    private final List<Sid.Conversation> erased = new ArrayList<>();
    private final Room room;
    private boolean more;

    Batch(Room room) {
      this.room = room;
    }

    /** Whether there is no room for one more item, which its caller is about to read. */
    boolean isFull() {
      boolean isFull = room.isFull() || overviews.size() + erased.size() == Limits.FOLLOW_BATCH;
      more |= isFull;
      return isFull;
    }

    boolean add(Overview overview) {
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
   * Adds the conversations in which a token was refused since the last answer, if it is time to
   * read them. Those that do not fit are read again for the next answer.
   */
  private Refusals addRefused(Sid.Account account, Refusals known, Batch batch) {
    Instant now = clock.instant();
    if (known.dueIn(now).isPositive()) {
      return known;
    }
    Map<Sid.Conversation, Long> delivered = new HashMap<>();
    boolean allFit = true;
    for (var one : lastRefused(account, known.last()).entrySet()) {
      Long before = known.last().get(one.getKey());
      boolean isNew = before == null || before < one.getValue();
      if (!isNew || store.overview(account, one.getKey()).map(batch::add).orElse(true)) {
        delivered.put(one.getKey(), one.getValue());
      } else {
        allFit = false;
        if (before != null) {
          delivered.put(one.getKey(), before);
        }
      }
    }
    return new Refusals(allFit ? now : Instant.EPOCH, delivered);
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
          .refusedSince(account, clock.instant().minus(Limits.WATCH_OVERLAP))
          .forEach(one -> refused.merge(one.conversation(), one.at().toEpochMilli(), Math::max));
      return refused;
    } catch (Unavailable e) {
      return known;
    }
  }

  /**
   * Reads the changes after a cursor, in order. A change that another node dated further ahead than
   * {@link Limits#WATCH_OVERLAP} is read once its time has come. If this clock was set back,
   * reading continues from its new time, so that no change is missed from then on.
   *
   * @param isDelivered whether the change is delivered now, or was before; otherwise the next
   *     answer reads it again
   */
  private Progress readChanges(
      Sid.Account account, AccountCursor cursor, Instant now, Predicate<Changed> isDelivered) {
    Instant since = cursor.since().isAfter(now) ? now.minus(Limits.WATCH_OVERLAP) : cursor.since();
    Instant until = now.plus(Limits.WATCH_OVERLAP);
    Progress progress = new Progress(since);
    Place after = new Place(since, FIRST_SID);
    List<Changed> page;
    do {
      page = store.changed(account, after, until, Limits.WATCH_REVISIONS);
      for (Changed changed : page) {
        if (isDelivered.test(changed)) {
          progress.delivered(changed);
        } else {
          progress.leftOut();
        }
        after = changed.place();
      }
    } while (page.size() == Limits.WATCH_REVISIONS);
    return progress;
  }

  /** How far a subscriber is, and which of the last changes it has received, the latest last. */
  private static final class Progress {
    private final ArrayDeque<Changed> remembered = new ArrayDeque<>();
    private Instant since;
    private boolean isIncomplete;

    Progress(Instant since) {
      this.since = since;
    }

    void delivered(Changed changed) {
      boolean isFull = remembered.size() == Limits.WATCH_REVISIONS;
      if (isIncomplete && isFull) {
        return; // it is delivered twice, which is better than to never deliver what was left out
      }
      remembered.add(changed);
      if (!isIncomplete) {
        startAt(changed.updated().minus(Limits.WATCH_OVERLAP));
      }
      if (!isIncomplete && remembered.size() > Limits.WATCH_REVISIONS) {
        // Skip the rest of this millisecond; otherwise its other changes would be delivered
        // repeatedly.
        startAt(remembered.getFirst().updated().plusMillis(1));
      }
    }

    /** A change was not delivered: the next answer reads everything from here on again. */
    void leftOut() {
      isIncomplete = true;
    }

    private void startAt(Instant instant) {
      since = instant.isAfter(since) ? instant : since;
      while (!remembered.isEmpty() && remembered.getFirst().updated().isBefore(since)) {
        remembered.removeFirst();
      }
    }

    AccountCursor cursor(long typing, Optional<Refusals> refused) {
      Map<Sid.Conversation, Revision> delivered = new HashMap<>();
      remembered.forEach(changed -> delivered.put(changed.sid(), changed.revision()));
      return new AccountCursor(since, delivered, typing, refused);
    }
  }
}

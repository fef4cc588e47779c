package parlour.conversations;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import parlour.Durations;
import parlour.Identity;
import parlour.Limits;
import parlour.Unavailable;
import parlour.conversations.GuestConversations.Cursor;
import parlour.conversations.GuestConversations.GuestSession;
import parlour.conversations.GuestConversations.PollResult;
import parlour.scopedauth.Verdict;

/**
 * Delivers the changes of a conversation to its guest, as long as the guest's session is valid; see
 * {@link GuestConversations#follow}.
 */
final class GuestWatch {
  private static final Verdict.Refused ENDED =
      new Verdict.Refused(Verdict.Failure.TOKEN_VALIDATION_FAILED);

  private final ConversationsService conversations;
  private final ConversationStore store;
  private final Revocations revocations;

  GuestWatch(ConversationsService conversations, Revocations revocations) {
    this.conversations = conversations;
    this.store = conversations.store();
    this.revocations = revocations;
  }

  PollResult next(GuestSession session, Cursor cursor, Duration timeout, Amount amount) {
    // The timeout is measured by the machine's clock, the end of a token by the wall clock.
    long deadline =
        System.nanoTime() + Durations.min(timeout, Limits.FOLLOW_TIMEOUT).toNanos();
    try (Waiters.Subscription subscription =
        conversations.waiters().subscribe(session.conversation(), session.session())) {
      while (true) {
        Optional<RecentChanges.Known> known = conversations
            .recent()
            .after(
                cursor.revision(),
                session.identity(),
                session.account(),
                session.conversation(),
                amount);
        if (known.isEmpty()) {
          return new PollResult.Gone();
        }
        List<Typing> typing =
            conversations.typings().after(session.conversation(), cursor.typing());
        // After the changes were read, so that a guest whose session ended before one of them
        // does not receive it.
        Revocations.Status status = revocations.status(session.presented());
        Instant now = conversations.now();
        Optional<PollResult> end = end(session, status, now);
        if (end.isPresent()) {
          return end.get();
        }
        Optional<PollResult.News> visible = visible(session, cursor, known.get().changes(), typing);
        if (visible.isEmpty()) {
          return new PollResult.Gone();
        }
        PollResult.News news = visible.get();
        Duration left = Duration.ofNanos(deadline - System.nanoTime());
        if (status == Revocations.Status.GOOD && (!news.isEmpty() || !left.isPositive())) {
          return news;
        }
        if (!news.isEmpty()) {
          conversations.waiters().keepBack(session.conversation());
        }
        if (!left.isPositive()) {
          return PollResult.News.nothing(cursor); // the next poll reads the same changes
        }
        subscription.await(
            Durations.min(left, Duration.between(now, session.expires())),
            known.get().read());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return PollResult.News.nothing(cursor);
    }
  }

  private Optional<PollResult> end(GuestSession session, Revocations.Status status, Instant now) {
    if (!now.isBefore(session.expires())) {
      if (status != Revocations.Status.ENDED && conversations.doubtsItsClock()) {
        throw new Unavailable("Conversations", "the clock has jumped, and may be wrong", null);
      }
      return Optional.of(
          new PollResult.Over(status == Revocations.Status.ENDED ? ENDED : session.refusedToken()));
    }
    return switch (status) {
      // An erasure ends the sessions, too, after the conversation.
      case ENDED ->
        Optional.of(
            store.find(session.account(), session.conversation()).isEmpty()
                ? new PollResult.Gone()
                : new PollResult.Over(ENDED));
      case SUPERSEDED -> Optional.of(new PollResult.Superseded(false));
      case REPLAYED -> Optional.of(new PollResult.Superseded(true));
      case GOOD, UNKNOWN -> Optional.empty();
    };
  }

  /**
   * The part of the changes that the guest may receive; empty if the conversation was erased
   * meanwhile.
   */
  private Optional<PollResult.News> visible(
      GuestSession session, Cursor cursor, ConversationStore.ChangesFor read, List<Typing> typing) {
    Changes changes = read.changes();
    long lastTyping = typing.isEmpty() ? cursor.typing() : typing.getLast().number();
    Cursor reached = new Cursor(changes.upTo(), lastTyping);
    if (changes.isEmpty() && typing.isEmpty()) {
      return Optional.of(PollResult.News.nothing(reached));
    }
    // Not taken from the changes, which are only a part: a guest who was removed before some of
    // them must not receive these.
    return read.reader()
        .or(() -> store.participant(session.account(), session.conversation(), session.identity()))
        .map(guest -> guest.joined()
            ? new PollResult.News(
                withReturn(session, cursor, changes, guest),
                withoutOwn(typing, session.identity()),
                reached,
                changes.more())
            : untilRemoval(changes, cursor, reached, guest));
  }

  private static List<Typing> withoutOwn(List<Typing> typing, Identity guest) {
    return typing.stream()
        .filter(one -> !one.participant().identity().equals(guest))
        .toList();
  }

  /** A guest who was removed and added again also receives the state of the conversation. */
  private List<Changes.Change> withReturn(
      GuestSession session, Cursor cursor, Changes changes, Participant guest) {
    boolean isBack = guest.joinedRevision().isAfter(cursor.revision().laterOf(Revision.CREATED))
        && !guest.joinedRevision().isAfter(changes.upTo());
    Optional<Conversation> now =
        isBack ? store.find(session.account(), session.conversation()) : Optional.empty();
    return now.map(conversation -> with(
            Changes.Change.OfState.of(conversation, guest.joinedRevision()), changes.changes()))
        .orElse(changes.changes());
  }

  /** The cursor stops at the removal: a guest who is added again receives what came after it. */
  private static PollResult.News untilRemoval(
      Changes changes, Cursor cursor, Cursor reached, Participant guest) {
    Version removal = guest.changed();
    Revision removed = removal.revision();
    List<Changes.Change> before = changes.changes().stream()
        .filter(change -> !change.revision().isAfter(removed))
        .toList();
    boolean isEnd = removed.isAfter(cursor.revision()) && !removed.isAfter(changes.upTo());
    return new PollResult.News(
        isEnd
            ? with(
                new Changes.Change.OfState(Conversation.State.CLOSED, removal, Optional.empty()),
                before)
            : before,
        List.of(),
        new Cursor(
            cursor.revision().laterOf(reached.revision().earlierOf(removed)), reached.typing()),
        changes.more() && removed.isAfter(changes.upTo()));
  }

  /** Inserts a change by its revision, after other changes of the same revision. */
  private static List<Changes.Change> with(
      Changes.Change.OfState added, List<Changes.Change> changes) {
    return Stream.concat(changes.stream(), Stream.of(added))
        .sorted(Comparator.comparing(Changes.Change::revision))
        .toList();
  }
}

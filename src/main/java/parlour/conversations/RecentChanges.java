package parlour.conversations;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import parlour.Durations;
import parlour.Identity;
import parlour.Limits;
import parlour.Sid;
import parlour.http.json.JsonSize;

/**
 * The changes of conversations for those who follow them. It reads the store, and remembers the end
 * of each log, so that nobody reads again what this process has just read or added.
 *
 * <p>The remembered end of a log is correct as long as only messages of this process are added: any
 * other change makes it forget. Its event may be lost, so what was read from the store counts for
 * as long as a waiter sleeps without an event. After a change of this process whose outcome is
 * unknown, it remembers nothing of the conversation for a while: the store may make the change
 * later.
 */
final class RecentChanges {
  private final ConversationStore store;
  private final Function<Sid, Duration> pollInterval;
  private final Cache<Sid.Conversation, End> ends = Caffeine.newBuilder()
      .executor(Runnable::run) // each message changes an entry, and would wake another thread
      .maximumWeight(Limits.RECENT_CHANGES_BYTES)
      .weigher((Sid.Conversation _, End end) -> end.bytes())
      .expireAfterAccess(Durations.times(Limits.FOLLOW_TIMEOUT, 2))
      .build();
  private final Cache<Sid.Conversation, Boolean> inDoubt = Caffeine.newBuilder()
      .maximumSize(Limits.CHANGES_IN_DOUBT)
      .expireAfterWrite(Limits.FOLLOW_TIMEOUT) // the longest poll interval
      .build();

  /**
   * @param pollInterval how long a waiter may sleep without an event of a conversation before it
   *     polls the store
   */
  RecentChanges(ConversationStore store, Function<Sid, Duration> pollInterval) {
    this.store = store;
    this.pollInterval = pollInterval;
  }

  /**
   * Changes that a follower can receive.
   *
   * @param read when they, or those before them, were read from the store; as of {@link
   *     System#nanoTime()}
   */
  record Known(ConversationStore.ChangesFor changes, long read) {}

  /**
   * The changes after a revision; empty if there is no such conversation. See {@link
   * ConversationStore#changesFor}.
   */
  Optional<Known> after(
      Revision reached,
      Identity reader,
      Sid.Account account,
      Sid.Conversation conversation,
      Amount amount) {
    long now = System.nanoTime(); // before the check, so that a doubt outlasts what was just read
    if (inDoubt.getIfPresent(conversation) != null) {
      return read(reached, reader, account, conversation, amount)
          .map(changes -> new Known(changes, now));
    }
    End end = ends.get(conversation, _ -> End.unknown(account, now));
    if (end.isCurrent()
        && end.account.equals(account)
        && now - end.read < pollInterval.apply(conversation).toNanos()) {
      Optional<ConversationStore.ChangesFor> known = end.after(reached, reader);
      if (known.isPresent()) {
        return known.map(changes -> new Known(changes, end.read));
      }
    }
    Optional<ConversationStore.ChangesFor> read =
        read(reached, reader, account, conversation, amount);
    ends.asMap().computeIfPresent(conversation, (_, meanwhile) -> {
      if (meanwhile != end) {
        return meanwhile; // an event arrived, whose change may have come after the read
      }
      return read.filter(one -> !one.changes().more() && end.account.equals(account))
          .map(one -> end.with(reached, one, now))
          .orElse(null);
    });
    return read.map(changes -> new Known(changes, now));
  }

  /**
   * When the changes that the next reader receives were read at the earliest, as of {@link
   * System#nanoTime()}.
   */
  long lastRead(Sid.Conversation conversation) {
    End end = ends.getIfPresent(conversation);
    return end == null || end.isOutdated ? System.nanoTime() : end.read;
  }

  private Optional<ConversationStore.ChangesFor> read(
      Revision reached,
      Identity reader,
      Sid.Account account,
      Sid.Conversation conversation,
      Amount amount) {
    return store.changesFor(reader, account, conversation, reached, Limits.FOLLOW_BATCH, amount);
  }

  /** Records a message that this process has added. */
  void added(Message message) {
    ends.asMap().computeIfPresent(message.conversation(), (_, end) -> end.with(message));
  }

  /**
   * Forgets the end of a conversation: it changed in another way, or another process changed it. If it turns
   * out that only messages were added, the participants are still known.
   */
  void invalidate(Sid.Conversation conversation) {
    ends.asMap().computeIfPresent(conversation, (_, end) -> end.outdated());
  }

  /**
   * Forgets a conversation, and remembers nothing of it for {@link Limits#FOLLOW_TIMEOUT}, because
   * the outcome of a change is unknown.
   */
  void doubt(Sid.Conversation conversation) {
    inDoubt.put(conversation, true); // first, so that a read that begins now is not remembered
    ends.invalidate(conversation);
  }

  /** Forgets everything, because events were lost. */
  void invalidateAll() {
    ends.invalidateAll();
  }

  /**
   * The end of a log. Compared by identity: one that replaces another one is a later state.
   *
   * <p>While the store is read for the first time there is an end without a revision, so that an
   * event in the meantime has something to remove.
   */
  private static final class End {
    private final Sid.Account account;
    private final Revision revision;
    private final Optional<Message> last;
    private final Map<Identity, Participant> joined;
    private final long read;
    private final boolean isOutdated;

    /**
     * @param last the message that was added or changed at this revision, if it is remembered
     * @param joined participants who were in the conversation at this revision, as far as known
     * @param isOutdated whether the conversation may have changed since
     */
    End(
        Sid.Account account,
        Revision revision,
        Optional<Message> last,
        Map<Identity, Participant> joined,
        long read,
        boolean isOutdated) {
      this.account = account;
      this.revision = revision;
      this.last = last;
      this.joined = joined;
      this.read = read;
      this.isOutdated = isOutdated;
    }

    static End unknown(Sid.Account account, long read) {
      return new End(account, Revision.NONE, Optional.empty(), Map.of(), read, false);
    }

    private boolean isKnown() {
      return !revision.equals(Revision.NONE);
    }

    boolean isCurrent() {
      return isKnown() && !isOutdated;
    }

    /** This end of a log that may have changed since; null if nothing is known about it. */
    @Nullable
    End outdated() {
      return isKnown() ? new End(account, revision, Optional.empty(), joined, read, true) : null;
    }

    /** The end of this log after its next message; null if a change is missing between them. */
    @Nullable
    End with(Message message) {
      if (!isCurrent() || message.revision().number() > revision.number() + 1) {
        return null;
      }
      return message.revision().isAfter(revision)
          ? new End(account, message.revision(), remembered(message), joined, read, false)
          : this;
    }

    /** A follower that has reserved no memory takes as much. */
    private static Optional<Message> remembered(Message message) {
      return Optional.of(message).filter(Amount.SMALL.room()::takes);
    }

    /** The end of this log after everything behind a revision was read. */
    End with(Revision after, ConversationStore.ChangesFor later, long readLater) {
      Changes changes = later.changes();
      boolean isSame = changes.upTo().equals(revision);
      Map<Identity, Participant> all = new HashMap<>();
      if (isSame || (after.equals(revision) && areMessages(changes))) {
        all.putAll(joined); // somebody who left would be among the changes
      }
      later.reader().filter(Participant::joined).ifPresent(one -> all.put(one.identity(), one));
      Optional<Message> only = lastOf(after, changes);
      return new End(
          account,
          changes.upTo(),
          only.isEmpty() && isSame ? last : only,
          Map.copyOf(all),
          readLater,
          false);
    }

    private static boolean areMessages(Changes changes) {
      return changes.changes().stream().allMatch(Changes.Change.OfMessage.class::isInstance);
    }

    /** The message of the last revision, if that is the only one that was read. */
    private static Optional<Message> lastOf(Revision after, Changes changes) {
      return changes.upTo().number() == after.number() + 1
              && changes.changes().size() == 1
              && changes.changes().getFirst() instanceof Changes.Change.OfMessage(Message message)
              && message.revision().equals(changes.upTo())
          ? remembered(message)
          : Optional.empty();
    }

    /** The memory that it takes, roughly. */
    int bytes() {
      Room room = new Room(Integer.MAX_VALUE, true);
      last.ifPresent(room::takes);
      int participants = joined.values().stream()
          .mapToInt(one -> Limits.MESSAGE_ENVELOPE_BYTES
              + JsonSize.of(one.profile().attributes().text())
              + JsonSize.of(one.profile().name()))
          .sum();
      return Limits.MESSAGE_ENVELOPE_BYTES + room.taken() + participants;
    }

    /**
     * The changes after a reader's revision, if they are remembered; empty if the store must be
     * read.
     */
    Optional<ConversationStore.ChangesFor> after(Revision reached, Identity reader) {
      if (reached.equals(revision)) {
        return Optional.of(new ConversationStore.ChangesFor(
            new Changes(List.of(), revision, false), Optional.empty()));
      }
      Optional<Participant> participant = Optional.ofNullable(joined.get(reader));
      return reached.number() == revision.number() - 1 && participant.isPresent()
          ? last.map(message -> new ConversationStore.ChangesFor(
              new Changes(List.of(new Changes.Change.OfMessage(message)), revision, false),
              participant))
          : Optional.empty();
    }
  }
}

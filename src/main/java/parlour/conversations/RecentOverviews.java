package parlour.conversations;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Scheduler;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import parlour.Limits;
import parlour.Sid;
import parlour.conversations.ConversationStore.Changed;
import parlour.conversations.Conversations.Overview;

/**
 * The overviews of the conversations that changed last, so that a change is read once for all agents
 * who watch its account, and not once for each.
 *
 * <p>Each change of what an overview shows takes a new revision (docs/adr/0060), so an overview is
 * current as long as the store has the same revision, and the same time of the last change.
 */
final class RecentOverviews {
  private final ConversationStore store;
  private final Cache<Sid.Conversation, Overview> recent = Caffeine.newBuilder()
      .maximumWeight(Limits.RECENT_OVERVIEWS_BYTES)
      .weigher(RecentOverviews::bytes)
      .expireAfterWrite(Limits.RECENT_OVERVIEWS_TTL)
      .scheduler(Scheduler.systemScheduler()) // or erased words would stay until the next access
      .build();

  /**
   * Guard no field. Each lock serves some of the conversations. A change wakes all watchers of a conversation at once: the first
   * one reads the overview, and the others wait for it.
   */
  private final List<ReentrantLock> reading =
      Stream.generate(ReentrantLock::new).limit(Limits.OVERVIEWS_READ).toList();

  RecentOverviews(ConversationStore store) {
    this.store = store;
  }

  /**
   * Finds the overview of a conversation after a change, or after a later one.
   *
   * @param changed as the store has just answered
   */
  Optional<Overview> find(Sid.Account account, Changed changed) {
    Optional<Overview> known = known(account, changed);
    return known.isPresent() ? known : read(account, changed);
  }

  private Optional<Overview> known(Sid.Account account, Changed changed) {
    return Optional.ofNullable(recent.getIfPresent(changed.sid()))
        .filter(one -> one.conversation().account().equals(account)
            && one.conversation().revision().equals(changed.revision())
            && one.conversation().updated().equals(changed.updated()));
  }

  private Optional<Overview> read(Sid.Account account, Changed changed) {
    ReentrantLock lock = reading.get(Math.floorMod(changed.sid().hashCode(), reading.size()));
    boolean isAlone = isLocked(lock);
    try {
      Optional<Overview> meanwhile = known(account, changed);
      if (meanwhile.isPresent()) {
        return meanwhile;
      }
      Optional<Overview> read = store.overview(account, changed.sid());
      read.ifPresent(one -> recent.put(changed.sid(), one));
      return read;
    } finally {
      if (isAlone) {
        lock.unlock();
      }
    }
  }

  /** False after a while: a slow read of another caller must not delay this one, which then also reads. */
  private static boolean isLocked(ReentrantLock lock) {
    try {
      return lock.tryLock(Limits.OVERVIEW_WAIT.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false; // the read ends at once
    }
  }

  private static int bytes(Sid.Conversation conversation, Overview overview) {
    Room room = new Room(Integer.MAX_VALUE, true);
    boolean _ = room.takes(overview);
    return room.taken();
  }
}

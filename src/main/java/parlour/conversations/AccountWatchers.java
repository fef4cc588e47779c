package parlour.conversations;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiPredicate;
import java.util.function.Function;
import parlour.Limits;
import parlour.OutageLog;
import parlour.Sid;
import parlour.Threads;

/**
 * Follows the changes of some accounts, as an open inbox does: each account on a thread of its own,
 * which survives outages and ends when the account is not followed any more.
 */
public final class AccountWatchers implements AutoCloseable {
  private final String name;
  private final Function<Sid.Account, Optional<Instant>> start;
  private final BiPredicate<Sid.Account, AccountNews> record;
  private final Conversations conversations;
  private final OutageLog outages;
  private final Duration pace;
  private final Map<Sid.Account, Thread> watchers = new ConcurrentHashMap<>();
  private volatile boolean stopping;

  /**
   * @param name of the threads
   * @param start finds where to begin; empty if the account is not followed
   * @param record records changes; returns false if the account is not followed any more
   * @param pace the time between two parts that were read to their end
   */
  public AccountWatchers(
      String name,
      Function<Sid.Account, Optional<Instant>> start,
      BiPredicate<Sid.Account, AccountNews> record,
      Conversations conversations,
      OutageLog outages,
      Duration pace) {
    this.name = name;
    this.start = start;
    this.record = record;
    this.conversations = conversations;
    this.outages = outages;
    this.pace = pace;
  }

  /** Starts to follow an account, unless it is followed already. */
  public void watch(Sid.Account account) {
    watchers.computeIfAbsent(account, one -> Thread.ofVirtual().name(name).start(() -> run(one)));
  }

  private void run(Sid.Account account) {
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

  /** Returns false when the account is not followed any more. */
  private boolean follow(Sid.Account account) throws InterruptedException {
    Optional<Instant> since = start.apply(account);
    if (since.isEmpty()) {
      return false;
    }
    AccountCursor now = conversations.watchFromNow(account);
    AccountCursor cursor = new AccountCursor(since.get(), Map.of(), now.typing(), Optional.empty());
    while (!stopping) {
      AccountNews news = conversations.watch(account, cursor, Limits.FOLLOW_TIMEOUT, Amount.PAGE);
      if (!record.test(account, news)) {
        return false;
      }
      cursor = news.cursor();
      outages.worked();
      Thread.sleep(news.pause(pace));
    }
    return true;
  }

  /** Interrupts the threads, and waits for them for at most {@link Limits#WATCH_DRAIN}. */
  @Override
  public void close() {
    stopping = true;
    List<Thread> all = List.copyOf(watchers.values());
    all.forEach(Thread::interrupt);
    Threads.join(all, Limits.WATCH_DRAIN);
  }
}

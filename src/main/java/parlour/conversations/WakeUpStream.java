package parlour.conversations;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import parlour.Limits;
import parlour.Sid;
import parlour.conversations.WakeUps.Woken;

/**
 * The wake-ups for the followers of one other process, until it fetches them. Each follower is in a
 * part at most once, so a process that is slow makes this one keep no more than its followers.
 */
final class WakeUpStream {
  private final String name;
  private final int maxFollowers;
  private final Map<Long, Waiting> waiting = new ConcurrentHashMap<>();
  private volatile long lastCall = System.nanoTime();

  @GuardedBy("this")
  private final Set<Long> woken = new LinkedHashSet<>();

  /** The part that was sent last, until the next call confirms that it arrived. */
  @GuardedBy("this")
  private final Set<Long> sent = new LinkedHashSet<>();

  /** The number of that part. */
  @GuardedBy("this")
  private long number;

  /** The number of calls; only the last one may take a part, because nobody reads the others. */
  @GuardedBy("this")
  private long calls;

  @GuardedBy("this")
  private boolean isClosed;

  /**
   * @param maxFollowers the number of followers, and of wake-ups that wait
   */
  WakeUpStream(String name, int maxFollowers) {
    this.name = name;
    this.maxFollowers = maxFollowers;
  }

  String name() {
    return name;
  }

  /**
   * A follower that waits for a wake-up.
   *
   * <p>Between two events its conversation is read from time to time, because events can be lost.
   */
  final class Waiting {
    private final long follower;
    private final Sid followed;
    private final Instant until;
    private final long forgetAt = System.nanoTime() + Limits.WAKE_UP_LIFETIME.toNanos();
    private volatile Revision reached = Revision.NONE;
    private volatile long checkAt;

    @GuardedBy("this")
    private Waiters.@Nullable Subscription subscription;

    @GuardedBy("this")
    private boolean isOver;

    /**
     * @param until when it is woken at the latest
     * @param checkAt when the store is read next, as of {@link System#nanoTime()}
     */
    private Waiting(long follower, Sid followed, Instant until, long checkAt) {
      this.follower = follower;
      this.followed = followed;
      this.until = until;
      this.checkAt = checkAt;
    }

    /** The name of its stream. */
    String stream() {
      return name;
    }

    Sid followed() {
      return followed;
    }

    Revision reached() {
      return reached;
    }

    void reached(Revision revision) {
      reached = revision;
    }

    void checkAt(long nanos) {
      checkAt = nanos;
    }

    boolean isDue(long now) {
      return now - checkAt >= 0;
    }

    boolean isOver(Instant now) {
      return !now.isBefore(until);
    }

    boolean isForgotten(long now) {
      return now - forgetAt >= 0;
    }

    private synchronized void subscribed(Waiters.Subscription to) {
      if (isOver) {
        to.close(); // the first wake-up was faster
      } else {
        subscription = to;
      }
    }

    /** Wakes the follower, unless that was done, or the follower waits no longer. */
    void wake() {
      if (end()) {
        WakeUpStream.this.wake(follower);
      }
    }

    /**
     * Ends the wait.
     *
     * @return false if it was over
     */
    boolean end() {
      synchronized (this) {
        if (isOver) {
          return false;
        }
        isOver = true;
        if (subscription != null) {
          subscription.close();
        }
      }
      waiting.remove(follower, this);
      return true;
    }
  }

  /**
   * Lets a follower wait: no wake-up from now on is missed.
   *
   * @param followed a conversation or an account
   * @param sessions each of them also wakes the follower
   * @return empty if there are too many followers
   */
  Optional<Waiting> add(
      long follower,
      Sid followed,
      Instant until,
      long checkAt,
      Waiters waiters,
      Sid.Session... sessions) {
    if (waiting.size() >= maxFollowers) {
      return Optional.empty();
    }
    Waiting added = new Waiting(follower, followed, until, checkAt);
    Waiting before = waiting.put(follower, added);
    if (before != null) {
      before.end();
    }
    added.subscribed(waiters.subscribe(added::wake, followed, sessions));
    if (isClosed()) {
      added.end();
      return Optional.empty();
    }
    return Optional.of(added);
  }

  Collection<Waiting> waiting() {
    return waiting.values();
  }

  /** Whether the other process has not called for so long that it must have gone. */
  boolean isAbandoned(long now) {
    return now - lastCall >= Limits.WAKE_UP_SILENCE.toNanos();
  }

  private synchronized void wake(long follower) {
    if (woken.size() >= maxFollowers) {
      close(); // all followers read again, which no list of them needs to say
    }
    woken.add(follower);
    notifyAll();
  }

  private synchronized boolean isClosed() {
    return isClosed;
  }

  /** Ends the stream: its followers are forgotten, and the other process learns it by its call. */
  void close() {
    synchronized (this) {
      isClosed = true;
      notifyAll();
    }
    waiting.values().forEach(Waiting::end);
  }

  /**
   * Waits for the next part; see {@link WakeUps#next}. A call can be repeated: a part that was not
   * confirmed is sent again, with the next one.
   *
   * @return empty if the stream is closed, or the call is out of order
   */
  synchronized Optional<Woken> next(long received, Duration timeout) throws InterruptedException {
    long end = System.nanoTime() + timeout.toNanos();
    long call = ++calls;
    lastCall = System.nanoTime();
    notifyAll(); // an earlier call, which this one repeats, has lost its connection
    if (received == number) {
      sent.clear();
    } else if (received == number - 1) {
      woken.addAll(sent);
    } else {
      return Optional.empty();
    }
    while (woken.isEmpty() && !isClosed && call == calls) {
      long left = end - System.nanoTime();
      if (left <= 0) {
        break;
      }
      TimeUnit.NANOSECONDS.timedWait(this, left);
    }
    lastCall = System.nanoTime();
    if (isClosed || call != calls) {
      return Optional.empty();
    }
    sent.clear();
    sent.addAll(woken.stream().limit(Limits.WAKE_UPS_AT_ONCE).toList());
    woken.removeAll(sent);
    number++;
    return Optional.of(new Woken(number, List.copyOf(sent)));
  }
}

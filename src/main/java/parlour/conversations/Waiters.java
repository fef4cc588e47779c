package parlour.conversations;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import parlour.Durations;
import parlour.Limits;
import parlour.OverdueWaits;
import parlour.Sid;
import parlour.Unavailable;
import parlour.events.EventBus;

/**
 * The threads of this process that wait for an event, and the followers in other processes. A wake-up
 * carries no data: the waiter reads the store, which has what happened. A waiter that is not woken
 * polls the store after a while.
 */
final class Waiters {
  private final ConcurrentHashMap<Sid, Set<Subscription>> waiting = new ConcurrentHashMap<>();
  private final Set<Subscription> keptBack = ConcurrentHashMap.newKeySet();
  private volatile boolean dismissed;
  private final EventBus events;

  /**
   * @param events says how long a waiter may sleep without a wake-up before it polls the store
   */
  Waiters(EventBus events) {
    this.events = events;
  }

  /**
   * Subscribes: no wake-up from now on is missed, not even one before {@link Subscription#await}.
   *
   * @param followed a conversation or an account, which other processes change, too
   * @param sessions each of them also wakes the subscription
   */
  Subscription subscribe(Sid followed, Sid.Session... sessions) {
    Semaphore wakeUps = new Semaphore(0);
    return subscribed(new Subscription(followed, sessions, wakeUps, wakeUps::release));
  }

  /**
   * Subscribes for a waiter in another process.
   *
   * @param onWake must return at once
   */
  Subscription subscribe(Runnable onWake, Sid followed, Sid.Session... sessions) {
    return subscribed(new Subscription(followed, sessions, new Semaphore(0), onWake));
  }

  private Subscription subscribed(Subscription subscription) {
    for (Sid sid : subscription.of) {
      waiting.compute(sid, (_, subscriptions) -> {
        Set<Subscription> all =
            subscriptions == null ? ConcurrentHashMap.newKeySet() : subscriptions;
        all.add(subscription);
        return all;
      });
    }
    events.follow(
        subscription.followed); // after the above, because the first event says that they arrive
    return subscription;
  }

  /** Asks again for the events of a conversation, whose waiter has not asked for a while. */
  void follow(Sid.Conversation conversation) {
    events.follow(conversation);
  }

  void wake(Sid sid) {
    Set<Subscription> subscriptions = waiting.get(sid);
    if (subscriptions != null) {
      subscriptions.forEach(Subscription::wake);
    }
  }

  /** Notes that there is something for the waiters of a conversation that may not be sent yet. */
  void keepBack(Sid.Conversation conversation) {
    Set<Subscription> subscriptions = waiting.get(conversation);
    if (subscriptions != null) {
      keptBack.addAll(subscriptions);
    }
  }

  /** Wakes the subscriptions for which something was kept back. */
  void wakeKeptBack() {
    keptBack.forEach(subscription -> {
      keptBack.remove(subscription); // first: what is kept back after that read wakes it again
      subscription.wake();
    });
  }

  /** Wakes every subscription once. */
  void wakeAll() {
    waiting.values().forEach(subscriptions -> subscriptions.forEach(Subscription::wake));
  }

  /** Wakes every waiter, and lets none wait from now on, because this process stops. */
  void stop() {
    dismissed = true;
    waiting.values().forEach(subscriptions -> subscriptions.forEach(Subscription::wake));
  }

  /** One waiter. */
  final class Subscription implements AutoCloseable {
    private final Sid followed;
    private final List<Sid> of;
    private final Semaphore wakeUps;
    private final Runnable onWake;

    private Subscription(Sid followed, Sid.Session[] sessions, Semaphore wakeUps, Runnable onWake) {
      this.followed = followed;
      this.of = Stream.concat(Stream.of(followed), Stream.of(sessions)).toList();
      this.wakeUps = wakeUps;
      this.onWake = onWake;
    }

    private void wake() {
      onWake.run();
    }

    /** Waits after a read of the store; see {@link #await(Duration, long)}. */
    void await(Duration timeout) throws InterruptedException {
      await(timeout, System.nanoTime());
    }

    /**
     * Returns when it is time to read the store: after a wake-up, the poll interval or the timeout.
     *
     * @param lastRead when the store was read last, as of {@link System#nanoTime()}
     * @throws Unavailable when this process stops: the caller retries, at another process
     */
    void await(Duration timeout, long lastRead) throws InterruptedException {
      if (dismissed) {
        throw new Unavailable("Conversations", "this process stops", null);
      }
      long now = System.nanoTime();
      Duration sinceRead = Duration.ofNanos(now - lastRead);
      Duration longest = Durations.min(timeout, events.pollInterval(followed).minus(sinceRead));
      if (longest.compareTo(Limits.WAIT_CHECK) < 0) { // so short that the timeout must be exact
        var _ = wakeUps.tryAcquire(longest.toNanos(), TimeUnit.NANOSECONDS);
      } else if (!wakeUps.tryAcquire()) {
        try (var _ = OverdueWaits.until(now + longest.toNanos(), wakeUps::release)) {
          wakeUps.acquire();
        }
      }
      wakeUps.drainPermits(); // one read is enough for all that happened before it
    }

    @Override
    public void close() {
      keptBack.remove(this);
      for (Sid sid : of) {
        waiting.computeIfPresent(sid, (_, subscriptions) -> {
          subscriptions.remove(this);
          return subscriptions.isEmpty() ? null : subscriptions;
        });
      }
    }
  }
}

package parlour.conversations;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import parlour.Sid;
import parlour.Unavailable;

/**
 * Who waits for something to happen, here in this process. A wake-up says nothing but "look again":
 * what happened stands in the store, and whoever is not woken looks by themselves after a while.
 */
final class Waiters {
  private final ConcurrentHashMap<Sid, Set<Subscription>> waiting = new ConcurrentHashMap<>();
  private final Set<Subscription> keptBack = ConcurrentHashMap.newKeySet();
  private volatile boolean dismissed;
  private final Supplier<Duration> lookAgain;

  /**
   * @param lookAgain how long nobody waits longer than, without a look
   */
  Waiters(Supplier<Duration> lookAgain) {
    this.lookAgain = lookAgain;
  }

  /**
   * Begins to listen: a wake-up from now on is not missed, also before {@link Subscription#await}.
   *
   * @param of the conversation, account or session whose wake-ups are meant, any of them
   */
  Subscription watch(Sid... of) {
    Subscription watch = new Subscription(of);
    for (Sid sid : of) {
      waiting.compute(sid, (_, watches) -> {
        Set<Subscription> all = watches == null ? ConcurrentHashMap.newKeySet() : watches;
        all.add(watch);
        return all;
      });
    }
    return watch;
  }

  void wake(Sid sid) {
    Set<Subscription> watches = waiting.get(sid);
    if (watches != null) {
      watches.forEach(Subscription::wake);
    }
  }

  /** Has those look for whom something was kept back. */
  void wakeKeptBack() {
    keptBack.forEach(watch -> {
      keptBack.remove(watch); // first: what is kept back again after that look wakes it again
      watch.wake();
    });
  }

  /** Has everybody look once. */
  void wakeAll() {
    waiting.values().forEach(watches -> watches.forEach(Subscription::wake));
  }

  /** Nobody waits here any more, now and later: this process stops, and is not to wait for them. */
  void dismiss() {
    dismissed = true;
    waiting.values().forEach(watches -> watches.forEach(Subscription::wake));
  }

  /** One who waits. */
  final class Subscription implements AutoCloseable {
    private final Sid[] of;
    private final Semaphore news = new Semaphore(0);

    private Subscription(Sid[] of) {
      this.of = of;
    }

    private void wake() {
      news.release();
    }

    /** There is something for it that may not be told yet: see {@link #wakeKeptBack}. */
    void keepBack() {
      keptBack.add(this);
    }

    /**
     * Returns when it is time for a look: there was a wake-up, or patience or trust ended.
     *
     * @throws Unavailable when this process stops: whoever asked comes back to another
     */
    void await(Duration patience) throws InterruptedException {
      if (dismissed) {
        throw new Unavailable("Conversations", "this process stops", null);
      }
      Duration unasked = lookAgain.get();
      Duration most = patience.compareTo(unasked) < 0 ? patience : unasked;
      var _ = news.tryAcquire(most.toNanos(), TimeUnit.NANOSECONDS);
      news.drainPermits(); // one look is enough for all that happened before it
    }

    @Override
    public void close() {
      keptBack.remove(this);
      for (Sid sid : of) {
        waiting.computeIfPresent(sid, (_, watches) -> {
          watches.remove(this);
          return watches.isEmpty() ? null : watches;
        });
      }
    }
  }
}

package parlour.store;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import parlour.Durations;
import parlour.Limits;

/**
 * The changes that wait for the threads which make them, and the callers that wait for the changes.
 *
 * <p>No caller has a timer of its own, since the wait of a virtual thread with a timeout wakes
 * another thread to keep it: a watch looks at all of them from time to time, and tells those that
 * have waited long enough.
 */
final class WriteQueue {
  private final String who;
  private final StoreLimits limits;
  private final BlockingQueue<PendingWrite<?>> queue;
  private final Set<PendingWrite<?>> waitedFor = ConcurrentHashMap.newKeySet();
  private final Thread watch;
  private final List<Thread> makers = new ArrayList<>();
  private volatile boolean closed;

  WriteQueue(String who, StoreLimits limits) {
    this.who = who;
    this.limits = limits;
    queue = new ArrayBlockingQueue<>(limits.queue());
    watch = Thread.ofPlatform().daemon().name(who + " watch").unstarted(this::watch);
  }

  /** Starts threads that make what waits; each ends when it is closed and nothing waits. */
  void start(int threads, Runnable maker) {
    for (int i = 0; i < threads; i++) {
      makers.add(Thread.ofPlatform().daemon().name(who + " writer").start(maker));
    }
    watch.start();
  }

  /** Whether this is one of the threads that make changes. */
  boolean isMaker() {
    return makers.contains(Thread.currentThread());
  }

  /** Queues a change, and returns it when it is settled or handed back. */
  <T extends @Nullable Object> T make(PendingWrite<T> write) {
    waitedFor.add(write); // First of all: the watch ends when it is closed and sees nobody here.
    try {
      if (closed) {
        throw new StoreUnavailable(who, "closed", null);
      }
      if (!queue.offer(write)) {
        throw new StoreUnavailable(who, "its queue is full", null);
      }
      // The threads may have ended between the look and the offer; if not, they make this.
      if (closed && write.giveUp()) {
        throw new StoreUnavailable(who, "closed", null);
      }
      return write.await(who);
    } finally {
      waitedFor.remove(write);
    }
  }

  /** Whether there may be something to make, now or later. */
  boolean isOpen() {
    return !closed || !queue.isEmpty();
  }

  /**
   * Waits for changes; returns all that wait, as many as make a group, and that have not given up.
   *
   * <p>Where the processors are busy, some callers are about to come and only wait for one: they run
   * first, and share this group's flush of the disk. Where one is free, nothing is waited for. Not
   * with several makers: two that gather by turns may each get what waits for a row of the other's.
   */
  @SuppressWarnings("ThreadPriorityCheck") // a hint is what it is meant as
  List<PendingWrite<?>> next() throws InterruptedException {
    List<PendingWrite<?>> group = new ArrayList<>();
    group.add(queue.take());
    if (makers.size() == 1) {
      Thread.yield();
    }
    queue.drainTo(group, limits.group() - 1);
    group.removeIf(write -> !write.begin());
    return group;
  }

  /** The last word of a thread that ends: the next one is to see that it is closed. */
  void wakeNext() {
    queue.offer(PendingWrite.NONE); // Behind a full queue nobody sleeps.
  }

  int waiting() {
    return queue.size();
  }

  /** Takes no more, and returns when what waits is made; false if it cannot be made in time. */
  boolean close() {
    closed = true;
    wakeNext();
    // Once for what they are doing, once for what is queued: all of that has its deadline.
    long end = System.nanoTime() + 2 * limits.timeout().plus(limits.busy()).toNanos();
    boolean ended = true;
    boolean interrupted = false;
    for (Thread maker : makers) {
      while (maker.isAlive() && System.nanoTime() - end < 0) {
        try {
          TimeUnit.NANOSECONDS.timedJoin(maker, end - System.nanoTime());
        } catch (InterruptedException shuttingDown) {
          interrupted = true; // Closing is what a shutdown asks for: it goes on.
        }
      }
      ended &= !maker.isAlive();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return ended;
  }

  /** Ends after the last caller has been notified. */
  private void watch() {
    while (!closed || !waitedFor.isEmpty()) {
      LockSupport.parkNanos(checkInterval().toNanos());
      try {
        waitedFor.stream().filter(PendingWrite::isLate).forEach(write -> write.expire(who));
      } catch (Throwable unexpected) {
        // Whatever failed (memory, say): no other thread would ever notify the waiting callers.
      }
    }
  }

  private Duration checkInterval() {
    return Durations.min(limits.timeout().dividedBy(4), Limits.STORE_TIMEOUT_CHECK);
  }
}

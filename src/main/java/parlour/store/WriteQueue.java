package parlour.store;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import parlour.Durations;
import parlour.Limits;

/**
 * The queue of changes for the threads that make them, and the callers that wait for the changes.
 *
 * <p>Callers wait without timeouts, because each timeout of a virtual thread wakes another thread.
 * Instead one thread regularly checks all of them, and ends the waits whose deadline has passed.
 */
final class WriteQueue {
  private final String who;
  private final StoreLimits limits;
  private final BlockingQueue<PendingWrite<?>> queue;
  private final Set<PendingWrite<?>> waitedFor = ConcurrentHashMap.newKeySet();
  private final Thread watch;
  private final List<Thread> writers = new ArrayList<>();
  private final LongAdder groups = new LongAdder();
  private final LongAdder changes = new LongAdder();
  private final LongAdder changeNanos = new LongAdder();
  private final List<LongAdder> changesWithin =
      Stream.generate(LongAdder::new).limit(StoreActivity.BOUNDS.size() + 1L).toList();
  private volatile boolean closed;

  WriteQueue(String who, StoreLimits limits) {
    this.who = who;
    this.limits = limits;
    queue = new ArrayBlockingQueue<>(limits.queue());
    watch = Thread.ofPlatform().daemon().name(who + " watch").unstarted(this::watch);
  }

  /** Starts the threads that make changes; each ends when the queue is closed and empty. */
  void start(int threads, Runnable writer) {
    for (int i = 0; i < threads; i++) {
      writers.add(Thread.ofPlatform().daemon().name(who + " writer").start(writer));
    }
    watch.start();
  }

  /** Whether this is one of the threads that make changes. */
  boolean isWriter() {
    return writers.contains(Thread.currentThread());
  }

  /** Queues a change, and returns it when it is settled or handed back. */
  <T extends @Nullable Object> T run(PendingWrite<T> write) {
    long begin = System.nanoTime();
    waitedFor.add(write); // First: the watch ends when the queue is closed and this set is empty.
    try {
      if (closed) {
        throw new StoreUnavailable(who, "closed", null);
      }
      if (!queue.offer(write)) {
        throw new StoreUnavailable(who, "its queue is full", null);
      }
      // The threads may have ended between the check and the offer; if not, they make this change.
      if (closed && write.giveUp()) {
        throw new StoreUnavailable(who, "closed", null);
      }
      return write.await(who);
    } finally {
      waitedFor.remove(write);
      long nanos = System.nanoTime() - begin;
      changes.increment();
      changeNanos.add(nanos);
      changesWithin.get(bucket(nanos)).increment();
    }
  }

  private static int bucket(long nanos) {
    int bucket = 0;
    while (bucket < StoreActivity.BOUNDS.size() && nanos > StoreActivity.BOUNDS.get(bucket) * 1e9) {
      bucket++;
    }
    return bucket;
  }

  /** Whether changes wait, or may still arrive. */
  boolean isOpen() {
    return !closed || !queue.isEmpty();
  }

  /**
   * Waits for changes, and returns all that are queued, up to the size of a group, without those
   * whose callers gave up.
   *
   * <p>If all processors are busy, further callers may be waiting for one: they run first, and
   * share this group's flush of the disk. If a processor is free, this costs no time. With several
   * threads it is not done, because two groups that grow in turn may wait for each other's rows.
   */
  @SuppressWarnings("ThreadPriorityCheck") // meant as a hint
  List<PendingWrite<?>> next() throws InterruptedException {
    List<PendingWrite<?>> group = new ArrayList<>();
    group.add(queue.take());
    if (writers.size() == 1) {
      Thread.yield();
    }
    queue.drainTo(group, limits.group() - 1);
    group.removeIf(write -> !write.begin());
    groups.increment();
    return group;
  }

  /** Called by a thread that ends, so that the next one notices that the queue is closed. */
  void wakeNext() {
    queue.offer(PendingWrite.NONE); // If the queue is full, no thread sleeps.
  }

  int waiting() {
    return queue.size();
  }

  StoreActivity activity() {
    return new StoreActivity(
        waiting(),
        groups.sum(),
        changes.sum(),
        changeNanos.sum(),
        changesWithin.stream().map(LongAdder::sum).toList(),
        0,
        0);
  }

  /** Refuses new changes and waits for the queued ones; false if they take too long. */
  boolean close() {
    closed = true;
    wakeNext();
    // One timeout for the running changes, and one for those in the queue.
    long end = System.nanoTime() + 2 * limits.timeout().plus(limits.busy()).toNanos();
    boolean ended = true;
    boolean interrupted = false;
    for (Thread writer : writers) {
      while (writer.isAlive() && System.nanoTime() - end < 0) {
        try {
          TimeUnit.NANOSECONDS.timedJoin(writer, end - System.nanoTime());
        } catch (InterruptedException shuttingDown) {
          interrupted = true; // A shutdown interrupts, and needs this to finish.
        }
      }
      ended &= !writer.isAlive();
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
        // For example out of memory. It continues: no other thread would notify the callers.
      }
    }
  }

  private Duration checkInterval() {
    return Durations.min(Durations.part(limits.timeout(), 4), Limits.STORE_TIMEOUT_CHECK);
  }
}

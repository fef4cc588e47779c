package parlour.http.server;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Memory that all calls of this process share, of which one client can hold at most a part. A
 * caller that waits for memory holds none, and is served in the order of arrival.
 */
public final class BytePool {
  private final Semaphore all;
  private final int share;
  private final ConcurrentHashMap<String, Block> blocks = new ConcurrentHashMap<>();

  /** The share of an {@link AddressBlock}. Removed when nobody holds or awaits memory of it. */
  private static final class Block {
    final String name;
    final Semaphore room;
    int users;

    Block(String name, int share) {
      this.name = name;
      room = new Semaphore(share, true);
    }
  }

  /**
   * @param bytes the size of the pool
   * @param share how much of it one client can hold
   */
  public BytePool(int bytes, int share) {
    this.all = new Semaphore(bytes, true);
    this.share = share;
  }

  /**
   * Acquires memory.
   *
   * @param client from {@link ClientMark#of}; empty for one of our own processes,
   *     which has no share
   * @return empty if no memory became free in time
   */
  public Optional<Held> hold(String client, int bytes, Duration timeout) {
    long giveUp = System.nanoTime() + timeout.toNanos();
    List<Block> entered = client.isEmpty() ? List.of() : enter(client);
    List<Block> taken = new ArrayList<>();
    boolean held = false;
    try {
      for (Block block : entered) {
        if (!take(block.room, bytes, giveUp)) {
          return Optional.empty();
        }
        taken.add(block);
      }
      held = take(all, bytes, giveUp);
      return held ? Optional.of(new Held(entered, bytes)) : Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    } finally {
      if (!held) {
        taken.forEach(block -> block.room.release(bytes));
        leave(entered);
      }
    }
  }

  private static boolean take(Semaphore room, int bytes, long giveUp) throws InterruptedException {
    return room.tryAcquire(bytes, giveUp - System.nanoTime(), TimeUnit.NANOSECONDS);
  }

  private List<Block> enter(String client) {
    return AddressBlock.around(client).stream()
        .map(around -> blocks.compute(around.name(), (name, known) -> {
          Block block = known == null ? new Block(name, share * around.times()) : known;
          block.users++;
          return block;
        }))
        .toList();
  }

  private void leave(List<Block> entered) {
    entered.forEach(
        one -> blocks.computeIfPresent(one.name, (_, block) -> --block.users == 0 ? null : block));
  }

  /** The free bytes. */
  int free() {
    return all.availablePermits();
  }

  /** The number of address blocks whose clients hold or await memory. */
  int clients() {
    return blocks.size();
  }

  /** Acquired memory, which is held until this is closed. */
  public final class Held implements AutoCloseable {
    private final List<Block> entered;
    private final AtomicInteger bytes;

    private Held(List<Block> entered, int bytes) {
      this.entered = entered;
      this.bytes = new AtomicInteger(bytes);
    }

    int bytes() {
      return bytes.get();
    }

    /** Gives back the memory beyond this size. */
    public void shrinkTo(int less) {
      int before = bytes.getAndUpdate(now -> Math.min(now, less));
      give(before - Math.min(before, less));
    }

    private void give(int back) {
      if (back > 0) {
        all.release(back);
        entered.forEach(block -> block.room.release(back));
      }
    }

    /** Gives back all of it; a second call does nothing. */
    @Override
    public void close() {
      int before = bytes.getAndSet(-1);
      if (before < 0) {
        return;
      }
      give(before);
      leave(entered);
    }
  }
}

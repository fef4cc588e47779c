package parlour.redis;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import parlour.Limits;
import redis.clients.jedis.Protocol.Command;

/**
 * The channels of the conversations and accounts that this node follows. A channel stays subscribed
 * for a while after its last use, so that a client that polls again costs Redis nothing.
 */
final class FollowedChannels {
  private final int limit;
  private final Duration linger;
  private final ConcurrentHashMap<String, Use> uses = new ConcurrentHashMap<>();
  private final BlockingQueue<String> added;

  /** The use of one channel. */
  private static final class Use {
    volatile long last = System.nanoTime();
    volatile boolean isSubscribed;
    /** A message has arrived since the subscription. */
    volatile boolean isReceiving;
  }

  /**
   * @param limit the number of channels
   * @param linger how long a channel stays subscribed after its last use
   */
  FollowedChannels(int limit, Duration linger) {
    this.limit = limit;
    this.linger = linger;
    this.added = new ArrayBlockingQueue<>(limit);
  }

  /** Follows a channel; does nothing if there are too many. */
  void follow(String channel) {
    boolean isKnown = uses.computeIfPresent(channel, (_, use) -> {
          use.last = System.nanoTime();
          return use;
        })
        != null;
    if (isKnown || uses.mappingCount() >= limit) {
      return;
    }
    boolean isNew = uses.putIfAbsent(channel, new Use()) == null;
    if (isNew && !added.offer(channel)) {
      uses.remove(channel);
    }
  }

  /** Whether every message on this channel arrives. */
  boolean isSubscribed(String channel) {
    Use use = uses.get(channel);
    return use != null && use.isSubscribed;
  }

  /**
   * Records that Redis has confirmed a subscription.
   *
   * @return whether messages on this channel arrive only since now
   */
  boolean confirmed(String channel) {
    Use use = uses.get(channel);
    if (use == null || use.isSubscribed) {
      return false;
    }
    use.isSubscribed = true;
    return true;
  }

  /** Records that a message has arrived on a channel. */
  void received(String channel) {
    Use use = uses.get(channel);
    if (use != null) {
      use.isReceiving = use.isSubscribed;
    }
  }

  /**
   * Whether a message has arrived on this channel since its subscription. Then every message that is
   * sent to it now arrives, also one whose copy on another channel arrives first.
   */
  boolean isReceiving(String channel) {
    Use use = uses.get(channel);
    return use != null && use.isReceiving;
  }

  /** Records that the connection was lost. */
  void lost() {
    uses.values().forEach(use -> {
      use.isSubscribed = false;
      use.isReceiving = false;
    });
  }

  /** The number of channels. */
  int size() {
    return uses.size();
  }

  /** Subscribes and unsubscribes on a connection until the thread is interrupted. */
  void sendTo(RedisConnection connection) throws InterruptedException {
    added.clear(); // before they are listed: a channel that is added meanwhile is sent twice
    send(Command.SUBSCRIBE, List.copyOf(uses.keySet()), connection);
    long sweepAt = System.nanoTime() + linger.toNanos();
    while (true) {
      List<String> channels = new ArrayList<>();
      Optional.ofNullable(added.poll(sweepAt - System.nanoTime(), TimeUnit.NANOSECONDS))
          .ifPresent(channels::add);
      added.drainTo(channels);
      channels.removeIf(channel -> !uses.containsKey(channel)); // it was removed meanwhile
      send(Command.SUBSCRIBE, channels, connection);
      if (System.nanoTime() - sweepAt >= 0) {
        send(Command.UNSUBSCRIBE, removeUnused(), connection);
        sweepAt = System.nanoTime() + linger.toNanos();
      }
    }
  }

  /** Sends one command for each part of the list, each short enough for a socket's buffer. */
  private static void send(Command command, List<String> channels, RedisConnection connection) {
    for (int i = 0; i < channels.size(); i += Limits.REDIS_BATCH) {
      int end = Math.min(channels.size(), i + Limits.REDIS_BATCH);
      connection.sendNow(command, channels.subList(i, end).toArray(String[]::new));
    }
  }

  private List<String> removeUnused() {
    List<String> removed = new ArrayList<>();
    long now = System.nanoTime();
    for (String channel : uses.keySet()) {
      boolean isUsed =
          uses.computeIfPresent(channel, (_, use) -> now - use.last < linger.toNanos() ? use : null)
              != null;
      if (!isUsed) {
        removed.add(channel);
      }
    }
    return removed;
  }
}

package parlour.redis;

import java.security.SecureRandom;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import parlour.Limits;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisException;

/**
 * Receives messages on one connection, on which a second thread subscribes to the followed channels. This process's own heartbeat must arrive on it; otherwise
 * the read times out, and the thread reconnects.
 */
final class RedisSubscriber extends RedisThread {
  private final String[] channels;
  private final FollowedChannels followed;
  private final BiConsumer<String, String> onMessage;
  private final Consumer<String> onFollowed;
  private final Runnable onMissed;
  private volatile boolean isSubscribed;

  /**
   * @param channels are always subscribed
   * @param followed are subscribed after these
   * @param onMessage receives the channel and the text
   * @param onFollowed receives a followed channel whose messages arrive from now on
   * @param onMissed runs when messages may have been missed, and when they may be missed from now
   *     on
   */
  RedisSubscriber(
      RedisAddress address,
      RedisOutage outage,
      List<String> channels,
      FollowedChannels followed,
      BiConsumer<String, String> onMessage,
      Consumer<String> onFollowed,
      Runnable onMissed,
      SecureRandom random) {
    super(address, outage, "subscriber", Limits.REDIS_SILENCE, random);
    this.channels = channels.toArray(String[]::new);
    this.followed = followed;
    this.onMessage = onMessage;
    this.onFollowed = onFollowed;
    this.onMissed = onMissed;
  }

  boolean isSubscribed() {
    return isSubscribed;
  }

  @Override
  void serve(RedisConnection connection) throws InterruptedException {
    connection.sendNow(Command.SUBSCRIBE, channels);
    Thread sender = Thread.ofVirtual().name("redis: followed channels").start(() -> {
      try {
        followed.sendTo(connection);
      } catch (InterruptedException | JedisException e) {
        connection.close(); // the connection is over: the receiver reports it
      }
    });
    try {
      receive(connection);
    } finally {
      connection.close(); // ends a write that waits
      sender.interrupt();
      sender.join();
    }
  }

  private void receive(RedisConnection connection) {
    Set<String> missing = new HashSet<>(List.of(channels));
    while (!isClosed()) {
      if (!(connection.receive() instanceof List<?> push) || push.size() < 3) {
        continue;
      }
      String channel = RedisPublisher.text(push.get(1));
      switch (RedisPublisher.text(push.get(0))) {
        case "subscribe" -> {
          if (missing.remove(channel) && missing.isEmpty()) {
            isSubscribed = true;
            works();
            onMissed.run();
          } else if (followed.confirmed(channel)) {
            onFollowed.accept(channel);
          }
        }
        case "message" -> onMessage.accept(channel, RedisPublisher.text(push.get(2)));
        default -> {} // other pushes are ignored
      }
    }
  }

  @Override
  void lost() {
    boolean was = isSubscribed;
    isSubscribed = false;
    followed.lost();
    if (was) {
      onMissed.run();
    }
  }
}

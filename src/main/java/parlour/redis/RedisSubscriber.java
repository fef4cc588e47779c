package parlour.redis;

import java.security.SecureRandom;
import java.util.List;
import java.util.function.BiConsumer;
import parlour.Limits;
import redis.clients.jedis.Protocol.Command;

/**
 * Receives messages on one connection. This process's own heartbeat must arrive on it; otherwise
 * the read times out, and the thread reconnects.
 */
final class RedisSubscriber extends RedisThread {
  private final String[] channels;
  private final BiConsumer<String, String> onMessage;
  private final Runnable onMissed;
  private volatile boolean isSubscribed;

  /**
   * @param onMessage receives the channel and the text
   * @param onMissed runs when messages may have been missed, and when they may be missed from now
   *     on
   */
  RedisSubscriber(
      RedisAddress address,
      RedisOutage outage,
      List<String> channels,
      BiConsumer<String, String> onMessage,
      Runnable onMissed,
      SecureRandom random) {
    super(address, outage, "subscriber", Limits.REDIS_SILENCE, random);
    this.channels = channels.toArray(String[]::new);
    this.onMessage = onMessage;
    this.onMissed = onMissed;
  }

  boolean isSubscribed() {
    return isSubscribed;
  }

  @Override
  void serve(RedisConnection connection) {
    connection.send(Command.SUBSCRIBE, channels);
    int subscribed = 0;
    while (!isClosed()) {
      if (!(connection.next() instanceof List<?> push) || push.size() < 3) {
        continue;
      }
      switch (RedisPublisher.text(push.get(0))) {
        case "subscribe" -> {
          subscribed++;
          if (subscribed == channels.length) {
            isSubscribed = true;
            works();
            onMissed.run();
          }
        }
        case "message" ->
          onMessage.accept(RedisPublisher.text(push.get(1)), RedisPublisher.text(push.get(2)));
        default -> {} // other pushes are ignored
      }
    }
  }

  @Override
  void lost() {
    boolean was = isSubscribed;
    isSubscribed = false;
    if (was) {
      onMissed.run();
    }
  }
}

package parlour.redis;

import java.security.SecureRandom;
import java.util.List;
import java.util.function.BiConsumer;
import parlour.Limits;
import redis.clients.jedis.Protocol.Command;

/** The one connection on which this process listens. It hears its own beat, or it is deaf. */
final class RedisSubscriber extends RedisThread {
  private final String[] channels;
  private final BiConsumer<String, String> onMessage;
  private final Runnable onMissed;
  private volatile boolean listening;

  /**
   * @param onMessage is given the channel and the text
   * @param onMissed when something may have been missed, and when from now on something may be
   */
  RedisSubscriber(
      RedisAddress address,
      RedisOutage outage,
      List<String> channels,
      BiConsumer<String, String> onMessage,
      Runnable onMissed,
      SecureRandom random) {
    super(address, outage, "listening", Limits.REDIS_SILENCE, random);
    this.channels = channels.toArray(String[]::new);
    this.onMessage = onMessage;
    this.onMissed = onMissed;
  }

  boolean isListening() {
    return listening;
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
            listening = true;
            works();
            onMissed.run();
          }
        }
        case "message" ->
          onMessage.accept(RedisPublisher.text(push.get(1)), RedisPublisher.text(push.get(2)));
        default -> {} // nothing else was asked for
      }
    }
  }

  @Override
  void lost() {
    boolean was = listening;
    listening = false;
    if (was) {
      onMissed.run();
    }
  }
}

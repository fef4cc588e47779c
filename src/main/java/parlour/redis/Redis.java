package parlour.redis;

import java.security.SecureRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import parlour.Limits;
import parlour.RandomHex;
import parlour.notices.BusEvent;
import parlour.notices.EventBus;
import parlour.rates.RateLimiter;
import redis.clients.jedis.exceptions.JedisException;

/**
 * This process's part of a Redis or Valkey: it speaks on one connection and listens on another.
 *
 * <p>Whether Redis is there is no condition of anything: a process starts without it, works on
 * without it, and connects again by itself.
 */
public final class Redis implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Redis.class);

  private final RedisPublisher publisher;
  private final RedisEventBus events;

  public static Redis start(RedisAddress address, SecureRandom random) {
    Redis redis = new Redis(address, random);
    redis.publisher.start();
    redis.events.subscriber().start();
    return redis;
  }

  private Redis(RedisAddress address, SecureRandom random) {
    String node = RandomHex.next(random, 8);
    RedisOutage outage = new RedisOutage(address);
    publisher = new RedisPublisher(
        address, outage, RedisEventBus.HEARTBEAT, RedisEventBus.EVENTS_MISSED, node, random);
    events = new RedisEventBus(address, outage, publisher, node, random);
  }

  /**
   * Publishes, from now on, the installation of this process and a digest of its internal secret.
   * Warns when another process of the installation has another secret: each of them then counts
   * rate limits for itself, and neither can call the other.
   */
  public void announce(String installation, String secret) {
    String digest = RedisRateLimiter.digest(secret, "announced to " + installation);
    events.announce(installation, digest);
    publisher.announce(installation + " " + digest);
  }

  public EventBus eventBus() {
    return events;
  }

  /**
   * @param near where calls are counted while Redis does not answer
   * @param secret known to every node and to nobody else
   */
  public RateLimiter rateLimiter(RateLimiter near, String secret) {
    return new RedisRateLimiter(publisher, near, secret);
  }

  /** Notices that were not sent, because too many waited or Redis was away. */
  public long dropped() {
    return publisher.dropped();
  }

  /** Messages on our channels that were dropped, because no version of Parlour sends them. */
  public long ignored() {
    return events.ignored();
  }

  /** For a program that ends at once. When it does not work, the nodes look by themselves later. */
  public static void publishOnce(RedisAddress address, BusEvent event) {
    try (RedisConnection connection =
        new RedisConnection(address, (int) Limits.REDIS_READ_TIMEOUT.toMillis())) {
      RedisEventBus.publishOnce(connection, event);
    } catch (JedisException e) {
      log.debug("redis {} was not told: {}", address, e.getMessage());
    }
  }

  @Override
  public void close() {
    publisher.close();
    events.subscriber().close();
    if (dropped() > 0) {
      log.info("redis: {} notices were not sent", dropped());
    }
  }
}

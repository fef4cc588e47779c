package parlour.redis;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import parlour.InternalSecrets;
import parlour.Limits;
import parlour.RandomHex;
import parlour.events.BusEvent;
import parlour.events.EventBus;
import parlour.proof.Nonces;
import parlour.rates.RateLimiter;
import parlour.rates.StrictestRateLimiter;
import redis.clients.jedis.exceptions.JedisException;

/**
 * The connections of this process to Redis or Valkey: one that sends, and one that receives events.
 *
 * <p>Redis is optional at any time: a process starts and works without it, and reconnects by
 * itself.
 */
public final class Redis implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Redis.class);

  private final RedisPublisher publisher;
  private final RedisEventBus events;

  public static Redis start(RedisAddress address, SecureRandom random) {
    return start(address, random, Limits.REDIS_TIMEOUT, Limits.REDIS_READ_TIMEOUT);
  }

  /**
   * @param timeout the longest wait of a call
   * @param readTimeout the time without an answer after which the sending connection is closed
   */
  static Redis start(
      RedisAddress address, SecureRandom random, Duration timeout, Duration readTimeout) {
    return start(
        address,
        random,
        timeout,
        readTimeout,
        new FollowedChannels(Limits.REDIS_FOLLOWED, Limits.REDIS_LINGER));
  }

  static Redis start(
      RedisAddress address,
      SecureRandom random,
      Duration timeout,
      Duration readTimeout,
      FollowedChannels followed) {
    Redis redis = new Redis(address, random, timeout, readTimeout, followed);
    redis.publisher.start();
    redis.events.subscriber().start();
    return redis;
  }

  private Redis(
      RedisAddress address,
      SecureRandom random,
      Duration timeout,
      Duration readTimeout,
      FollowedChannels followed) {
    String node = RandomHex.next(random, 8);
    RedisOutage outage = new RedisOutage(address);
    publisher = new RedisPublisher(
        address,
        outage,
        RedisEventBus.HEARTBEAT,
        RedisEventBus.EVENTS_MISSED,
        node,
        random,
        timeout,
        readTimeout);
    events = new RedisEventBus(address, outage, publisher, followed, node, random);
  }

  /**
   * Publishes the installation of this process and a digest of its internal secret with each
   * heartbeat from now on. Warns if another process of the installation sends an unknown one: then
   * each of them counts rates alone, and they cannot call each other.
   */
  public void announce(String installation, InternalSecrets secrets) {
    List<String> digests =
        secrets.derived(secret -> RedisRateLimiter.digest(secret, "announced to " + installation));
    events.announce(installation, digests);
    publisher.announce(installation + " " + digests.getFirst());
  }

  public EventBus eventBus() {
    return events;
  }

  /** Whether events arrive from other processes, and this process can publish to them. */
  public boolean isConnected() {
    return events.isConnected();
  }

  /** As below. While the secret is changed, each call is counted under both names. */
  public RateLimiter rateLimiter(RateLimiter local, InternalSecrets secrets) {
    RateLimiter sent = rateLimiter(local, secrets.sent());
    return secrets
        .other()
        .<RateLimiter>map(
            other -> new StrictestRateLimiter(sent, rateLimiter(RateLimiter.UNLIMITED, other)))
        .orElse(sent);
  }

  /**
   * @param local counts while Redis does not answer
   * @param secret the same on every node
   */
  public RateLimiter rateLimiter(RateLimiter local, String secret) {
    return new RedisRateLimiter(publisher, local, secret);
  }

  /** As below. While the secret is changed, each nonce is remembered under both names. */
  public Nonces nonces(Nonces local, InternalSecrets secrets) {
    Nonces named = secrets.other().map(other -> nonces(local, other)).orElse(local);
    return nonces(named, secrets.sent());
  }

  /**
   * @param local knows what this node saw, and decides while Redis does not answer
   * @param secret the same on every node
   */
  public Nonces nonces(Nonces local, String secret) {
    return new RedisNonces(publisher, local, secret);
  }

  /**
   * The number of events that were not sent, because the queue was full or Redis did not answer.
   */
  public long dropped() {
    return publisher.dropped();
  }

  /** How many groups of commands Redis has answered. */
  public long roundTrips() {
    return publisher.roundTrips();
  }

  /** The time until the answers of these groups, in seconds, together. */
  public double roundTripSeconds() {
    return publisher.roundTripNanos() / 1e9;
  }

  /** The number of commands that failed or were answered too late. */
  public long failures() {
    return publisher.failures();
  }

  /** The number of received messages that were dropped, because Parlour does not send such. */
  public long ignored() {
    return events.ignored();
  }

  /** The number of conversations and accounts whose events this process receives. */
  public int followed() {
    return events.followed();
  }

  /**
   * Publishes one event from a command. If that fails, the nodes find the change when they poll.
   */
  public static void publishOnce(RedisAddress address, BusEvent event) {
    try (RedisConnection connection =
        new RedisConnection(address, (int) Limits.REDIS_READ_TIMEOUT.toMillis())) {
      RedisEventBus.publishOnce(connection, event);
    } catch (JedisException e) {
      log.debug("redis {}: the event was not published: {}", address, e.getMessage());
    }
  }

  @Override
  public void close() {
    publisher.close();
    events.subscriber().close();
    if (dropped() > 0) {
      log.info("redis: {} events were not sent", dropped());
    }
  }
}

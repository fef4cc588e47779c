package parlour.redis;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import parlour.Limits;
import parlour.Sha256;
import parlour.rates.Rate;
import parlour.rates.RateLimiter;

/** Buckets that all nodes share; and each its own, while Redis does not answer. */
final class RedisRateLimiter implements RateLimiter {
  private static final int DIGEST_BYTES = 16;
  private static final long WINDOW = TimeUnit.NANOSECONDS.toMicros(Limits.RATE_WINDOW.toNanos());

  private final RedisPublisher publisher;
  private final RateLimiter near;
  private final byte[] key;
  private final Cache<String, Usage> usages = Caffeine.newBuilder()
      .maximumSize(Limits.REDIS_USAGES)
      .expireAfterAccess(Limits.RATE_WINDOW)
      .build();

  /**
   * @param secret the same on every node: under it addresses and sids are digested, which must not
   *     be found in Redis
   */
  RedisRateLimiter(RedisPublisher publisher, RateLimiter near, String secret) {
    this.publisher = publisher;
    this.near = near;
    this.key = Sha256.keyed(secret.getBytes(StandardCharsets.UTF_8), "rates");
  }

  /** A digest of a text under the secret, in hex: half of it, as for all names in Redis. */
  static String digest(String secret, String text) {
    return digest(secret.getBytes(StandardCharsets.UTF_8), text);
  }

  private static String digest(byte[] key, String text) {
    return HexFormat.of().formatHex(Sha256.keyed(key, text), 0, DIGEST_BYTES);
  }

  @Override
  public Optional<Duration> tryAcquire(Rate rate, String whose, int drops) {
    String key = key(rate, whose);
    double cost = (double) WINDOW * drops / rate.calls();
    return isOrdinary(rate, key, cost) ? Optional.empty() : acquire(rate, whose, drops, key, cost);
  }

  /**
   * Whether so little of the bucket is known to be used that the call need not wait for Redis: it is
   * counted there without waiting for the answer, which the next calls go by. So an ordinary call
   * waits for no round trip, however many limits it has; a flood soon waits at each call, and no
   * more than a fraction of a bucket for each node passes before that.
   */
  private boolean isOrdinary(Rate rate, String key, double cost) {
    if (rate.isAgainstGuessing()) {
      return false;
    }
    Usage usage = Objects.requireNonNull(usages.get(key, _ -> new Usage()));
    if (!usage.takes((long) cost, WINDOW / Limits.REDIS_ORDINARY_PART)) {
      return false;
    }
    Optional<CompletableFuture<Long>> answer = publisher.acquireLater(key, cost, WINDOW);
    answer.ifPresent(later -> {
      var _ = later.thenAccept(usage::learn); // a lost connection teaches nothing
    });
    return answer.isPresent();
  }

  private Optional<Duration> acquire(Rate rate, String whose, int drops, String key, double cost) {
    OptionalLong answer = publisher.acquire(key, cost, WINDOW);
    if (answer.isEmpty()) {
      return near.tryAcquire(rate, whose, drops);
    }
    return answer.getAsLong() <= 0
        ? Optional.empty()
        : Optional.of(Duration.of(answer.getAsLong(), ChronoUnit.MICROS));
  }

  /**
   * How much of a bucket is used, as far as this node knows: never more than is used, for it counts
   * its own calls, and what Redis said of all. Safe for use by several threads.
   */
  private static final class Usage {
    private long fullAt = micros();

    /** Counts a call, unless more than a part of the window would be used then. */
    synchronized boolean takes(long cost, long part) {
      long now = micros();
      long used = Math.max(0, fullAt - now) + cost;
      if (used > part) {
        return false;
      }
      fullAt = now + used;
      return true;
    }

    /** The answer of {@link RedisPublisher#acquire}: a refusal says that all is used. */
    synchronized void learn(long answer) {
      fullAt = Math.max(fullAt, micros() + (answer > 0 ? WINDOW : -answer));
    }

    private static long micros() {
      return TimeUnit.NANOSECONDS.toMicros(System.nanoTime());
    }
  }

  private String key(Rate rate, String whose) {
    return "parlour:1:rate:%s:%s"
        .formatted(rate.name().toLowerCase(Locale.ROOT).replace('_', '-'), digest(key, whose));
  }
}

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
import parlour.rates.Bucket;
import parlour.rates.Rate;
import parlour.rates.RateLimiter;

/**
 * Keeps the buckets in Redis, so that all nodes count together. While Redis does not answer, each
 * node counts by itself.
 */
final class RedisRateLimiter implements RateLimiter {
  private static final int DIGEST_BYTES = 16;
  private static final long ORDINARY_PART_NANOS =
      Limits.RATE_WINDOW.dividedBy(Limits.REDIS_ORDINARY_PART).toNanos();

  private final RedisPublisher publisher;
  private final RateLimiter local;
  private final byte[] key;
  private final Cache<String, Bucket> knownUse = Caffeine.newBuilder()
      .maximumSize(Limits.REDIS_USAGES)
      .expireAfterAccess(Limits.RATE_WINDOW)
      .build();

  /**
   * @param local counts while Redis does not answer
   * @param secret the same on every node; addresses and sids are stored in Redis only as digests
   *     under it
   */
  RedisRateLimiter(RedisPublisher publisher, RateLimiter local, String secret) {
    this.publisher = publisher;
    this.local = local;
    this.key = Sha256.keyed(secret.getBytes(StandardCharsets.UTF_8), "rates");
  }

  /** The digest of a text under the secret: 16 bytes in hex, as in all names in Redis. */
  static String digest(String secret, String text) {
    return digest(secret.getBytes(StandardCharsets.UTF_8), text);
  }

  private static String digest(byte[] key, String text) {
    return HexFormat.of().formatHex(Sha256.keyed(key, text), 0, DIGEST_BYTES);
  }

  @Override
  public Optional<Duration> tryAcquire(Rate rate, String whose, int drops) {
    String key = key(rate, whose);
    return isOrdinary(rate, key, drops) ? Optional.empty() : acquire(rate, whose, key, drops);
  }

  /**
   * Counts an ordinary call in Redis without waiting for the answer. A call is ordinary while this
   * node knows of so little use of the bucket that the bucket cannot be empty, by its own calls and
   * by the answers to them. So a guest's call waits for no round trip, however many limits it has.
   * A flood soon waits for each answer; before that, each node admits at most a part of a bucket.
   */
  private boolean isOrdinary(Rate rate, String key, int drops) {
    if (rate.isExact()) {
      return false;
    }
    Bucket known = Objects.requireNonNull(knownUse.get(key, _ -> new Bucket(System.nanoTime())));
    if (known.tryAcquire(System.nanoTime(), rate.refillNanos(drops), ORDINARY_PART_NANOS) > 0) {
      return false;
    }
    Optional<CompletableFuture<Long>> answer =
        publisher.acquireLater(key, rate.refillMicros(drops), rate.windowMicros());
    answer.ifPresent(later -> {
      var _ = later.thenAccept(used -> learn(rate, known, used)); // never if the connection is lost
    });
    return answer.isPresent();
  }

  /** @param answer of {@link RedisPublisher#acquire}; a refusal means that the bucket is empty */
  private static void learn(Rate rate, Bucket known, long answer) {
    long used = answer > 0 ? rate.windowMicros() : -answer;
    known.use(System.nanoTime(), TimeUnit.MICROSECONDS.toNanos(used));
  }

  private Optional<Duration> acquire(Rate rate, String whose, String key, int drops) {
    OptionalLong answer = publisher.acquire(key, rate.refillMicros(drops), rate.windowMicros());
    if (answer.isEmpty()) {
      return local.tryAcquire(rate, whose, drops);
    }
    return answer.getAsLong() <= 0
        ? Optional.empty()
        : Optional.of(Duration.of(answer.getAsLong(), ChronoUnit.MICROS));
  }

  private String key(Rate rate, String whose) {
    return "parlour:1:rate:%s:%s"
        .formatted(rate.name().toLowerCase(Locale.ROOT).replace('_', '-'), digest(key, whose));
  }
}

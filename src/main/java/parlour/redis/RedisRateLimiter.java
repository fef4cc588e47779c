package parlour.redis;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import parlour.Durations;
import parlour.Limits;
import parlour.Sha256;
import parlour.rates.Bucket;
import parlour.rates.Rate;
import parlour.rates.RateLimiter;

/**
 * Keeps the buckets in Redis, so that all nodes count together, except for the small use that each
 * node keeps to itself. While Redis does not answer, each node counts by itself.
 */
final class RedisRateLimiter implements RateLimiter {
  private static final int DIGEST_BYTES = 16;
  private static final long ORDINARY_PART_NANOS =
      Durations.part(Limits.RATE_WINDOW, Limits.REDIS_ORDINARY_PART).toNanos();
  private static final long UNREPORTED_PART_NANOS =
      Durations.part(Limits.RATE_WINDOW, Limits.REDIS_UNREPORTED_PART).toNanos();

  private final RedisPublisher publisher;
  private final RateLimiter local;
  private final byte[] key;
  private final Cache<Counted, Use> uses = Caffeine.newBuilder()
      .maximumSize(Limits.REDIS_USES)
      .expireAfterAccess(Limits.RATE_WINDOW)
      .build();

  /** A bucket: a rate, and the address, key, session or name whose calls it counts. */
  private record Counted(Rate rate, String whose) {}

  /**
   * The use of a bucket, as this node knows it.
   *
   * @param known its own use, and that of the others as far as Redis has said it
   * @param unreported the part of its own use that Redis does not know
   */
  private record Use(Bucket known, Bucket unreported) {
    static Use none() {
      long now = System.nanoTime();
      return new Use(new Bucket(now), new Bucket(now));
    }

    void giveBack(long cost) {
      long now = System.nanoTime();
      known.giveBack(now, cost);
      unreported.giveBack(now, cost);
    }
  }

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
    return Sha256.keyedHex(key, text, DIGEST_BYTES);
  }

  @Override
  public Optional<Duration> tryAcquire(Rate rate, String whose, int drops) {
    return switch (reserve(rate, whose, drops)) {
      case Reserved.Refused(Duration wait) -> Optional.of(wait);
      case Reserved.Taken _ -> Optional.empty();
    };
  }

  /**
   * Drops of an ordinary call are given back to this node's count only. Redis may not have counted
   * them, because it refuses a report to an empty bucket.
   */
  @Override
  public Reserved reserve(Rate rate, String whose, int drops) {
    Counted counted = new Counted(rate, whose);
    if (rate.isExact()) {
      return acquire(counted, Use.none(), drops);
    }
    Use use = Objects.requireNonNull(uses.get(counted, _ -> Use.none()));
    if (drops == 1 && isOrdinary(counted, use, rate.refillNanos(1))) {
      return (Reserved.Taken) unused -> use.giveBack(rate.refillNanos(unused));
    }
    var _ = report(counted, use, 0);
    return acquire(counted, use, drops);
  }

  /**
   * Admits an ordinary call without waiting for Redis. A call of one drop is ordinary while this
   * node knows of so little use of the bucket that the bucket cannot be empty, by its own calls and
   * by what Redis has answered. So a guest's call waits for no round trip, however many limits it
   * has, and mostly causes none. A flood soon waits for each answer; before that, each node admits
   * at most a part of a bucket.
   */
  private boolean isOrdinary(Counted counted, Use use, long cost) {
    long now = System.nanoTime();
    if (use.known().tryAcquire(now, cost, ORDINARY_PART_NANOS) > 0 || !publisher.isAnswering()) {
      return false;
    }
    return use.unreported().tryAcquire(now, cost, UNREPORTED_PART_NANOS) == 0
        || report(counted, use, cost);
  }

  /**
   * Reports to Redis what it does not know of this node's use, without waiting for the answer.
   *
   * @param more use that is reported with it, in nanoseconds of refilling
   * @return false if nothing can be sent now
   */
  private boolean report(Counted counted, Use use, long more) {
    long used = use.unreported().fill(System.nanoTime());
    if (used + more == 0) {
      return true;
    }
    Rate rate = counted.rate();
    Optional<CompletableFuture<Long>> answer = publisher.acquireLater(
        key(counted), TimeUnit.NANOSECONDS.toMicros(used + more), rate.windowMicros());
    answer.ifPresentOrElse(
        later -> {
          // never answered if the connection is lost
          var _ = later.thenAccept(said -> learn(rate, use.known(), said));
        },
        () -> use.unreported().use(System.nanoTime(), used));
    return answer.isPresent();
  }

  /** @param answer of {@link RedisPublisher#acquire}; a refusal means that the bucket is empty */
  private static void learn(Rate rate, Bucket known, long answer) {
    long used = answer > 0 ? rate.windowMicros() : -answer;
    known.use(System.nanoTime(), TimeUnit.MICROSECONDS.toNanos(used));
  }

  private Reserved acquire(Counted counted, Use use, int drops) {
    Rate rate = counted.rate();
    OptionalLong answer =
        publisher.acquire(key(counted), rate.refillMicros(drops), rate.windowMicros());
    if (answer.isEmpty()) {
      return local.reserve(rate, counted.whose(), drops);
    }
    if (answer.getAsLong() > 0) {
      return new Reserved.Refused(Duration.of(answer.getAsLong(), ChronoUnit.MICROS));
    }
    learn(rate, use.known(), answer.getAsLong());
    return (Reserved.Taken) unused -> {
      use.known().giveBack(System.nanoTime(), rate.refillNanos(unused));
      var _ = publisher.acquireLater(key(counted), -rate.refillMicros(unused), rate.windowMicros());
    };
  }

  private String key(Counted counted) {
    String rate = counted.rate().name().toLowerCase(Locale.ROOT).replace('_', '-');
    return "parlour:1:rate:" + rate + ":" + digest(key, counted.whose());
  }
}

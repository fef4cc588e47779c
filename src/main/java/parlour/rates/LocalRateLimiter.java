package parlour.rates;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.ConsumptionProbe;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import parlour.Limits;

/** Buckets in memory: of this process, and for minutes only. */
public final class LocalRateLimiter implements RateLimiter {
  private final Map<Rate.Scope, Cache<Counted, Bucket>> buckets = new EnumMap<>(Rate.Scope.class);

  private record Counted(String whose, Rate rate) {}

  public LocalRateLimiter() {
    for (Rate.Scope of : Rate.Scope.values()) {
      buckets.put(
          of,
          Caffeine.newBuilder()
              .maximumSize(of.countedAtOnce())
              .expireAfterAccess(Limits.RATE_WINDOW.multipliedBy(2))
              .build());
    }
  }

  @Override
  public Optional<Duration> tryAcquire(Rate rate, String whose, int drops) {
    Bucket bucket = Objects.requireNonNull(buckets.get(rate.of()))
        .get(new Counted(whose, rate), unseen -> full(rate));
    ConsumptionProbe probe = bucket.tryConsumeAndReturnRemaining(drops);
    return probe.isConsumed()
        ? Optional.empty()
        : Optional.of(Duration.ofNanos(probe.getNanosToWaitForRefill()));
  }

  private static Bucket full(Rate rate) {
    return Bucket.builder()
        .withNanosecondPrecision() // by uptime: if a clock is set back, no bucket fills
        .addLimit(
            limit -> limit.capacity(rate.calls()).refillGreedy(rate.calls(), Limits.RATE_WINDOW))
        .build();
  }
}

package parlour.starship;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.ConsumptionProbe;
import java.time.Duration;
import java.util.Optional;
import parlour.Limits;

/** How often one client address may call, in memory and for minutes only. */
final class RateLimits {
  private static final Duration MINUTE = Duration.ofMinutes(1);

  private final Cache<Counted, Bucket> buckets = Caffeine.newBuilder()
      .maximumSize(Limits.CLIENT_BUCKETS)
      .expireAfterAccess(MINUTE.multipliedBy(2))
      .build();

  private record Counted(String client, Rate rate) {}

  /** Counts a call; the time to wait when it is one too many. */
  Optional<Duration> tooMany(String client, Rate rate) {
    Bucket bucket = buckets.get(new Counted(client, rate), unseen -> perMinute(rate.perMinute()));
    ConsumptionProbe probe = bucket.tryConsumeAndReturnRemaining(1);
    return probe.isConsumed()
        ? Optional.empty()
        : Optional.of(Duration.ofNanos(probe.getNanosToWaitForRefill()));
  }

  private static Bucket perMinute(int calls) {
    return Bucket.builder()
        .addLimit(limit -> limit.capacity(calls).refillGreedy(calls, MINUTE))
        .build();
  }
}

package parlour.starship;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.ConsumptionProbe;
import io.github.bucket4j.EstimationProbe;
import java.time.Duration;
import java.util.Optional;
import parlour.Limits;

/** How often one client address may call, in memory and for minutes only. */
final class RateLimits {
  private static final Duration MINUTE = Duration.ofMinutes(1);

  private final Cache<String, Buckets> clients = Caffeine.newBuilder()
      .maximumSize(Limits.CLIENT_ADDRESSES)
      .expireAfterAccess(MINUTE.multipliedBy(2))
      .build();

  private record Buckets(Bucket creates, Bucket refreshes, Bucket refusals) {}

  /** Counts a call; the time to wait when it is one too many. */
  Optional<Duration> tooMany(String client, WebchatCall call) {
    Buckets buckets = buckets(client);
    EstimationProbe refusals = buckets.refusals().estimateAbilityToConsume(1);
    if (!refusals.canBeConsumed()) {
      return Optional.of(Duration.ofNanos(refusals.getNanosToWaitForRefill()));
    }
    Bucket bucket = switch (call) {
      case INIT -> buckets.creates();
      case REFRESH -> buckets.refreshes();
    };
    ConsumptionProbe probe = bucket.tryConsumeAndReturnRemaining(1);
    return probe.isConsumed()
        ? Optional.empty()
        : Optional.of(Duration.ofNanos(probe.getNanosToWaitForRefill()));
  }

  /** Counts that a client was refused: whoever is refused all the time is asked to wait. */
  void refused(String client) {
    buckets(client).refusals().tryConsume(1);
  }

  private Buckets buckets(String client) {
    return clients.get(
        client,
        unseen -> new Buckets(
            perMinute(Limits.CREATES_PER_MINUTE),
            perMinute(Limits.REFRESHES_PER_MINUTE),
            perMinute(Limits.REFUSALS_PER_MINUTE)));
  }

  private static Bucket perMinute(int calls) {
    return Bucket.builder()
        .addLimit(limit -> limit.capacity(calls).refillGreedy(calls, MINUTE))
        .build();
  }
}

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

  private final Cache<String, Buckets> clients = Caffeine.newBuilder()
      .maximumSize(Limits.CLIENT_ADDRESSES)
      .expireAfterAccess(MINUTE.multipliedBy(2))
      .build();

  private record Buckets(
      Bucket creates, Bucket refreshes, Bucket messages, Bucket signs, Bucket streams) {}

  /** Counts a call; the time to wait when it is one too many. */
  Optional<Duration> tooMany(String client, WebchatCall call) {
    Buckets buckets = buckets(client);
    Bucket bucket = switch (call) {
      case INIT -> buckets.creates();
      case REFRESH -> buckets.refreshes();
      case MESSAGES -> buckets.messages();
      case SIGN -> buckets.signs();
      case STREAM -> buckets.streams();
    };
    ConsumptionProbe probe = bucket.tryConsumeAndReturnRemaining(1);
    return probe.isConsumed()
        ? Optional.empty()
        : Optional.of(Duration.ofNanos(probe.getNanosToWaitForRefill()));
  }

  private Buckets buckets(String client) {
    return clients.get(
        client,
        unseen -> new Buckets(
            perMinute(Limits.CREATES_PER_MINUTE),
            perMinute(Limits.REFRESHES_PER_MINUTE),
            perMinute(Limits.MESSAGES_PER_MINUTE),
            perMinute(Limits.SIGNS_PER_MINUTE),
            perMinute(Limits.STREAMS_PER_MINUTE)));
  }

  private static Bucket perMinute(int calls) {
    return Bucket.builder()
        .addLimit(limit -> limit.capacity(calls).refillGreedy(calls, MINUTE))
        .build();
  }
}

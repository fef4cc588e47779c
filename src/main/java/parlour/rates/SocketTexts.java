package parlour.rates;

import io.github.bucket4j.Bucket;
import io.github.bucket4j.ConsumptionProbe;
import java.time.Duration;
import java.util.Optional;
import parlour.Limits;

/** What one socket may say: a bucket of its own, which goes when the socket does. */
public final class SocketTexts {
  private final Bucket bucket = Bucket.builder()
      .addLimit(limit -> limit
          .capacity(Limits.SOCKET_TEXTS_PER_MINUTE)
          .refillGreedy(Limits.SOCKET_TEXTS_PER_MINUTE, Limits.RATE_WINDOW))
      .build();

  /** Counts a text; the time to wait when it is one too many. */
  public Optional<Duration> tryAcquire() {
    ConsumptionProbe probe = bucket.tryConsumeAndReturnRemaining(1);
    return probe.isConsumed()
        ? Optional.empty()
        : Optional.of(Duration.ofNanos(probe.getNanosToWaitForRefill()));
  }
}

package parlour.rates;

import java.time.Duration;
import java.util.Optional;
import parlour.Durations;
import parlour.Limits;

/** The rate limit for the texts that a client sends on one socket. */
public final class SocketTextLimit {
  private static final long COST =
      Durations.part(Limits.RATE_WINDOW, Limits.SOCKET_TEXTS_PER_MINUTE).toNanos();

  private final Bucket bucket = new Bucket(System.nanoTime());

  /** Counts a text; returns the time to wait if it is one too many. */
  public Optional<Duration> tryAcquire() {
    long wait = bucket.tryAcquire(System.nanoTime(), COST);
    return wait == 0 ? Optional.empty() : Optional.of(Duration.ofNanos(wait));
  }
}

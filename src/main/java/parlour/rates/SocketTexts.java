package parlour.rates;

import java.time.Duration;
import java.util.Optional;
import parlour.Limits;

/** Limits the texts of one socket. */
public final class SocketTexts {
  private static final long COST =
      Limits.RATE_WINDOW.dividedBy(Limits.SOCKET_TEXTS_PER_MINUTE).toNanos();

  private final Bucket bucket = new Bucket(System.nanoTime());

  /** Counts a text; returns the time to wait if it is one too many. */
  public Optional<Duration> tryAcquire() {
    long wait = bucket.tryAcquire(System.nanoTime(), COST);
    return wait == 0 ? Optional.empty() : Optional.of(Duration.ofNanos(wait));
  }
}

package parlour.oidc;

import java.time.Duration;
import java.util.function.LongSupplier;

/** The end of all calls of the provider that one step of a sign-in makes, one after the other. */
final class Deadline {
  private final LongSupplier nanoTime;
  private final long end;

  /**
   * @param nanoTime as {@link System#nanoTime()}
   */
  Deadline(Duration total, LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.end = nanoTime.getAsLong() + total.toNanos();
  }

  /**
   * How long the next call may take.
   *
   * @param max for any call
   * @throws ProviderUnavailable if no time is left
   */
  Duration left(Duration max) {
    long nanos = end - nanoTime.getAsLong();
    if (nanos <= 0) {
      throw new ProviderUnavailable("its answers together took too long");
    }
    return nanos < max.toNanos() ? Duration.ofNanos(nanos) : max;
  }
}

package parlour.oidc;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A document of the provider, which is read again when it is too old, by one caller at a time. */
final class Remembered<T> {
  private final InstantSource clock;
  private final Duration ttl;
  private final Duration wait;
  private final Function<Deadline, T> reader;

  /** Guards no field: lets one caller at a time read, so that others take what it has read. */
  private final ReentrantLock reading = new ReentrantLock();

  private volatile @Nullable Known<T> known;

  private record Known<T>(T value, Instant read) {}

  /**
   * @param wait the longest for the call of another caller
   * @param reader throws {@link ProviderUnavailable}
   */
  Remembered(InstantSource clock, Duration ttl, Duration wait, Function<Deadline, T> reader) {
    this.clock = clock;
    this.ttl = ttl;
    this.wait = wait;
    this.reader = reader;
  }

  T get(Deadline deadline) {
    return newerThan(ttl, deadline);
  }

  /** The document as it was read within this time, or now. */
  T newerThan(Duration age, Deadline deadline) {
    Known<T> now = known;
    if (now != null && isFresh(now, age)) {
      return now.value();
    }
    try {
      if (!reading.tryLock(deadline.left(wait).toNanos(), TimeUnit.NANOSECONDS)) {
        throw new ProviderUnavailable("another call waits for it already");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ProviderUnavailable("this process is stopping");
    }
    try {
      Known<T> meanwhile = known;
      if (meanwhile != null && isFresh(meanwhile, age)) {
        return meanwhile.value();
      }
      T value = reader.apply(deadline);
      known = new Known<>(value, clock.instant());
      return value;
    } finally {
      reading.unlock();
    }
  }

  /** A document from the future was read while the clock was ahead. */
  private boolean isFresh(Known<T> one, Duration age) {
    Instant now = clock.instant();
    return now.isBefore(one.read().plus(age)) && !now.isBefore(one.read());
  }
}

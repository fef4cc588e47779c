package parlour.rates;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.LongSupplier;
import parlour.Durations;

/** Keeps the buckets in the memory of this process, each for twice its window only. */
public final class LocalRateLimiter implements RateLimiter {
  private final Map<Rate.Scope, Cache<Counted, Bucket>> buckets = new EnumMap<>(Rate.Scope.class);
  private final LongSupplier nanos;
  private final Function<Counted, Bucket> newBucket;

  private record Counted(String whose, Rate rate) {}

  public LocalRateLimiter() {
    this(System::nanoTime); // not the wall clock, which an operator can set
  }

  /**
   * @param nanos a clock that only ever moves forward, of any origin
   */
  public LocalRateLimiter(LongSupplier nanos) {
    this.nanos = nanos;
    this.newBucket = counted -> new Bucket(
        nanos.getAsLong(), TimeUnit.MICROSECONDS.toNanos(counted.rate().windowMicros()));
    for (Rate.Scope of : Rate.Scope.values()) {
      buckets.put(
          of,
          Caffeine.newBuilder()
              .maximumSize(of.countedAtOnce())
              .expireAfterAccess(Durations.times(of.window(), 2))
              .build());
    }
  }

  @Override
  public Optional<Duration> tryAcquire(Rate rate, String whose, int drops) {
    long wait = bucket(rate, whose).tryAcquire(nanos.getAsLong(), rate.refillNanos(drops));
    return wait == 0 ? Optional.empty() : Optional.of(Duration.ofNanos(wait));
  }

  @Override
  public Reserved reserve(Rate rate, String whose, int drops) {
    return Reserved.of(
        tryAcquire(rate, whose, drops),
        unused -> bucket(rate, whose).giveBack(nanos.getAsLong(), rate.refillNanos(unused)));
  }

  private Bucket bucket(Rate rate, String whose) {
    return Objects.requireNonNull(buckets.get(rate.of())).get(new Counted(whose, rate), newBucket);
  }
}

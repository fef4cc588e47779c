package parlour.samples;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import parlour.ClockWatch;
import parlour.Limits;
import parlour.RandomHex;
import parlour.samples.Plot.Combination;

/**
 * Reads the numbers of this process once a minute, beside the calls of guests, and writes them to the
 * store. Samples that cannot be stored wait; if there are too many, the oldest are lost.
 */
public final class Sampler {
  private final List<Source> sources = new CopyOnWriteArrayList<>();
  private final ClockWatch clock;
  private final String process;

  /** The minute that is not sampled yet. */
  @GuardedBy("this")
  private Instant minute;

  /** The totals at the last sample, of those series that count. */
  @GuardedBy("this")
  private final Map<String, Long> totals = new TreeMap<>();

  @GuardedBy("this")
  private final Deque<Sample> waiting = new ArrayDeque<>();

  private record Source(Plot plot, Supplier<? extends Map<String, ? extends Number>> numbers) {}

  public Sampler(ClockWatch clock, SecureRandom random) {
    this.clock = clock;
    process = RandomHex.next(random, 8);
    minute = Span.HOUR.begin(clock.instant());
  }

  /**
   * Samples these numbers from now on.
   *
   * @param numbers by label; of a plot that counts, totals since the start of the process. They are read
   *     from memory
   */
  public void add(Plot plot, Supplier<? extends Map<String, ? extends Number>> numbers) {
    sources.add(new Source(plot, numbers));
  }

  /**
   * Samples the last minute if it is over and the clock is right, and writes the samples that wait. It
   * tries once a minute and not more often if the store is down, because guests use this store.
   * Called every {@link Limits#SAMPLE_CHECK}.
   *
   * @throws parlour.Unavailable if the sink failed
   */
  public synchronized void run(SampleSink sink) {
    if (clock.isInDoubt()) {
      return; // the counts go into the first minute after it
    }
    Instant now = Span.HOUR.begin(clock.instant());
    boolean isOver = now.isAfter(minute);
    minute = now; // earlier than before if the clock was set back
    if (isOver) {
      if (waiting.size() == Limits.SAMPLES_WAITING) {
        waiting.removeFirst();
      }
      waiting.add(sample(now.minus(Span.HOUR.step())));
      sink.store(List.copyOf(waiting));
      waiting.clear();
    }
  }

  @GuardedBy("this")
  private Sample sample(Instant at) {
    Map<String, Long> numbers = new TreeMap<>();
    for (Source source : sources) {
      source.numbers().get().forEach((label, value) -> {
        String series = source.plot().series(label);
        long number = Math.clamp(value.longValue(), 0, Limits.MAX_SAMPLE_NUMBER);
        if (numbers.size() < Limits.SAMPLE_NUMBERS
            && series.length() <= Limits.SAMPLE_NAME_CHARACTERS) {
          numbers.put(series, since(source.plot(), series, number));
        }
      });
    }
    return new Sample(at, process, numbers);
  }

  /** How much a total has grown since the last sample; another number as it is. */
  @GuardedBy("this")
  private long since(Plot plot, String series, long number) {
    if (plot.combination() != Combination.COUNT) {
      return number;
    }
    Long before = totals.put(series, number);
    return Math.max(0, number - (before == null ? 0 : before));
  }
}

package parlour.metrics;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.instrumentation.jvm.JvmMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.Unit;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import parlour.Limits;

/**
 * The numbers that this process publishes, in the text format of Prometheus. They hold no address, no
 * token and no sid but those of deployments, which each page of a site shows. The number of time series
 * is bounded.
 *
 * <p>Calls are counted as they are answered. All other numbers are read when a Prometheus server asks
 * for them. Safe for use by several threads.
 */
public final class Metrics {
  /** Upper bounds in seconds: from a call that reads memory to one that waits for its deadline. */
  private static final double[] BOUNDS = {
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10
  };

  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final PrometheusTextFormatWriter writer = PrometheusTextFormatWriter.create();
  private final LongSupplier nanoTime;

  @GuardedBy("this")
  private boolean hasJvm;

  /** The last text, and when it was made. */
  @GuardedBy("this")
  private byte[] text = {};

  @GuardedBy("this")
  private long textMadeAt;

  private final Counter calls = Counter.builder()
      .name("parlour_calls_total")
      .help("Calls of browsers and servers that the edge answered, by kind and HTTP status.")
      .labelNames("call", "status")
      .withoutExemplars()
      .register(registry);
  private final Counter errors = Counter.builder()
      .name("parlour_call_errors_total")
      .help("Calls that the edge answered with an error, by kind and code.")
      .labelNames("call", "code")
      .withoutExemplars()
      .register(registry);
  private final Histogram durations = Histogram.builder()
      .name("parlour_call_duration_seconds")
      .help("Time from the head of a call to the head of its answer at the edge.")
      .unit(Unit.SECONDS)
      .classicOnly()
      .classicUpperBounds(BOUNDS)
      .labelNames("call")
      .withoutExemplars()
      .register(registry);

  public Metrics() {
    this(System::nanoTime);
  }

  /**
   * @param nanoTime as {@link System#nanoTime()}
   */
  Metrics(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /**
   * Counts a call that was answered.
   *
   * @param call the kind of call, of a fixed set of words
   */
  public void answered(String call, int status, Duration duration) {
    calls.labelValues(call, Integer.toString(status)).inc();
    durations.labelValues(call).observe(duration.toNanos() / 1e9);
  }

  /**
   * Counts a call that was answered with an error.
   *
   * @param call the kind of call, of a fixed set of words
   * @param code of the error, of a fixed set of numbers
   */
  public void failed(String call, int code) {
    errors.labelValues(call, Integer.toString(code)).inc();
  }

  /**
   * How many calls of a kind were answered with each HTTP status since the start.
   *
   * @param call the kind of call
   */
  public Map<String, Long> answers(String call) {
    Map<String, Long> answers = new TreeMap<>();
    for (CounterDataPointSnapshot point : calls.collect().getDataPoints()) {
      if (call.equals(point.getLabels().get("call"))) {
        answers.merge(
            String.valueOf(point.getLabels().get("status")), (long) point.getValue(), Long::sum);
      }
    }
    return answers;
  }

  /**
   * How many calls of a kind took how long since the start, by the upper bound in milliseconds; those
   * that took longer than the last bound have {@code +Inf}.
   *
   * @param call the kind of call
   */
  public Map<String, Long> durations(String call) {
    Map<String, Long> counts = new TreeMap<>();
    for (HistogramDataPointSnapshot point : durations.collect().getDataPoints()) {
      if (call.equals(point.getLabels().get("call"))) {
        ClassicHistogramBuckets buckets = point.getClassicBuckets();
        for (int i = 0; i < buckets.size(); i++) {
          counts.put(millis(buckets.getUpperBound(i)), buckets.getCount(i));
        }
      }
    }
    return counts;
  }

  private static String millis(double seconds) {
    return Double.isInfinite(seconds)
        ? "+Inf"
        : BigDecimal.valueOf(seconds).movePointRight(3).stripTrailingZeros().toPlainString();
  }

  /** Publishes a number that goes up and down. */
  public void gauge(String name, String help, DoubleSupplier value) {
    GaugeWithCallback.builder()
        .name(name)
        .help(help)
        .callback(callback -> callback.call(value.getAsDouble()))
        .register(registry);
  }

  /**
   * Publishes numbers that go up and down.
   *
   * @param label what the keys are
   */
  public void gauges(
      String name, String help, String label, Supplier<? extends Map<String, Double>> values) {
    GaugeWithCallback.builder()
        .name(name)
        .help(help)
        .labelNames(label)
        .callback(callback -> values.get().forEach((key, value) -> callback.call(value, key)))
        .register(registry);
  }

  /**
   * Publishes numbers that only grow while the process runs.
   *
   * @param name ends with {@code _total}
   * @param label what the keys are
   */
  public void counters(
      String name, String help, String label, Supplier<? extends Map<String, Double>> values) {
    counters(
        name,
        help,
        List.of(label),
        () -> values.get().entrySet().stream()
            .collect(Collectors.toMap(entry -> List.of(entry.getKey()), Map.Entry::getValue)));
  }

  /**
   * Publishes numbers that only grow while the process runs.
   *
   * @param name ends with {@code _total}
   * @param labels what the parts of each key are
   */
  public void counters(
      String name, String help, List<String> labels, Supplier<Map<List<String>, Double>> values) {
    CounterWithCallback.builder()
        .name(name)
        .help(help)
        .labelNames(labels.toArray(String[]::new))
        .callback(callback ->
            values.get().forEach((key, value) -> callback.call(value, key.toArray(String[]::new))))
        .register(registry);
  }

  /**
   * How often something took how long.
   *
   * @param within the numbers within each bound, above the one before, and those above the last bound
   * @param seconds all of them together
   */
  public record Durations(List<Long> within, double seconds) {}

  /**
   * Publishes a histogram of durations.
   *
   * @param bounds the upper bounds in seconds
   * @param label what the keys are
   */
  public void durations(
      String name,
      String help,
      List<Double> bounds,
      String label,
      Supplier<Map<String, Durations>> values) {
    List<Double> all =
        Stream.concat(bounds.stream(), Stream.of(Double.POSITIVE_INFINITY)).toList();
    registry.register(() -> {
      HistogramSnapshot.Builder snapshot =
          HistogramSnapshot.builder().name(name).help(help).unit(Unit.SECONDS);
      values.get().forEach((key, value) -> {
        if (value.within().size() == all.size()) {
          snapshot.dataPoint(HistogramDataPointSnapshot.builder()
              .labels(Labels.of(label, key))
              .classicHistogramBuckets(ClassicHistogramBuckets.of(all, value.within()))
              .sum(value.seconds())
              .build());
        }
      });
      return snapshot.build();
    });
  }

  /** Publishes a number that only grows while the process runs. */
  public void counter(String name, String help, DoubleSupplier value) {
    CounterWithCallback.builder()
        .name(name)
        .help(help)
        .callback(callback -> callback.call(value.getAsDouble()))
        .register(registry);
  }

  /** The content type of {@link #text}. */
  public String contentType() {
    return writer.getContentType();
  }

  /**
   * All numbers, those of the JVM among them, as UTF-8, as they were at most {@link
   * Limits#METRICS_AGE} ago.
   */
  public synchronized byte[] text() {
    long now = nanoTime.getAsLong();
    if (text.length == 0 || now - textMadeAt >= Limits.METRICS_AGE.toNanos()) {
      text = read();
      textMadeAt = now;
    }
    return text.clone();
  }

  @GuardedBy("this")
  private byte[] read() {
    if (!hasJvm) { // only now, because they would delay the start
      JvmMetrics.builder().register(registry);
      hasJvm = true;
    }
    ByteArrayOutputStream written = new ByteArrayOutputStream();
    try {
      writer.write(written, registry.scrape());
    } catch (IOException e) {
      throw new UncheckedIOException(e); // memory does not fail
    }
    return written.toByteArray();
  }
}

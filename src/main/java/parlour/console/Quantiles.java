package parlour.console;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import parlour.console.PlotEndpoints.SeriesForm;
import parlour.samples.History;

/** Quantiles of durations, estimated from the number of durations within each bound. */
final class Quantiles {
  private static final String LONGER = "+Inf";

  private Quantiles() {}

  /** A bound, and the number of durations in each step that are below it and above the previous bound. */
  private record Bucket(double millis, List<Long> counts) {}

  /**
   * Estimates the median and the 95 % quantile of the durations, in microseconds. Within a bucket, the
   * durations count as evenly spread. A step without a call is a gap.
   *
   * @param byBound the numbers of calls by the upper bound in milliseconds
   */
  static List<SeriesForm> of(Map<String, List<Long>> byBound) {
    List<Bucket> buckets = byBound.entrySet().stream()
        .map(one -> new Bucket(bound(one.getKey()), one.getValue()))
        .sorted(Comparator.comparingDouble(Bucket::millis))
        .toList();
    return buckets.isEmpty()
        ? List.of()
        : List.of(
            new SeriesForm("half of them", times(buckets, 0.5)),
            new SeriesForm("95 % of them", times(buckets, 0.95)));
  }

  /** Parses a bound; another text, which a process of another version could send, has no bound. */
  private static double bound(String label) {
    if (label.equals(LONGER)) {
      return Double.POSITIVE_INFINITY;
    }
    try {
      return Double.parseDouble(label);
    } catch (NumberFormatException e) {
      return Double.POSITIVE_INFINITY;
    }
  }

  private static List<Long> times(List<Bucket> buckets, double share) {
    List<Long> times = new ArrayList<>();
    for (int step = 0; step < buckets.getFirst().counts().size(); step++) {
      times.add(time(buckets, step, share));
    }
    return times;
  }

  private static long time(List<Bucket> buckets, int step, double share) {
    long all = buckets.stream().mapToLong(bucket -> count(bucket, step)).sum();
    if (all == 0) {
      return History.GAP;
    }
    double wanted = all * share;
    double below = 0;
    double lower = 0;
    for (Bucket bucket : buckets) {
      long count = count(bucket, step);
      if (count > 0 && below + count >= wanted) {
        double upper = Double.isInfinite(bucket.millis()) ? lower : bucket.millis();
        return Math.round((lower + (upper - lower) * (wanted - below) / count) * 1000);
      }
      below += count;
      if (!Double.isInfinite(bucket.millis())) {
        lower = bucket.millis();
      }
    }
    return Math.round(lower * 1000);
  }

  private static long count(Bucket bucket, int step) {
    return Math.max(0, bucket.counts().get(step));
  }
}

package parlour.bench;

import java.util.concurrent.atomic.AtomicLongArray;

/** The durations of calls, to 1 %, in little memory, for millions of calls. */
final class Latencies {
  private static final double STEP = Math.log(1.01);
  private static final double LEAST_NANOS = 1_000;
  private static final int BUCKETS = 2_000; // up to some minutes

  private final AtomicLongArray counts = new AtomicLongArray(BUCKETS);

  /** The counts of a window of time. */
  record Window(long[] counts, long calls) {
    double millisAt(double quantile) {
      long rank = Math.min(calls - 1, (long) ((double) calls * quantile));
      int bucket = 0;
      for (long seen = counts[0]; seen <= rank && bucket < BUCKETS - 1; seen += counts[bucket]) {
        bucket++;
      }
      return LEAST_NANOS * Math.exp(bucket * STEP) / 1e6;
    }
  }

  void add(long nanos) {
    int bucket = (int) (Math.log(Math.max((double) nanos, LEAST_NANOS) / LEAST_NANOS) / STEP);
    counts.incrementAndGet(Math.min(bucket, BUCKETS - 1));
  }

  /** Returns the counts since the last call, and resets them. */
  Window drain() {
    long[] drained = new long[BUCKETS];
    long calls = 0;
    for (int i = 0; i < BUCKETS; i++) {
      drained[i] = counts.getAndSet(i, 0);
      calls += drained[i];
    }
    return new Window(drained, calls);
  }
}

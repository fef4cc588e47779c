package parlour.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/**
 * Two sides that take the same load in turns, window by window, and are compared round by round. The
 * side that comes first changes each round, so that a machine that gets slower favors neither.
 *
 * @param mostWarmUpWindows the most windows of warm-up of each side, even if it has not made its calls by
 *     then; there are always at least three
 */
record Turns(Side first, Side second, int mostWarmUpWindows) {
  private static final int WARM_UP_WINDOWS = 3;

  /** Of each side; by then the JVM has compiled what the call needs, also on a slow machine. */
  private static final int WARM_UP_CALLS = 40_000;

  Turns(Side first, Side second) {
    this(first, second, Integer.MAX_VALUE);
  }

  /**
   * Guests of an installation; both sides can have the same one.
   *
   * @param processorTime what the measured processes have used since they started
   * @param databaseTime that of the database's processes among them
   */
  record Side(
      String name,
      Supplier<Duration> processorTime,
      Supplier<Duration> databaseTime,
      Callers callers) {

    /** A side whose database is a part of its process. */
    Side(String name, Supplier<Duration> processorTime, Callers callers) {
      this(name, processorTime, () -> Duration.ZERO, callers);
    }
  }

  /** A window of one side, and the processor time that its processes used meanwhile. */
  private record Measured(
      double perSecond,
      double microsPerCall,
      double databaseMicros,
      double median,
      double p99,
      Callers.Brought brought) {
    @Override
    public String toString() {
      return String.format(
          Locale.ROOT,
          "%.0f/s, %.1f µs of CPU, median %.1f ms, p99 %.1f ms",
          perSecond,
          microsPerCall,
          median,
          p99);
    }
  }

  /**
   * Prints each round, a table, and the calls in it that failed, which a busy machine can cause.
   *
   * @param call the measured call, in words
   */
  void compare(String call, int rounds, Duration window) {
    System.out.printf(
        "%n%s: %d rounds of windows of %d s, after a warm-up%n", call, rounds, window.toSeconds());
    List<Measured> ofFirst = new ArrayList<>();
    List<Measured> ofSecond = new ArrayList<>();
    warmUp(first, window);
    warmUp(second, window);
    for (int round = 0; round < rounds; round++) {
      if (round % 2 == 0) {
        ofFirst.add(measure(first, window));
        ofSecond.add(measure(second, window));
      } else {
        ofSecond.add(measure(second, window));
        ofFirst.add(measure(first, window));
      }
      System.out.printf(
          "round %d: %s %s; %s %s%n",
          round + 1, first.name(), ofFirst.getLast(), second.name(), ofSecond.getLast());
    }
    System.out.printf(
        "%n%-24s %12s %12s   %s/%s%n",
        "median of rounds", first.name(), second.name(), second.name(), first.name());
    row("calls/s", ofFirst, ofSecond, Measured::perSecond);
    row("CPU per call, µs", ofFirst, ofSecond, Measured::microsPerCall);
    if (Stream.concat(ofFirst.stream(), ofSecond.stream())
        .anyMatch(one -> one.databaseMicros() != 0)) {
      row("of it the database, µs", ofFirst, ofSecond, Measured::databaseMicros);
    }
    row("median, ms", ofFirst, ofSecond, Measured::median);
    row("p99, ms", ofFirst, ofSecond, Measured::p99);
    failures(first, ofFirst);
    failures(second, ofSecond);
  }

  private void warmUp(Side side, Duration window) {
    long calls = 0;
    for (int i = 0; i < WARM_UP_WINDOWS || (calls < WARM_UP_CALLS && i < mostWarmUpWindows); i++) {
      calls += measure(side, window).brought().answered().calls();
    }
  }

  private static void row(
      String name, List<Measured> first, List<Measured> second, ToDoubleFunction<Measured> figure) {
    double[] ratios = new double[first.size()];
    for (int i = 0; i < ratios.length; i++) {
      ratios[i] = figure.applyAsDouble(second.get(i)) / figure.applyAsDouble(first.get(i));
    }
    System.out.printf(
        "%-24s %12.1f %12.1f   %.2f (%.2f–%.2f)%n",
        name,
        Figures.median(first.stream().mapToDouble(figure).toArray()),
        Figures.median(second.stream().mapToDouble(figure).toArray()),
        Figures.median(ratios),
        Arrays.stream(ratios).min().orElseThrow(),
        Arrays.stream(ratios).max().orElseThrow());
  }

  private static void failures(Side side, List<Measured> rounds) {
    long calls =
        rounds.stream().mapToLong(round -> round.brought().answered().calls()).sum();
    long failed = rounds.stream().mapToLong(round -> round.brought().failures()).sum();
    if (failed > 0) {
      String what = rounds.stream()
          .flatMap(round -> round.brought().firstFailure().stream())
          .findFirst()
          .orElseThrow();
      System.out.printf(
          "%s: %d calls failed beside %d that are counted; the first: %s%n",
          side.name(), failed, calls, what);
    }
  }

  private static Measured measure(Side side, Duration window) {
    Duration before = side.processorTime().get();
    Duration databaseBefore = side.databaseTime().get();
    Callers.Brought brought = side.callers().call(window);
    Duration used = side.processorTime().get().minus(before);
    Duration ofDatabase = side.databaseTime().get().minus(databaseBefore);
    Guests.Window answered = brought.answered();
    return new Measured(
        answered.perSecond(),
        used.toNanos() / 1e3 / answered.calls(),
        ofDatabase.toNanos() / 1e3 / answered.calls(),
        answered.millisAt(0.5),
        answered.millisAt(0.99),
        brought);
  }
}

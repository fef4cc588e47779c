package parlour.console;

import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import parlour.Limits;
import parlour.accounts.Accounts;
import parlour.console.Admins.Admin;
import parlour.errors.ErrorCode;
import parlour.errors.Problem;
import parlour.http.server.ApiRequest;
import parlour.http.server.ApiResponse;
import parlour.samples.History;
import parlour.samples.Plot;
import parlour.samples.SampleStore;
import parlour.samples.Span;

/** The endpoint of the plots: the numbers of the whole installation over the last hour, day or week. */
final class PlotEndpoints {
  private final SampleStore samples;
  private final Accounts accounts;
  private final InstantSource clock;

  PlotEndpoints(SampleStore samples, Accounts accounts, InstantSource clock) {
    this.samples = samples;
    this.accounts = accounts;
    this.clock = clock;
  }

  /**
   * The plots.
   *
   * @param isShown whether the admin can see them: only if the installation has no other account,
   *     because the numbers are those of all accounts
   * @param begin of the first step
   */
  record PlotsAnswer(boolean isShown, Instant begin, long stepSeconds, List<PlotForm> plots) {}

  record PlotForm(String name, List<SeriesForm> series) {}

  /**
   * A line of a plot.
   *
   * @param values one for each step; -1 where no process measured it
   */
  record SeriesForm(String label, List<Long> values) {}

  /** Takes {@code span}: hour, day or week. */
  ApiResponse read(Admin admin, ApiRequest call) {
    Span span = span(call.query().optional("span").orElse("hour"));
    Instant now = clock.instant();
    if (accounts.accounts().stream().anyMatch(one -> !one.sid().equals(admin.account()))) {
      return ApiResponse.json(200, new PlotsAnswer(false, now, span.step().toSeconds(), List.of()));
    }
    History history = samples.read(span, now);
    return ApiResponse.json(
        200,
        new PlotsAnswer(
            true,
            history.begin(),
            span.step().toSeconds(),
            Arrays.stream(Plot.values()).map(plot -> form(plot, history)).toList()));
  }

  private static Span span(String word) {
    return Arrays.stream(Span.values())
        .filter(span -> span.name().toLowerCase(Locale.ROOT).equals(word))
        .findFirst()
        .orElseThrow(() ->
            new Problem(ErrorCode.MALFORMED, "The field \"span\" must be hour, day or week."));
  }

  private static PlotForm form(Plot plot, History history) {
    Map<String, List<Long>> series = new TreeMap<>();
    history
        .numbers()
        .forEach((name, values) -> plot.label(name).ifPresent(label -> series.put(label, values)));
    List<SeriesForm> lines = switch (plot) {
      case REFUSALS, HONEST -> mostFrequent(series);
      case LATENCY -> Quantiles.of(series);
      case REFRESHES, SOCKETS, WEBHOOKS ->
        series.entrySet().stream()
            .map(one -> new SeriesForm(one.getKey(), one.getValue()))
            .toList();
    };
    return new PlotForm(plot.name().toLowerCase(Locale.ROOT), lines);
  }

  /** One line for each of the causes with the highest sums, and one line for all others together. */
  static List<SeriesForm> mostFrequent(Map<String, List<Long>> causes) {
    List<SeriesForm> forms = causes.entrySet().stream()
        .map(one -> new SeriesForm(one.getKey(), one.getValue()))
        .sorted(Comparator.comparingLong(PlotEndpoints::sum).reversed())
        .toList();
    List<SeriesForm> lines = new ArrayList<>(
        forms.stream().limit(Limits.PLOTTED_CAUSES).filter(one -> sum(one) > 0).toList());
    List<SeriesForm> others = forms.stream().skip(lines.size()).toList();
    if (lines.isEmpty() ? !others.isEmpty() : others.stream().anyMatch(one -> sum(one) > 0)) {
      lines.add(new SeriesForm(lines.isEmpty() ? "all" : "other", added(others)));
    }
    // A cause that never occurred has no series; it counts as zero while others were counted.
    return lines.stream()
        .map(line -> new SeriesForm(line.label(), withoutGapsOf(line.values(), added(forms))))
        .toList();
  }

  private static List<Long> withoutGapsOf(List<Long> values, List<Long> all) {
    List<Long> filled = new ArrayList<>(values);
    for (int i = 0; i < filled.size(); i++) {
      if (filled.get(i) == History.GAP && all.get(i) != History.GAP) {
        filled.set(i, 0L);
      }
    }
    return filled;
  }

  private static List<Long> added(List<SeriesForm> lines) {
    List<Long> sums =
        new ArrayList<>(Collections.nCopies(lines.getFirst().values().size(), History.GAP));
    for (SeriesForm line : lines) {
      for (int i = 0; i < sums.size(); i++) {
        long value = line.values().get(i);
        if (value != History.GAP) {
          sums.set(i, Math.max(0, sums.get(i)) + value);
        }
      }
    }
    return sums;
  }

  private static long sum(SeriesForm line) {
    return line.values().stream()
        .filter(value -> value != History.GAP)
        .mapToLong(Long::longValue)
        .sum();
  }
}

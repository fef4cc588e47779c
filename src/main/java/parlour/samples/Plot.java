package parlour.samples;

import java.util.Locale;
import java.util.Optional;

/** The plots of the console. Each has several series, with a label for each. */
public enum Plot {
  /** Refreshes by their outcome, as the edge answered them. */
  REFRESHES(Combination.COUNT),
  /** Refusals by cause. */
  REFUSALS(Combination.COUNT),
  /** Refusals and differences whose likeliest cause is an honest guest. */
  HONEST(Combination.COUNT),
  /** Open WebSockets of the public listener. */
  SOCKETS(Combination.LEVEL),
  /** The messages that guests sent, by the upper bound of the time that their answer took. */
  LATENCY(Combination.COUNT),
  /** The backlog of webhooks. */
  WEBHOOKS(Combination.SHARED);

  private static final char SEPARATOR = '/';

  /** How the numbers of several processes, and those of several minutes, become one number. */
  public enum Combination {
    /** How often something happened: the sum of all processes and minutes. */
    COUNT,
    /** Each process has its own: the sum of all processes, and of several minutes the highest. */
    LEVEL,
    /** All processes see the same, because it is in their common store: the highest. */
    SHARED;

    long ofProcesses(long one, long other) {
      return this == SHARED ? Math.max(one, other) : Math.addExact(one, other);
    }

    long ofMinutes(long one, long other) {
      return this == COUNT ? Math.addExact(one, other) : Math.max(one, other);
    }
  }

  private final Combination combination;
  private final String word = name().toLowerCase(Locale.ROOT);

  Plot(Combination combination) {
    this.combination = combination;
  }

  public Combination combination() {
    return combination;
  }

  /** The name of one of its series in a sample. */
  public String series(String label) {
    return word + SEPARATOR + label;
  }

  /** The plot of a series; empty if a process of another version has sent it. */
  static Optional<Plot> of(String series) {
    for (Plot plot : values()) {
      if (plot.label(series).isPresent()) {
        return Optional.of(plot);
      }
    }
    return Optional.empty();
  }

  /** The label of a series; empty if the series is one of another plot. */
  public Optional<String> label(String series) {
    return series.length() > word.length()
            && series.startsWith(word)
            && series.charAt(word.length()) == SEPARATOR
        ? Optional.of(series.substring(word.length() + 1))
        : Optional.empty();
  }
}

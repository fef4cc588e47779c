package parlour.samples;

import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * The numbers of all processes over a {@link Span}.
 *
 * @param begin of its first step
 * @param numbers by series, one for each step; {@link #GAP} where the series was not measured
 */
public record History(Instant begin, Map<String, List<Long>> numbers) {
  /** Stands for a number that no process measured. */
  public static final long GAP = -1;

  public History {
    numbers = Map.copyOf(numbers);
  }
}

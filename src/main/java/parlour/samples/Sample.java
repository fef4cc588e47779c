package parlour.samples;

import java.time.Instant;
import java.util.Map;
import java.util.regex.Pattern;
import parlour.Limits;

/**
 * The numbers of a process in one minute.
 *
 * @param at the beginning of the minute
 * @param process a random name of the process, another one after each start
 * @param numbers by series ({@link Plot#series}); a series that is missing was not measured
 */
public record Sample(Instant at, String process, Map<String, Long> numbers) {
  private static final Pattern PROCESS = Pattern.compile("[0-9a-f]{16}");

  public Sample {
    numbers = Map.copyOf(numbers);
    if (!PROCESS.matcher(process).matches()
        || Span.HOUR.begin(at).compareTo(at) != 0
        || numbers.size() > Limits.SAMPLE_NUMBERS
        || !numbers.entrySet().stream().allMatch(Sample::isWithinBounds)) {
      throw new IllegalArgumentException("not a sample");
    }
  }

  static boolean isWithinBounds(Map.Entry<String, Long> number) {
    return number.getKey().length() <= Limits.SAMPLE_NAME_CHARACTERS
        && number.getValue() >= 0
        && number.getValue() <= Limits.MAX_SAMPLE_NUMBER;
  }
}

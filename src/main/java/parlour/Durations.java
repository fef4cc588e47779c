package parlour;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Operations that the JDK's {@link Duration} lacks, or implements with BigDecimal. */
public final class Durations {
  private static final Pattern FORM = Pattern.compile("([0-9]{1,9})([smhd]?)");

  private Durations() {}

  /** The shorter one. */
  public static Duration min(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  /** The longer one. */
  public static Duration max(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? other : one;
  }

  /**
   * Multiplies a duration, as {@link Duration#multipliedBy} does, but without {@code BigDecimal},
   * whose initialization takes a tenth of a second of a start.
   */
  public static Duration times(Duration duration, long factor) {
    return Duration.ofSeconds(
        Math.multiplyExact(duration.getSeconds(), factor),
        Math.multiplyExact(duration.getNano(), factor));
  }

  /**
   * Divides a duration into equal parts, and returns one, rounded towards zero to whole nanoseconds;
   * also without {@code BigDecimal}.
   */
  public static Duration part(Duration duration, int parts) {
    if (duration.isNegative()) {
      return Duration.ZERO.minus(part(Duration.ZERO.minus(duration), parts));
    }
    long nanosLeft = TimeUnit.SECONDS.toNanos(duration.getSeconds() % parts) + duration.getNano();
    return Duration.ofSeconds(duration.getSeconds() / parts, nanosLeft / parts);
  }

  /** Reads {@code 3600} (seconds), {@code 90s}, {@code 15m}, {@code 6h}, {@code 2d}. */
  public static Duration parse(String text) {
    Matcher parts = FORM.matcher(text.strip());
    if (!parts.matches()) {
      throw new IllegalArgumentException("expected seconds (3600), or 90s, 15m, 6h, 2d");
    }
    long number = Long.parseLong(parts.group(1));
    return switch (parts.group(2)) {
      case "m" -> Duration.ofMinutes(number);
      case "h" -> Duration.ofHours(number);
      case "d" -> Duration.ofDays(number);
      default -> Duration.ofSeconds(number);
    };
  }

  /** Writes the largest unit that is exact, as {@link #parse} reads it. */
  public static String text(Duration duration) {
    long seconds = duration.toSeconds();
    if (seconds % 86_400 == 0) {
      return seconds / 86_400 + "d";
    }
    if (seconds % 3_600 == 0) {
      return seconds / 3_600 + "h";
    }
    return seconds % 60 == 0 ? seconds / 60 + "m" : seconds + "s";
  }
}

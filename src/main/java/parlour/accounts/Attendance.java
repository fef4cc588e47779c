package parlour.accounts;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import parlour.Limits;

/**
 * When an address is attended, and what guests read at other times.
 *
 * @param hours empty: at all hours
 * @param awayText what the widget shows while nobody answers; empty: its own words
 * @param unreadable hours that are stored, and that this program cannot read: it takes them for all
 *     hours, and keeps them
 */
public record Attendance(
    Optional<OpeningHours> hours, Optional<String> awayText, Optional<Unreadable> unreadable) {
  /** At all hours, with the widget's own words while nobody is signed in to the inbox. */
  public static final Attendance ALWAYS = new Attendance(Optional.empty(), Optional.empty());

  /** Hours as they are stored, for example in a zone that only a newer JDK knows. */
  public record Unreadable(
      String zone, @Nullable String week, @Nullable String holidays) {}

  /** Hours that this program can read. */
  public Attendance(Optional<OpeningHours> hours, Optional<String> awayText) {
    this(hours, awayText, Optional.empty());
  }

  /**
   * @throws IllegalArgumentException about the text, with the remedy
   */
  public Attendance {
    if (hours.isPresent() && unreadable.isPresent()) {
      throw new IllegalArgumentException("hours are readable, or they are not");
    }
    awayText.ifPresent(Attendance::check);
  }

  private static void check(String text) {
    if (text.isBlank() || text.chars().anyMatch(Character::isISOControl)) {
      throw new IllegalArgumentException(
          "an away text is one line that says something; --no-away-text removes it");
    }
    if (text.length() > Limits.AWAY_TEXT_CHARACTERS) {
      throw new IllegalArgumentException("an away text has at most %d characters, and this one %d"
          .formatted(Limits.AWAY_TEXT_CHARACTERS, text.length()));
    }
  }
}

package parlour.accounts;

import java.util.Optional;
import parlour.Limits;

/**
 * When an address is attended, and what guests read at other times.
 *
 * @param hours empty: at all hours
 * @param awayText what the widget shows while nobody answers; empty: its own words
 */
public record Attendance(Optional<OpeningHours> hours, Optional<String> awayText) {
  /** At all hours, with the widget's own words while nobody is signed in to the inbox. */
  public static final Attendance ALWAYS = new Attendance(Optional.empty(), Optional.empty());

  /**
   * @throws IllegalArgumentException about the text, with the remedy
   */
  public Attendance {
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

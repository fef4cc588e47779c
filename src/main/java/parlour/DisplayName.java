package parlour;

import java.util.regex.Pattern;

/**
 * Makes names fit to be shown to other people. A name with a control character can break a line,
 * and one with an override of the writing direction (U+202E) can reverse the text beside it.
 */
public final class DisplayName {
  /** Control characters, line and paragraph separators, and Unicode's bidirectional controls. */
  private static final Pattern UNFIT =
      Pattern.compile("[\\p{Cc}\\u2028\\u2029\\u061C\\u200E\\u200F\\u202A-\\u202E\\u2066-\\u2069]");

  private DisplayName() {}

  /** The name without unfit characters, and without spaces around it. */
  public static String of(String name) {
    return UNFIT.matcher(name).replaceAll("").strip();
  }
}

package parlour;

import org.jspecify.annotations.Nullable;

/** Text for people: names and messages. */
public final class PlainText {
  private PlainText() {}

  /** The message about any other text; the text's name comes before it. */
  public static final String REMEDY =
      "has a control character; of these, only tab, line feed and carriage return are allowed";

  /**
   * Whether a text has no control character except tab, line feed and carriage return. The others
   * are invisible, take six bytes each in JSON, and some of them control a terminal.
   */
  public static boolean isPlain(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < ' ' ? c != '\t' && c != '\n' && c != '\r' : c >= 0x7f && c < 0xa0) {
        return false;
      }
    }
    return true;
  }

  /**
   * Whether a text has only printable characters of ASCII. Faster than other checks of every character,
   * for texts such as a token, which has a thousand: a loop over an array has no branch for each of them.
   */
  public static boolean isPrintableAscii(String text) {
    char[] characters = text.toCharArray();
    int signs = 0;
    for (char c : characters) {
      signs |= (c - ' ') | ('~' - c); // negative if one of both is
    }
    return signs >= 0;
  }

  /**
   * A host or an origin that a caller sent, made safe for a log, because a stranger can send any
   * text: its printable ASCII, up to {@link Limits#ORIGIN_CHARACTERS}; "none" if it is absent.
   */
  public static String shown(@Nullable String sent) {
    if (sent == null) {
      return "none";
    }
    return sent.substring(0, Math.min(sent.length(), Limits.ORIGIN_CHARACTERS))
        .replaceAll("[^\\x21-\\x7e]", "?");
  }
}

package parlour.http;

import java.time.Duration;

/** A header of an answer. Refuses line breaks, which would begin another header. */
public record Header(String name, String value) {
  public Header {
    if (!isName(name)) {
      throw new IllegalArgumentException("not a header's name: " + name);
    }
    if (!isValue(value)) {
      throw new IllegalArgumentException("not a value for the header " + name);
    }
  }

  private static boolean isName(String name) {
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (c <= ' ' || c >= 0x7f || c == ':') {
        return false;
      }
    }
    return !name.isEmpty();
  }

  private static boolean isValue(String value) {
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if ((c < ' ' && c != '\t') || c == 0x7f || c > 0xff) {
        return false;
      }
    }
    return true;
  }

  /** The value of Retry-After: whole seconds, rounded up, at least one. */
  public static String seconds(Duration wait) {
    return Long.toString(Math.max(1, wait.plusMillis(999).toSeconds()));
  }
}

package parlour.http;

import java.time.Duration;

/** One header of an answer. A line break in it is refused: it would begin another header. */
public record Header(String name, String value) {
  public Header {
    if (name.isEmpty() || !name.chars().allMatch(c -> c > ' ' && c < 0x7f && c != ':')) {
      throw new IllegalArgumentException("not a header's name: " + name);
    }
    if (!value.chars().allMatch(c -> c == '\t' || (c >= ' ' && c <= 0xff && c != 0x7f))) {
      throw new IllegalArgumentException("not a value for the header " + name);
    }
  }

  /** Whole seconds, rounded up and at least one, as Retry-After wants them. */
  static String seconds(Duration wait) {
    return Long.toString(Math.max(1, wait.plusMillis(999).toSeconds()));
  }
}

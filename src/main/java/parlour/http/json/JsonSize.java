package parlour.http.json;

/** The length of a text as JSON. */
public final class JsonSize {
  private JsonSize() {}

  /** Bytes between the quotation marks of a text, as {@link Json#write} writes it. */
  public static int of(String text) {
    int bytes = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < ' ') {
        bytes += isShort(c) ? 2 : 6;
      } else if (c < 0x80) {
        bytes += c == '"' || c == '\\' ? 2 : 1;
      } else {
        // A character beyond the basic plane consists of two halves, with two bytes each.
        bytes += c < 0x800 || Character.isSurrogate(c) ? 2 : 3;
      }
    }
    return bytes;
  }

  private static boolean isShort(char c) {
    return c == '\t' || c == '\n' || c == '\r' || c == '\b' || c == '\f';
  }
}

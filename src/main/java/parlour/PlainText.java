package parlour;

/** Text that people read: names and what is said. */
public final class PlainText {
  private PlainText() {}

  /** What to do about a text that is none, after its name. */
  public static final String REMEDY =
      "has a control character; of these, only tab, line feed and carriage return are allowed";

  /**
   * Whether a text has no control character but tab, line feed and carriage return. The others show
   * nothing, take six bytes each in JSON, and some of them steer a terminal.
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
}

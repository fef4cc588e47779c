package parlour.proof;

/** The spaces that HTTP allows around the value of a header (RFC 9110 §5.6.3). */
final class Spaces {
  private Spaces() {}

  /** The text without the spaces and tabs at both ends. */
  static String strip(String text) {
    int begin = 0;
    int end = text.length();
    while (begin < end && isSpace(text.charAt(begin))) {
      begin++;
    }
    while (end > begin && isSpace(text.charAt(end - 1))) {
      end--;
    }
    return text.substring(begin, end);
  }

  private static boolean isSpace(char c) {
    return c == ' ' || c == '\t';
  }
}

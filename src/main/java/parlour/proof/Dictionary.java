package parlour.proof;

import java.util.ArrayList;
import java.util.List;

/** Splits a header that is a dictionary of structured fields (RFC 9651 §3.2) into its members. */
final class Dictionary {
  private Dictionary() {}

  /**
   * Returns the members with this key as they were sent, each with its key, value and parameters.
   * Other members belong to agents and proxies. They are not even checked, so that none of their forms
   * can make the call of a browser fail.
   *
   * @param lines the lines of the header, which count as one (RFC 9651 §4.2)
   */
  static List<String> members(String key, List<String> lines) {
    List<String> members = new ArrayList<>(1);
    if (lines.size() == 1 && lines.getFirst().indexOf(',') < 0) { // one member, as browsers send it
      add(key, lines.getFirst(), members);
      return members;
    }
    String text = String.join(", ", lines);
    boolean inString = false;
    int begin = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (inString && c == '\\') {
        i++; // the next character is a quote or a backslash of the string
      } else if (c == '"') {
        inString = !inString;
      } else if (c == ',' && !inString) {
        add(key, text.substring(begin, i), members);
        begin = i + 1;
      }
    }
    add(key, text.substring(begin), members);
    return members;
  }

  private static void add(String key, String text, List<String> members) {
    String member = Spaces.strip(text);
    int end = key.length();
    if (member.startsWith(key) && (member.length() == end || !isOfKey(member.charAt(end)))) {
      members.add(member);
    }
  }

  /** Whether a key can go on with this character (RFC 9651 §3.1.2). */
  private static boolean isOfKey(char c) {
    return (c >= 'a' && c <= 'z')
        || (c >= '0' && c <= '9')
        || c == '_'
        || c == '-'
        || c == '.'
        || c == '*';
  }
}

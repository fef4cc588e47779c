package parlour.starship;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The condition of an If-None-Match header (RFC 9110 §13.1.2). Browsers send our tag as a proxy in
 * between changed it: a proxy that compresses makes it weak. Text that is not a list of entity tags
 * matches nothing, so that the whole page is sent; it is never a reason to refuse a call.
 */
final class EntityTags {
  /** {@code #entity-tag}: an element with the comma or the end after it, or an empty element. */
  private static final Pattern ELEMENT =
      Pattern.compile("[ \\t]*(?:(?:W/)?(\"[\\x21\\x23-\\x7E\\x80-\\xFF]*\"))?[ \\t]*(?:,|\\z)");

  private EntityTags() {}

  /**
   * Compares weakly (§8.8.3.2): {@code W/"x"} and {@code "x"} are equal.
   *
   * @param fields the values of all If-None-Match header fields
   * @param tag the current entity tag, with its quotes and without {@code W/}
   */
  static boolean match(List<String> fields, String tag) {
    return fields.stream().anyMatch(field -> matches(field, tag));
  }

  private static boolean matches(String field, String tag) {
    if (field.strip().equals("*")) {
      return true;
    }
    Matcher element = ELEMENT.matcher(field);
    boolean found = false;
    while (element.lookingAt()) {
      found |= tag.equals(element.group(1));
      if (element.end() == field.length()) {
        return found;
      }
      element.region(element.end(), field.length());
    }
    return false;
  }
}

package parlour.inbox;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import parlour.Limits;
import parlour.http.json.Json;
import parlour.http.json.JsonText;

/**
 * The address of the page on which a chat began, as the widget sends it in {@code location} of the pre-engagement data. Any client
 * can send anything there, so an agent sees only what has the form of an address: of the web, in characters that no
 * browser escapes, and without the parts that can have secrets (name and password, query, fragment).
 */
final class StartPage {
  /** The field of the pre-engagement data. Other web chats use the same name. */
  private static final String FIELD = "location";

  private static final Pattern ADDRESS = Pattern.compile(
      "(https?://)(?:[!-~&&[^/?#@\\\\]]*@)?([a-z0-9.:\\[\\]-]+)(/[!-~&&[^?#\\\\<>\"]]*)?(?:[?#].*)?");

  private StartPage() {}

  /** Origin and path; empty if the data has no such address, or a longer one than an agent is shown. */
  static Optional<String> of(JsonText preEngagementData) {
    String text = preEngagementData.text();
    if (!text.contains("\"" + FIELD + "\"")) {
      return Optional.empty(); // of most clients: their data need not be parsed
    }
    return Json.object(text)
        .map(data -> data.get(FIELD))
        .filter(String.class::isInstance)
        .map(String.class::cast)
        .flatMap(StartPage::address);
  }

  private static Optional<String> address(String text) {
    Matcher parts = ADDRESS.matcher(text);
    if (!parts.matches()) {
      return Optional.empty();
    }
    String path = parts.group(3);
    String address = parts.group(1) + parts.group(2) + (path == null ? "/" : path);
    return address.length() <= Limits.PAGE_ADDRESS_CHARACTERS
        ? Optional.of(address)
        : Optional.empty();
  }
}

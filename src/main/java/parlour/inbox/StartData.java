package parlour.inbox;

import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import parlour.Limits;
import parlour.http.json.Json;
import parlour.http.json.JsonText;

/**
 * The widget's description of the page on which a chat began, from the pre-engagement data. Any client can send anything there, so
 * only a web address and a code of the widget become parts of the summary.
 *
 * @param page origin and path of the address; empty if the data has no such address, or a longer one than an agent is shown
 * @param language the code of the language in which the guest reads the widget; empty if it is not known
 */
record StartData(Optional<String> page, Optional<String> language) {
  /** The languages of the widget, by the names of their files. */
  static final Set<String> LANGUAGES =
      Set.of("ar", "de", "en", "es", "fr", "he", "it", "ja", "nl", "pl", "pt-BR", "sv");

  private static final StartData NONE = new StartData(Optional.empty(), Optional.empty());

  /** The field of the address. Other web chats use the same name. */
  private static final String PAGE = "location";

  private static final String LANGUAGE = "language";

  /** Of the web, in characters that no browser escapes, and without the parts that can have secrets (name and password, query, fragment). */
  private static final Pattern ADDRESS = Pattern.compile(
      "(https?://)(?:[!-~&&[^/?#@\\\\]]*@)?([a-z0-9.:\\[\\]-]+)(/[!-~&&[^?#\\\\<>\"]]*)?(?:[?#].*)?");

  static StartData of(JsonText preEngagementData) {
    String text = preEngagementData.text();
    if (!text.contains("\"" + PAGE + "\"") && !text.contains("\"" + LANGUAGE + "\"")) {
      return NONE; // of clients other than the widget: their data need not be parsed
    }
    return Json.object(text)
        .map(data -> new StartData(
            text(data.get(PAGE)).flatMap(StartData::address),
            text(data.get(LANGUAGE)).filter(LANGUAGES::contains)))
        .orElse(NONE);
  }

  private static Optional<String> text(@Nullable Object value) {
    return Optional.ofNullable(value).filter(String.class::isInstance).map(String.class::cast);
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

package parlour.spec;

import java.util.LinkedHashMap;
import java.util.Map;

/** The headers with which a browser describes itself. */
public record Browser(Map<String, String> headers) {

  public static final Browser CHROME_ON_WINDOWS = new Browser(Map.of(
      "User-Agent",
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
          + " Chrome/142.0.0.0 Safari/537.36",
      "Accept-Language",
      "en-GB,en;q=0.9",
      "x-twilio-sec-usersettings",
      "{\"language\":\"en-GB\",\"cookieEnabled\":true,\"userTimezone\":-60}",
      "x-twilio-sec-webchatinfo",
      "{\"loginTimestamp\":1763800000000}",
      "x-twilio-sec-decoders",
      "{\"audio\":[\"audio/mp4\"],\"video\":[\"video/webm\"]}"));

  /** The thief's. */
  public static final Browser FIREFOX_ON_LINUX = CHROME_ON_WINDOWS
      .with("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0")
      .with("Accept-Language", "fr-FR,fr;q=0.9")
      .with(
          "x-twilio-sec-usersettings",
          "{\"language\":\"fr-FR\",\"cookieEnabled\":true,\"userTimezone\":0}");

  public Browser {
    headers = Map.copyOf(headers);
  }

  public Browser with(String header, String value) {
    Map<String, String> more = new LinkedHashMap<>(headers);
    more.put(header, value);
    return new Browser(more);
  }

  public Browser without(String header) {
    Map<String, String> fewer = new LinkedHashMap<>(headers);
    fewer.remove(header);
    return new Browser(fewer);
  }
}

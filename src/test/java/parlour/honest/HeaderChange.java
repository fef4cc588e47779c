package parlour.honest;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** Something that changes a header of many guests at the same time. */
enum HeaderChange {
  NONE(0),
  /** A browser calls itself by another name from its next release on. */
  BROWSER_RENAMED(60),
  /** A proxy in front of Parlour removes headers that it does not know. */
  SETTINGS_REMOVED(100),
  ACCEPT_LANGUAGE_REMOVED(100);

  final int per100Guests;

  /** The time in which all guests come: a short one, if many must be there at once. */
  final Duration arrivals;

  HeaderChange(int per100Guests) {
    this.per100Guests = per100Guests;
    this.arrivals = per100Guests == 0 ? Duration.ofDays(3) : Duration.ofHours(12);
  }

  /** How long after the begin of a simulation it happens: when most guests have come. */
  Duration delay() {
    return arrivals.multipliedBy(5).dividedBy(6);
  }

  Map<String, String> apply(Map<String, String> headers) {
    Map<String, String> changed = new HashMap<>(headers);
    switch (this) {
      case NONE -> {}
      case BROWSER_RENAMED ->
        changed.compute("User-Agent", (_, given) -> renamed(String.valueOf(given)));
      case SETTINGS_REMOVED -> changed.remove("x-twilio-sec-usersettings");
      case ACCEPT_LANGUAGE_REMOVED -> changed.remove("Accept-Language");
    }
    return changed;
  }

  /** The same system with another browser. */
  private static String renamed(String userAgent) {
    return userAgent.replaceFirst(
        "\\) .*", ") AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 OPR/130.0.0.0");
  }
}

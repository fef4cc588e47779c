package parlour.honest;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.UnaryOperator;

/** Something that changes a header of many guests at the same time. */
enum HeaderChange {
  NONE(0, headers -> headers),
  /** A browser calls itself by another name from its next release on. */
  BROWSER_RENAMED(60, headers -> {
    Map<String, String> changed = new HashMap<>(headers);
    changed.compute("User-Agent", (_, given) -> given.replaceFirst(
        "\\) .*", ") AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 OPR/130.0.0.0"));
    return changed;
  }),
  /** A proxy in front of Parlour removes headers that it does not know. */
  SETTINGS_REMOVED(100, headers -> without("x-twilio-sec-usersettings", headers)),
  ACCEPT_LANGUAGE_REMOVED(100, headers -> without("Accept-Language", headers));

  final int per100Guests;

  /** The time in which all guests come: a short one, if many must be there at once. */
  final Duration arrivals;

  private final UnaryOperator<Map<String, String>> effect;

  HeaderChange(int per100Guests, UnaryOperator<Map<String, String>> effect) {
    this.per100Guests = per100Guests;
    this.arrivals = per100Guests == 0 ? Duration.ofDays(3) : Duration.ofHours(12);
    this.effect = effect;
  }

  /** How long after the begin of a simulation it happens: when most guests have come. */
  Duration delay() {
    return arrivals.multipliedBy(5).dividedBy(6);
  }

  private static Map<String, String> without(String name, Map<String, String> headers) {
    Map<String, String> fewer = new HashMap<>(headers);
    fewer.remove(name);
    return fewer;
  }

  Map<String, String> apply(Map<String, String> headers) {
    return effect.apply(headers);
  }
}

package parlour.honest;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;

/** A browser of one guest: what it sends at an instant, as its version and its settings have it. */
final class HonestBrowser {
  /** The texts that browsers have frozen: they name neither the system's version nor a device. */
  private static final String WINDOWS = "Windows NT 10.0; Win64; x64";

  private static final String MAC = "Macintosh; Intel Mac OS X 10_15_7";
  private static final String ANDROID = "Linux; Android 10; K";
  private static final String LINUX = "X11; Linux x86_64";
  private static final String IPHONE = "iPhone; CPU iPhone OS 18_6 like Mac OS X";

  /** The families, with their rounded shares of page views in per cent. */
  enum Family {
    CHROME_ON_WINDOWS(30, WINDOWS, BrowserReleases.CHROME),
    CHROME_ON_ANDROID(34, ANDROID, BrowserReleases.CHROME),
    CHROME_ON_MAC(5, MAC, BrowserReleases.CHROME),
    SAFARI_ON_IPHONE(17, IPHONE, BrowserReleases.SAFARI),
    SAFARI_ON_MAC(4, MAC, BrowserReleases.SAFARI),
    EDGE_ON_WINDOWS(6, WINDOWS, BrowserReleases.EDGE),
    FIREFOX_ON_WINDOWS(3, WINDOWS, BrowserReleases.FIREFOX),
    FIREFOX_ON_LINUX(1, LINUX, BrowserReleases.FIREFOX);

    final int share;
    final String system;
    final BrowserReleases releases;

    Family(int share, String system, BrowserReleases releases) {
      this.share = share;
      this.system = system;
      this.releases = releases;
    }

    boolean isFirefox() {
      return releases == BrowserReleases.FIREFOX;
    }

    boolean isSafari() {
      return releases == BrowserReleases.SAFARI;
    }

    boolean isOnPhone() {
      return this == CHROME_ON_ANDROID || this == SAFARI_ON_IPHONE;
    }
  }

  /** Where guests live, and their languages. */
  private record Place(String zone, String language) {}

  private static final List<Place> PLACES = List.of(
      new Place("Europe/Berlin", "de-DE"),
      new Place("Europe/London", "en-GB"),
      new Place("Europe/Paris", "fr-FR"),
      new Place("America/New_York", "en-US"),
      new Place("America/Los_Angeles", "en-US"),
      new Place("America/Santiago", "es-CL"),
      new Place("America/Sao_Paulo", "pt-BR"),
      new Place("Australia/Sydney", "en-AU"),
      new Place("Australia/Lord_Howe", "en-AU"), // changes by half an hour
      new Place("Pacific/Auckland", "en-NZ"),
      new Place("Asia/Kolkata", "en-IN"),
      new Place("Asia/Tokyo", "ja-JP"));

  final Family family;
  private final Random random;
  private final Duration lag;
  private ZoneId zone;
  private String language;
  private boolean cookies = true;
  private boolean resistsFingerprinting;
  private boolean isDesktopSite;
  private boolean isDisguised;
  private boolean isInLockdown;

  /** Brave, which gives Chrome's name and says how much it prefers its language anew each time. */
  private final boolean isBrave;

  /** Whether its window is a private one, whose storage ends with it. */
  final boolean isPrivate;

  private int languageWeight = 9;

  HonestBrowser(Random random) {
    this.random = random;
    family = family(random);
    lag = Duration.ofHours(random.nextInt(14 * 24));
    Place home = place();
    zone = ZoneId.of(home.zone());
    language = home.language();
    resistsFingerprinting = family.isFirefox() && random.nextInt(50) == 0;
    isBrave = family.releases == BrowserReleases.CHROME && random.nextInt(25) == 0;
    isPrivate = random.nextInt(20) == 0;
  }

  private static Family family(Random random) {
    int at = random.nextInt(100);
    for (Family family : Family.values()) {
      at -= family.share;
      if (at < 0) {
        return family;
      }
    }
    throw new AssertionError("the shares do not add up to 100");
  }

  private Place place() {
    return PLACES.get(random.nextInt(PLACES.size()));
  }

  void travel() {
    zone = ZoneId.of(place().zone());
  }

  void changeLanguage() {
    language = place().language();
  }

  void switchCookies() {
    cookies = !cookies;
  }

  void switchPrivacyMode() {
    resistsFingerprinting = !resistsFingerprinting;
  }

  void switchLockdownMode() {
    isInLockdown = !isInLockdown;
  }

  /** Starts the browser again. Returns whether it now describes itself in another way. */
  boolean describesItselfAnew() {
    int before = languageWeight;
    if (isBrave) {
      languageWeight = 5 + random.nextInt(5);
    }
    return languageWeight != before;
  }

  boolean isInTheSouth() {
    return zone.getRules().isDaylightSavings(Instant.parse("2026-01-15T00:00:00Z"));
  }

  void switchDesktopSite() {
    isDesktopSite = !isDesktopSite;
  }

  void switchUserAgent() {
    isDisguised = !isDisguised;
  }

  /** The number of the installed version; Safari's are counted. */
  long version(Instant now) {
    return family.releases.newest(now.minus(lag));
  }

  /** As {@code Date.getTimezoneOffset}, by the guest's own clock. */
  int timezoneOffset(Instant guestClock) {
    return resistsFingerprinting
        ? 0
        : -zone.getRules().getOffset(guestClock).getTotalSeconds() / 60;
  }

  private String userAgent(long version) {
    if (isDisguised) {
      return "Mozilla/5.0 (compatible; MSIE 10.0; Windows NT 6.2; Trident/6.0)";
    }
    return switch (family) {
      case CHROME_ON_WINDOWS, CHROME_ON_MAC -> chrome(family.system, version, "");
      case CHROME_ON_ANDROID ->
        isDesktopSite ? chrome(LINUX, version, "") : chrome(ANDROID, version, " Mobile");
      case EDGE_ON_WINDOWS -> chrome(WINDOWS, version, "") + " Edg/" + version + ".0.0.0";
      case SAFARI_ON_MAC -> safari(MAC, version, "");
      case SAFARI_ON_IPHONE ->
        isDesktopSite ? safari(MAC, version, "") : safari(IPHONE, version, " Mobile/15E148");
      case FIREFOX_ON_WINDOWS, FIREFOX_ON_LINUX ->
        "Mozilla/5.0 (%s; rv:%d.0) Gecko/20100101 Firefox/%d.0"
            .formatted(family.system, version, version);
    };
  }

  private static String chrome(String system, long version, String mobile) {
    return "Mozilla/5.0 (%s) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/%d.0.0.0%s Safari/537.36"
        .formatted(system, version, mobile);
  }

  private static String safari(String system, long release, String mobile) {
    long major = release < 7 ? 26 : release < 15 ? 27 : 28;
    long minor = release - (release < 7 ? 0 : release < 15 ? 7 : 15);
    return "Mozilla/5.0 (%s) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/%d.%d%s Safari/604.1"
        .formatted(system, major, minor, mobile);
  }

  /** The headers of a call. */
  Map<String, String> headers(Instant now, Instant guestClock, long loginTimestamp) {
    String shown = resistsFingerprinting ? "en-US" : language;
    long version = version(now);
    return Map.of(
        "User-Agent",
        userAgent(version),
        "Accept-Language",
        shown + "," + shown.substring(0, 2).toLowerCase(Locale.ROOT) + ";q=0." + languageWeight,
        "x-twilio-sec-usersettings",
        "{\"language\":\"%s\",\"cookieEnabled\":%s,\"userTimezone\":%d}"
            .formatted(shown, cookies, timezoneOffset(guestClock)),
        "x-twilio-sec-webchatinfo",
        "{\"loginTimestamp\":%d}".formatted(loginTimestamp),
        "x-twilio-sec-decoders", // a new version knows another format
        isInLockdown
            ? "{\"audio\":[],\"video\":[]}"
            : "{\"audio\":[\"audio/mp4\"],\"video\":[\"video/webm;v=%d\"]}".formatted(version / 3));
  }
}

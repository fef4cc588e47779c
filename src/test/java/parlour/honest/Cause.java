package parlour.honest;

/**
 * Something that happens to an honest guest and could cause a refusal, with the rate at which the
 * simulation lets it happen.
 *
 * @see HonestGuest for how each is simulated
 */
enum Cause {
  UPDATE(
      "the browser updates itself",
      Per.RELEASE,
      0,
      "Chrome since 2026-09-08, Edge since 2026-08-28 and Firefox since 2026-08-18 publish a major"
          + " version every two weeks, before every four; Safari 8 in the last year (their dates as"
          + " MDN's browser-compat-data 8.1.9 of 2026-11-12 lists them)"),
  DAYLIGHT_SAVING(
      "daylight saving begins or ends",
      Per.RELEASE,
      0,
      "the time zone database that" + " Java contains, for zones of both hemispheres"),
  TRAVEL("the guest travels to another time zone", Per.YEAR, 1.2, "estimate"),
  LANGUAGE("the guest changes the browser's language", Per.YEAR, 0.3, "estimate"),
  COOKIES("the guest blocks or allows cookies", Per.YEAR, 0.5, "estimate"),
  PRIVACY_MODE(
      "the guest switches Firefox's resistFingerprinting, which changes language and time"
          + " zone together",
      Per.YEAR,
      0.5,
      "more often than in reality, so that it is seen; only in Firefox"),
  LOCKDOWN_MODE(
      "the guest switches Apple's Lockdown Mode, without which the browser plays more formats",
      Per.YEAR,
      0.1,
      "estimate; only in Safari"),
  OTHER_WEIGHT(
      "the browser gives another weight to its language after a start, as Brave does",
      Per.VISIT,
      0,
      "Brave's description of it; estimate: one Chrome in 25 is a Brave"),
  PRIVATE_WINDOW(
      "the guest closes a private window, whose storage ends with it",
      Per.VISIT,
      0,
      "estimate: one guest in 20 has only private windows"),
  NETWORK(
      "the guest comes from another network",
      Per.VISIT,
      1 / 2.0,
      "estimate; a network in which no guest was before"),
  DESKTOP_SITE(
      "the guest of a phone asks for the desktop site, or no longer",
      Per.RELOAD,
      1 / 50_000.0,
      "estimate; only in browsers of phones"),
  USER_AGENT(
      "the guest changes the User-Agent by an extension or the developer's tools",
      Per.RELOAD,
      1 / 100_000.0,
      "estimate"),
  AWAY("the guest is away for longer than a token lives", Per.VISIT, 0, "follows from the visits"),
  SESSION_OVER("the session has reached its end", Per.VISIT, 0, "follows from the visits"),
  LOST_ANSWER(
      "the answer to a refresh is lost",
      Per.RELOAD,
      1 / 200.0,
      "estimate: guests who" + " navigate on, and mobile networks"),
  LOST_START("the answer to the start of a chat is lost", Per.CHAT, 1 / 200.0, "as for a refresh"),
  LOST_MESSAGE("the answer to a message is lost", Per.MESSAGE, 1 / 200.0, "as for a refresh"),
  PROXY_RETRY("a proxy repeats a call, byte for byte", Per.CALL, 1 / 10_000.0, "estimate"),
  TABS("three tabs reload at the same time", Per.RELOAD, 1 / 50.0, "estimate: a restored window"),
  LATE_TAB("a call of another tab arrives minutes late", Per.RELOAD, 1 / 5_000.0, "estimate"),
  CRASH(
      "the browser crashes before it has written the new token to the disk",
      Per.RELOAD,
      1 / 100_000.0,
      "estimate: Chromium writes localStorage up to five seconds later"),
  BACKUP("the browser's files are restored from a backup", Per.YEAR, 0.1, "estimate"),
  GUEST_CLOCK(
      "the guest's clock is set, often by years",
      Per.YEAR,
      0.5,
      "estimate; one guest in" + " a hundred has a wrong clock from the start"),
  SERVER_CLOCK(
      "the server's clock jumps by up to an hour, and NTP corrects it within two minutes",
      Per.SERVER,
      120,
      "far more often than real servers, so that it is seen"),
  RESTART("the server restarts", Per.SERVER, 52, "a weekly update"),
  CLEARED(
      "the browser deletes the site's storage",
      Per.YEAR,
      2,
      "estimate; Safari also deletes it"
          + " after seven days without a visit, as WebKit documents"),
  TOKEN_LOST(
      "the browser loses the token but not the key", Per.YEAR, 0.02, "estimate: as for the key"),
  KEY_LOST(
      "the browser loses the key but not the token",
      Per.YEAR,
      0.02,
      "estimate: browsers evict"
          + " a site's storage as a whole, so this takes a defect or the developer's tools"),
  UNEXPLAINED("none of these", Per.RELEASE, 0, "a fault in Parlour or in the simulation");

  /** The unit by which a rate is counted. */
  enum Per {
    RELEASE,
    YEAR,
    VISIT,
    RELOAD,
    CHAT,
    MESSAGE,
    CALL,
    SERVER
  }

  final String text;
  final Per per;
  final double rate;
  final String source;

  Cause(String text, Per per, double rate, String source) {
    this.text = text;
    this.per = per;
    this.rate = rate;
    this.source = source;
  }

  String rateText() {
    return switch (per) {
      case RELEASE -> "–";
      case VISIT -> rate == 0 ? "–" : oneIn("visits");
      case YEAR -> "%s per guest and year".formatted(rate);
      case RELOAD -> oneIn("reloads");
      case CHAT -> oneIn("chats");
      case MESSAGE -> oneIn("messages");
      case CALL -> oneIn("calls");
      case SERVER -> "%.0f per server and year".formatted(rate);
    };
  }

  private String oneIn(String what) {
    return "1 in %,.0f %s".formatted(1 / rate, what);
  }
}

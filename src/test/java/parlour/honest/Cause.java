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
      "Chrome, Edge and Firefox publish a major"
          + " version every four weeks (their release calendars); Safari about every seven"),
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
      0.04,
      "estimate; only in Firefox"),
  DESKTOP_SITE(
      "the guest of a phone asks for the desktop site, or no longer",
      Per.RELOAD,
      1 / 50_000.0,
      "estimate; only in browsers of phones"),
  USER_AGENT(
      "the guest changes the User-Agent by an extension or the developer's tools",
      Per.RELOAD,
      1 / 1_000_000.0,
      "estimate"),
  AWAY("the guest is away for longer than a token lives", Per.VISIT, 0, "follows from the visits"),
  SESSION_OVER("the session has reached its end", Per.VISIT, 0, "follows from the visits"),
  LOST_ANSWER(
      "the answer to a refresh is lost",
      Per.RELOAD,
      1 / 200.0,
      "estimate: guests who" + " navigate on, and mobile networks"),
  PROXY_RETRY("a proxy repeats a call", Per.RELOAD, 1 / 10_000.0, "estimate"),
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
      12,
      "far more often than real servers, so that it is seen"),
  RESTART("the server restarts", Per.SERVER, 52, "a weekly update"),
  CLEARED(
      "the browser deletes the site's storage",
      Per.YEAR,
      2,
      "estimate; Safari also deletes it"
          + " after seven days without a visit, as WebKit documents"),
  KEY_LOST(
      "the browser loses the key but not the token",
      Per.YEAR,
      0.02,
      "estimate: browsers evict"
          + " a site's storage as a whole, so this takes a defect or the developer's tools"),
  UNEXPLAINED("none of these", Per.RELEASE, 0, "a fault in Parlour or in the simulation");

  /** What a rate is counted by. */
  enum Per {
    RELEASE,
    YEAR,
    VISIT,
    RELOAD,
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
      case RELEASE, VISIT -> "–";
      case YEAR -> "%s per guest and year".formatted(rate);
      case RELOAD -> "1 in %,.0f reloads".formatted(1 / rate);
      case SERVER -> "%.0f per server and year".formatted(rate);
    };
  }
}

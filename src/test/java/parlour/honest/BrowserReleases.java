package parlour.honest;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;

/**
 * When the versions of a browser are published. The dates until November 2026 are those of the
 * vendors, as MDN's browser-compat-data 8.1.9 of 2026-11-12 lists them.
 */
enum BrowserReleases {
  /** Every four weeks until 152, then every two. */
  CHROME(
      143,
      Duration.ofDays(14),
      "2025-12-02 2026-01-13 2026-02-10 2026-03-10 2026-04-07 2026-05-05 2026-06-02 2026-06-30"
          + " 2026-07-28 2026-08-25 2026-09-08 2026-09-22 2026-10-06 2026-10-20 2026-11-03"
          + " 2026-11-17 2026-12-08"),
  /** Every four weeks until 152, then every two. */
  EDGE(
      143,
      Duration.ofDays(14),
      "2025-12-05 2026-01-21 2026-02-14 2026-03-13 2026-04-10 2026-05-07 2026-06-04 2026-07-02"
          + " 2026-07-31 2026-08-28 2026-09-11 2026-09-24 2026-10-08 2026-10-22 2026-11-05"
          + " 2026-11-19 2026-12-10 2027-01-07"),
  /** Every four weeks until 154, then every two. */
  FIREFOX(
      146,
      Duration.ofDays(14),
      "2025-12-09 2026-01-13 2026-02-24 2026-03-24 2026-04-21 2026-05-19 2026-06-16 2026-07-21"
          + " 2026-08-18 2026-09-01 2026-09-15 2026-09-29 2026-10-13 2026-10-27 2026-11-10"
          + " 2026-11-24 2026-12-08 2027-01-12"),
  /** 26.1 to 27.2; Apple publishes no calendar, so that the next ones are those of a year before. */
  SAFARI(
      1,
      Duration.ofDays(49),
      "2025-11-03 2025-12-12 2026-02-11 2026-03-24 2026-05-11 2026-07-27 2026-09-14 2026-10-23"
          + " 2026-10-26 2026-12-11 2027-02-10 2027-03-23 2027-05-10 2027-07-26 2027-09-13");

  private static final Map<BrowserReleases, long[]> seconds = new EnumMap<>(BrowserReleases.class);

  static {
    for (BrowserReleases browser : values()) {
      seconds.put(
          browser,
          Arrays.stream(browser.dates.split(" ", -1))
              .mapToLong(date -> LocalDate.parse(date).atStartOfDay().toEpochSecond(ZoneOffset.UTC))
              .toArray());
    }
  }

  private final int first;
  private final Duration then;
  private final String dates;

  /**
   * @param first the number of the version that was published on the first date
   * @param then how long after the last date, and after each later version, the next one comes
   */
  BrowserReleases(int first, Duration then, String dates) {
    this.first = first;
    this.then = then;
    this.dates = dates;
  }

  /** The number of the newest version at an instant. */
  long newest(Instant now) {
    long[] published = Objects.requireNonNull(seconds.get(this));
    long at = now.getEpochSecond();
    long last = published[published.length - 1];
    if (at >= last) {
      return (long) first + published.length - 1 + (at - last) / then.toSeconds();
    }
    int found = Arrays.binarySearch(published, at);
    return (long) first + (found >= 0 ? found : -found - 2);
  }
}

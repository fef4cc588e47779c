package parlour.accounts;

import java.time.DateTimeException;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.time.zone.ZoneOffsetTransition;
import java.util.Collection;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;
import parlour.Limits;

/**
 * When the people behind an address answer: the hours of a week, in the time zone of the address.
 *
 * @param holidays local dates on which no hours begin; hours that began the evening before go on
 */
public record OpeningHours(ZoneId zone, WeeklyHours week, SortedSet<LocalDate> holidays) {

  /**
   * @throws IllegalArgumentException if there are too many holidays, with the remedy
   */
  public OpeningHours {
    if (holidays.size() > Limits.HOLIDAYS) {
      throw new IllegalArgumentException(
          "an address has at most %d holidays, and this one %d; leave out those that are over"
              .formatted(Limits.HOLIDAYS, holidays.size()));
    }
    holidays = new TreeSet<>(holidays);
  }

  /**
   * Finds a time zone by its IANA name.
   *
   * @throws IllegalArgumentException if there is no such zone, with the remedy
   */
  public static ZoneId zone(String name) {
    try {
      ZoneId zone = ZoneId.of(name);
      if (!(zone instanceof ZoneOffset)) {
        return zone;
      }
    } catch (DateTimeException e) {
      // answered below, as an offset is
    }
    throw new IllegalArgumentException(
        "\"%s\" is not the IANA name of a time zone; give one such as Europe/Berlin or UTC"
            .formatted(name));
  }

  /**
   * Parses local dates, such as 2026-12-25.
   *
   * @throws IllegalArgumentException if one is not a date or is given twice, with the remedy
   */
  public static SortedSet<LocalDate> holidays(Collection<String> texts) {
    SortedSet<LocalDate> dates = new TreeSet<>();
    for (String text : texts) {
      if (!dates.add(date(text))) {
        throw new IllegalArgumentException("%s is given twice; give it once".formatted(text));
      }
    }
    return dates;
  }

  private static LocalDate date(String text) {
    try {
      return LocalDate.parse(text);
    } catch (DateTimeParseException e) {
      throw new IllegalArgumentException(
          "\"%s\" is not a date; give one such as 2026-12-25".formatted(text));
    }
  }

  /** Whether hours have begun and not ended at an instant. */
  public boolean isOpen(Instant now) {
    LocalDate today = LocalDate.ofInstant(now, zone);
    return Stream.of(today.minusDays(1), today)
        .flatMap(this::periods)
        .anyMatch(period -> !period.begin().isAfter(now) && now.isBefore(period.end()));
  }

  /**
   * The next instant at which hours begin; empty if none do for so long that nobody would wait for
   * it.
   */
  public Optional<Instant> nextOpening(Instant now) {
    LocalDate today = LocalDate.ofInstant(now, zone);
    return today
        .datesUntil(today.plusDays(Limits.OPENING_HORIZON.toDays()))
        .flatMap(this::periods)
        .map(Period::begin)
        .filter(begin -> begin.isAfter(now))
        .findFirst();
  }

  /** Hours as instants: from the beginning up to, and without, the end. */
  private record Period(Instant begin, Instant end) {}

  /** The hours that begin on a date, in order; none on a holiday. */
  private Stream<Period> periods(LocalDate date) {
    if (holidays.contains(date)) {
      return Stream.empty();
    }
    DayOfWeek day = date.getDayOfWeek();
    LocalDateTime midnight = date.atStartOfDay();
    return week.of(day).stream()
        .map(hours -> new Period(
            instant(midnight.plusMinutes(hours.fromMinute()), false),
            instant(midnight.plusMinutes(hours.untilMinute()), true)))
        .filter(period -> period.begin().isBefore(period.end())); // a clock change skipped it
  }

  /**
   * The instant of a local time. A time that a clock change skips is the instant of the change. Of a
   * time that comes twice, hours begin at the first and end at the second, so that they are never
   * shorter than they are written.
   */
  private Instant instant(LocalDateTime local, boolean isEnd) {
    ZoneOffsetTransition change = zone.getRules().getTransition(local);
    if (change == null) {
      return local.atZone(zone).toInstant();
    }
    if (change.isGap()) {
      return change.getInstant();
    }
    return local.toInstant(isEnd ? change.getOffsetAfter() : change.getOffsetBefore());
  }
}

package parlour.accounts;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.LocalDate;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import parlour.OutageLog;

/** Reads and writes the attendance of an address as columns of its row. */
final class SqlAttendance {
  private static final OutageLog unreadable = new OutageLog(
      LoggerFactory.getLogger(SqlAttendance.class), "an address counts as attended at all hours");

  static final String COLUMNS = "time_zone, opening_hours, holidays, away_text";

  private SqlAttendance() {}

  /**
   * Hours that another node stored can be unreadable here: the JDK of this one may not know their
   * zone. They must not stop the calls of guests, so then the address is attended at all hours.
   */
  static Attendance of(ResultSet row) throws SQLException {
    Optional<String> awayText = Optional.ofNullable(row.getString("away_text"));
    String zone = row.getString("time_zone");
    if (zone == null) {
      return new Attendance(Optional.empty(), awayText);
    }
    String week = row.getString("opening_hours");
    String holidays = row.getString("holidays");
    Optional<OpeningHours> hours = hours(zone, week, holidays);
    return new Attendance(
        hours,
        awayText,
        hours.isPresent()
            ? Optional.empty()
            : Optional.of(new Attendance.Unreadable(zone, week, holidays)));
  }

  private static Optional<OpeningHours> hours(
      String zone, @Nullable String week, @Nullable String holidays) {
    try {
      return Optional.of(new OpeningHours(
          OpeningHours.zone(zone),
          WeeklyHours.parse(lines(week)),
          OpeningHours.holidays(lines(holidays))));
    } catch (IllegalArgumentException e) {
      unreadable.failed(String.valueOf(e.getMessage()));
      return Optional.empty();
    }
  }

  private static List<String> lines(@Nullable String text) {
    return Objects.requireNonNullElse(text, "").lines().toList();
  }

  static @Nullable String zoneOrNull(Attendance attendance) {
    return attendance
        .hours()
        .map(hours -> hours.zone().getId())
        .or(() -> attendance.unreadable().map(Attendance.Unreadable::zone))
        .orElse(null);
  }

  static @Nullable String hoursOrNull(Attendance attendance) {
    if (attendance.unreadable().isPresent()) {
      return attendance.unreadable().get().week();
    }
    return attendance
        .hours()
        .map(hours -> String.join("\n", hours.week().lines()))
        .orElse(null);
  }

  static @Nullable String holidaysOrNull(Attendance attendance) {
    if (attendance.unreadable().isPresent()) {
      return attendance.unreadable().get().holidays();
    }
    return attendance
        .hours()
        .map(hours ->
            hours.holidays().stream().map(LocalDate::toString).collect(Collectors.joining("\n")))
        .orElse(null);
  }
}

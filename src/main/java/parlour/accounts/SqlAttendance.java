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

  static Attendance of(ResultSet row) throws SQLException {
    return new Attendance(hours(row), Optional.ofNullable(row.getString("away_text")));
  }

  /**
   * Hours that another node stored can be unreadable here: the JDK of this one may not know their
   * zone. They must not stop the calls of guests, so then the address is attended at all hours.
   */
  private static Optional<OpeningHours> hours(ResultSet row) throws SQLException {
    String zone = row.getString("time_zone");
    if (zone == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(new OpeningHours(
          OpeningHours.zone(zone),
          WeeklyHours.parse(lines(row, "opening_hours")),
          OpeningHours.holidays(lines(row, "holidays"))));
    } catch (IllegalArgumentException e) {
      unreadable.failed(String.valueOf(e.getMessage()));
      return Optional.empty();
    }
  }

  private static List<String> lines(ResultSet row, String column) throws SQLException {
    return Objects.requireNonNullElse(row.getString(column), "").lines().toList();
  }

  static @Nullable String zoneOrNull(Attendance attendance) {
    return attendance.hours().map(hours -> hours.zone().getId()).orElse(null);
  }

  static @Nullable String hoursOrNull(Attendance attendance) {
    return attendance
        .hours()
        .map(hours -> String.join("\n", hours.week().lines()))
        .orElse(null);
  }

  static @Nullable String holidaysOrNull(Attendance attendance) {
    return attendance
        .hours()
        .map(hours ->
            hours.holidays().stream().map(LocalDate::toString).collect(Collectors.joining("\n")))
        .orElse(null);
  }
}

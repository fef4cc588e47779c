package parlour.accounts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import parlour.Limits;

/** 2026 began on a Thursday; in Berlin, summer time is from 29 March to 25 October. */
class OpeningHoursTest {
  @Test
  void an_address_is_open_from_the_beginning_up_to_the_end_in_its_own_zone() {
    OpeningHours hours = hours("Europe/Berlin", "mon-fri 09:00-12:30,13:30-18:00");
    assertOpen(hours, "2026-01-05T08:00:00Z", "2026-01-05T11:29:59Z", "2026-01-05T12:30:00Z");
    assertClosedUntil(hours, "2026-01-05T07:59:59Z", "2026-01-05T08:00:00Z");
    assertClosedUntil(hours, "2026-01-05T11:30:00Z", "2026-01-05T12:30:00Z");
    assertClosedUntil(hours, "2026-01-09T17:00:00Z", "2026-01-12T08:00:00Z"); // over a weekend
    OpeningHours tokyo = hours("Asia/Tokyo", "mon 09:00-18:00");
    assertOpen(tokyo, "2026-01-05T00:00:00Z"); // the same Monday, eight hours before Berlin's
    assertClosedUntil(tokyo, "2026-01-05T09:00:00Z", "2026-01-12T00:00:00Z");
  }

  @Test
  void hours_that_cross_midnight_belong_to_the_day_on_which_they_begin() {
    OpeningHours hours = hours("Europe/Berlin", "fri 22:00-06:00", "sun 20:00-24:00");
    assertOpen(hours, "2026-01-09T21:00:00Z", "2026-01-09T23:30:00Z", "2026-01-10T04:59:59Z");
    assertClosedUntil(hours, "2026-01-10T05:00:00Z", "2026-01-11T19:00:00Z");
    assertOpen(hours, "2026-01-11T22:59:59Z");
    assertClosedUntil(hours, "2026-01-11T23:00:00Z", "2026-01-16T21:00:00Z");
    OpeningHours week = hours("UTC", "mon-sun 00:00-24:00");
    assertOpen(week, "2026-01-05T00:00:00Z", "2026-01-11T23:59:59Z");
  }

  @Test
  void no_hours_begin_on_a_holiday_and_those_of_the_evening_before_go_on() {
    OpeningHours hours = new OpeningHours(
        OpeningHours.zone("Europe/Berlin"),
        WeeklyHours.parse(List.of("mon-sun 22:00-06:00")),
        OpeningHours.holidays(List.of("2026-12-25", "2026-12-26")));
    assertOpen(hours, "2026-12-25T04:59:59Z");
    assertClosedUntil(hours, "2026-12-25T05:00:00Z", "2026-12-27T21:00:00Z");
    assertClosedUntil(hours, "2026-12-26T22:00:00Z", "2026-12-27T21:00:00Z");
  }

  @Test
  void in_spring_a_time_that_the_change_skips_is_the_moment_of_the_change() {
    OpeningHours hours = hours("Europe/Berlin", "sun 02:30-05:00", "sat 22:00-02:15");
    assertOpen(hours, "2026-03-29T00:59:59Z"); // Saturday's night, up to 02:15, which is not
    assertOpen(hours, "2026-03-29T01:00:00Z", "2026-03-29T02:59:59Z"); // 03:00 to 05:00
    assertClosedUntil(hours, "2026-03-29T03:00:00Z", "2026-04-04T20:00:00Z"); // summer time
    OpeningHours skipped = hours("Europe/Berlin", "sun 02:10-02:50");
    assertClosedUntil(skipped, "2026-03-29T00:30:00Z", "2026-04-05T00:10:00Z");
  }

  @Test
  void in_autumn_hours_last_from_the_first_to_the_second_time_that_the_clock_shows() {
    OpeningHours hours = hours("Europe/Berlin", "sun 02:30-02:45", "sat 22:00-02:15");
    assertOpen(hours, "2026-10-24T20:00:00Z", "2026-10-25T00:15:00Z"); // 02:15 for the first time
    assertOpen(hours, "2026-10-25T00:30:00Z", "2026-10-25T01:44:59Z"); // 02:30 to 02:44:59 again
    assertClosedUntil(hours, "2026-10-25T01:45:00Z", "2026-10-31T21:00:00Z"); // winter time
  }

  @Test
  void an_opening_that_no_guest_would_wait_for_is_not_announced() {
    Instant monday = Instant.parse("2026-01-05T12:00:00Z");
    LocalDateTime local = LocalDateTime.ofInstant(monday, ZoneOffset.UTC);
    List<String> mondays = IntStream.range(1, Limits.HOLIDAYS)
        .mapToObj(week -> local.plusWeeks(week).toLocalDate().toString())
        .toList();
    OpeningHours hours = new OpeningHours(
        OpeningHours.zone("UTC"),
        WeeklyHours.parse(List.of("mon 09:00-10:00")),
        OpeningHours.holidays(mondays));
    assertThat(hours.nextOpening(monday)).isEmpty();
  }

  @Test
  void lines_come_back_as_they_are_stored() {
    WeeklyHours week =
        WeeklyHours.parse(List.of("Sat,sun 22:00-06:00", "mon-wed 13:30-18:00,09:00-12:30"));
    assertThat(week.lines())
        .containsExactly(
            "mon 09:00-12:30,13:30-18:00",
            "tue 09:00-12:30,13:30-18:00",
            "wed 09:00-12:30,13:30-18:00",
            "sat 22:00-06:00",
            "sun 22:00-06:00");
    assertThat(WeeklyHours.parse(week.lines())).isEqualTo(week);
    assertThat(WeeklyHours.parse(List.of("fri-mon 00:00-24:00")).days().keySet())
        .containsExactly(DayOfWeek.MONDAY, DayOfWeek.FRIDAY, DayOfWeek.SATURDAY, DayOfWeek.SUNDAY);
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
          mon 09:00-25:00                  | 25:00 is not a time of day
          mon 24:00-25:00                  | 24:00 is not a time of day
          mon 09:60-10:00                  | 09:60 is not a time of day
          mon 9-17                         | "9-17" does not name hours; write days and hours such as
          mon                              | "mon" is not a line of hours
          mon 09:00-10:00 11:00-12:00      | is not a line of hours
          montag 09:00-10:00               | "montag" is not a day; give mon, tue
          mon-wed-fri 09:00-10:00          | "mon-wed-fri" is not a day
          mon 09:00-09:00                  | has no length; write 00:00-24:00
          mon 09:00-12:00,11:00-13:00      | mon 09:00-12:00 and mon 11:00-13:00 overlap
          mon 22:00-06:00;tue 05:00-07:00  | mon 22:00-06:00 and tue 05:00-07:00 overlap
          sun 22:00-06:00;mon 05:00-07:00  | sun 22:00-06:00 and mon 05:00-07:00 overlap
          mon-fri 09:00-10:00;fri 11:00-12:00 | fri is given twice
          mon,mon 09:00-10:00              | mon is given twice
          mon 01:00-02:00,03:00-04:00,05:00-06:00,07:00-08:00,09:00-10:00 | at most 4 times
          """)
  void mistakes_name_what_is_wrong_and_the_remedy(String lines, String message) {
    assertThatThrownBy(() -> WeeklyHours.parse(Arrays.asList(lines.split(";", -1))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  @ParameterizedTest
  @CsvSource({"Europe/Belrin", "+01:00", "CEST", "''"})
  void a_zone_has_an_iana_name(String name) {
    assertThatThrownBy(() -> OpeningHours.zone(name))
        .hasMessageContaining("is not the IANA name of a time zone; give one such as");
  }

  private static OpeningHours hours(String zone, String... lines) {
    return new OpeningHours(
        OpeningHours.zone(zone),
        WeeklyHours.parse(List.of(lines)),
        OpeningHours.holidays(List.of()));
  }

  private static void assertOpen(OpeningHours hours, String... instants) {
    for (String instant : instants) {
      assertThat(hours.isOpen(Instant.parse(instant))).as(instant).isTrue();
    }
  }

  private static void assertClosedUntil(OpeningHours hours, String instant, String opening) {
    Instant now = Instant.parse(instant);
    assertThat(hours.isOpen(now)).as(instant).isFalse();
    assertThat(hours.nextOpening(now)).as(instant).contains(Instant.parse(opening));
  }
}

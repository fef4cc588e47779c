package parlour.cli;

import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import parlour.accounts.Attendance;
import parlour.accounts.OpeningHours;
import parlour.accounts.WeeklyHours;
import picocli.CommandLine.Option;

/** The options that say when an address is attended. An option that is not given changes nothing. */
final class AttendanceOptions {
  @Option(
      names = "--zone",
      paramLabel = "ZONE",
      description = "The time zone of the hours by its IANA name, such as Europe/Berlin.")
  private Optional<String> zone = Optional.empty();

  @Option(
      names = "--open",
      paramLabel = "DAYS HOURS",
      description = "Days and their hours, such as \"mon-fri 09:00-12:30,13:30-18:00\"; hours such"
          + " as 22:00-06:00 end on the next day. Replaces all hours. Can be repeated.")
  private List<String> open = List.of();

  @Option(
      names = "--holiday",
      paramLabel = "DATE",
      description = "A date on which no hours begin, such as 2026-12-25. Replaces all holidays. Can"
          + " be repeated.")
  private List<String> holidays = List.of();

  @Option(names = "--no-holidays", description = "Removes all holidays.")
  private boolean noHolidays;

  @Option(
      names = "--always",
      description = "Removes the hours and the holidays: the address is attended at all hours.")
  private boolean always;

  @Option(
      names = "--away-text",
      paramLabel = "TEXT",
      description = "One line that guests read while nobody answers, in place of the widget's own.")
  private Optional<String> awayText = Optional.empty();

  @Option(names = "--no-away-text", description = "Removes the text.")
  private boolean noAwayText;

  /**
   * The attendance after the change.
   *
   * @throws UserError also without a change, if the hours cannot be read here: they stay as they are
   */
  Attendance appliedTo(Attendance before) {
    if (noAwayText && awayText.isPresent()) {
      throw AddressOptions.contradiction("--away-text", "--no-away-text");
    }
    if (before.unreadable().isPresent() && !always && !replacesAllHours()) {
      throw new UserError(
          ("this machine cannot read the hours of the address, whose time zone is %s, so"
                  + " nothing was changed: update Java here, run the command on a machine whose Java knows"
                  + " the zone, or replace the hours by --zone, --open, and --holiday or --no-holidays")
              .formatted(before.unreadable().get().zone()));
    }
    Optional<OpeningHours> hours = always ? none() : hours(before.hours());
    return AddressOptions.parsed(
        "--away-text",
        awayText.orElse(""),
        _ -> new Attendance(hours, noAwayText ? Optional.empty() : awayText.or(before::awayText)));
  }

  private boolean replacesAllHours() {
    return zone.isPresent() && !open.isEmpty() && (noHolidays || !holidays.isEmpty());
  }

  private Optional<OpeningHours> none() {
    if (zone.isPresent() || !open.isEmpty() || !holidays.isEmpty()) {
      throw new UserError(
          "--always removes the hours: leave out --zone, --open and --holiday, or --always");
    }
    return Optional.empty();
  }

  private Optional<OpeningHours> hours(Optional<OpeningHours> before) {
    if (noHolidays && !holidays.isEmpty()) {
      throw AddressOptions.contradiction("--holiday", "--no-holidays");
    }
    if (zone.isEmpty() && open.isEmpty() && holidays.isEmpty() && !noHolidays) {
      return before;
    }
    ZoneId place = zone.map(name -> AddressOptions.parsed("--zone", name, OpeningHours::zone))
        .or(() -> before.map(OpeningHours::zone))
        .orElseThrow(() -> new UserError("--zone is missing: the address has no hours yet; give"
            + " their time zone, such as --zone Europe/Berlin"));
    WeeklyHours week = open.isEmpty()
        ? before
            .map(OpeningHours::week)
            .orElseThrow(() -> new UserError("--open is missing: the address has no hours yet; give"
                + " some, such as --open \"mon-fri 09:00-17:00\""))
        : AddressOptions.parsed("--open", "", _ -> WeeklyHours.parse(open));
    return Optional.of(AddressOptions.parsed(
        "--holiday", "", _ -> new OpeningHours(place, week, holidays(before))));
  }

  private SortedSet<LocalDate> holidays(Optional<OpeningHours> before) {
    if (!holidays.isEmpty() || noHolidays) {
      return OpeningHours.holidays(holidays);
    }
    return before.map(OpeningHours::holidays).orElseGet(TreeSet::new);
  }
}

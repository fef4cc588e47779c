package parlour.inbox;

import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import parlour.Durations;
import parlour.Limits;
import parlour.Sha256;
import parlour.accounts.Accounts;
import parlour.accounts.Attendance;
import parlour.accounts.Lifetimes;
import parlour.accounts.OpeningHours;
import parlour.accounts.Responder;
import parlour.accounts.WeeklyHours;
import parlour.errors.ErrorCode;
import parlour.errors.Problem;
import parlour.http.server.RequestFields;

/**
 * The settings of an address as texts, in the words of the commands' options.
 *
 * @param version differs after each change of one of them; names what the admin has seen
 * @param isOfProgram whether a webhook answers there, and not the inbox
 * @param keep {@code forever}, or a time
 * @param greeting empty: none
 * @param awayText empty: the widget's own
 * @param timeZone empty: attended at all hours
 * @param hours a line for each day, such as {@code mon 09:00-17:00}
 * @param holidays local dates
 * @param hasUnreadableHours whether the hours are in a zone that this server does not know: they stay
 */
record DeskForm(
    String sid,
    String version,
    String name,
    boolean isOfProgram,
    String keep,
    String greeting,
    String awayText,
    String timeZone,
    List<String> hours,
    List<String> holidays,
    boolean hasUnreadableHours,
    boolean isOpen,
    @Nullable String opensAt) {
  private static final int VERSION_BYTES = 16;

  static DeskForm of(Accounts.Address address, Instant now) {
    Optional<OpeningHours> hours = address.attendance().hours();
    boolean isOpen = hours.map(one -> one.isOpen(now)).orElse(true);
    return new DeskForm(
        address.sid().text(),
        version(address),
        address.name(),
        address.answering() instanceof Responder.Webhook,
        address.keep().map(Durations::text).orElse(Lifetimes.FOREVER),
        address.greeting().orElse(""),
        address.attendance().awayText().orElse(""),
        hours.map(one -> one.zone().getId()).orElse(""),
        hours.map(one -> one.week().lines()).orElse(List.of()),
        hours.stream()
            .flatMap(one -> one.holidays().stream())
            .map(Object::toString)
            .toList(),
        address.attendance().unreadable().isPresent(),
        isOpen,
        isOpen
            ? null
            : hours.flatMap(one -> one.nextOpening(now)).map(Instant::toString).orElse(null));
  }

  /** The settings that differ from those before, with their values now. */
  Map<String, String> changedSince(DeskForm before) {
    Map<String, String> changed = new TreeMap<>(values());
    changed.entrySet().removeAll(before.values().entrySet());
    return changed;
  }

  private Map<String, String> values() {
    return Map.of(
        "name", name,
        "keep", keep,
        "greeting", greeting,
        "away_text", awayText,
        "time_zone", timeZone,
        "hours", String.join(", ", hours),
        "holidays", String.join(", ", holidays));
  }

  /** Without the responder, which this form does not change and whose secret stays here. */
  static String version(Accounts.Address address) {
    String text = String.join(
        "\n",
        address.name(),
        address.greeting().toString(),
        address.keep().toString(),
        address.attendance().toString());
    return HexFormat.of().formatHex(Sha256.of(text), 0, VERSION_BYTES);
  }

  /**
   * The address after the fields of a call, all of which the page sends.
   *
   * @throws Problem that names the field and the remedy
   */
  static Accounts.Address changed(Accounts.Address before, RequestFields fields) {
    Optional<Duration> keep = checked(
        "keep", () -> Lifetimes.parsed(fields.optional("keep"), Lifetimes.FOREVER, before.keep()));
    String name = name(fields.required("name"));
    Attendance attendance = attendance(before.attendance(), fields);
    return checked(
        "greeting",
        () -> new Accounts.Address(
            before.sid(),
            before.account(),
            name,
            fields.optional("greeting"),
            before.answering(),
            attendance,
            checked("keep", () -> before.keeping(keep)).keep(),
            before.created()));
  }

  /** A name that guests read above a greeting. */
  static String name(String text) {
    String name = text.strip();
    return checked("name", () -> {
      if (name.isEmpty()
          || name.length() > Limits.DEPLOYMENT_NAME_CHARACTERS
          || name.chars().anyMatch(Character::isISOControl)) {
        throw new IllegalArgumentException("a name is one line of 1 to %d characters"
            .formatted(Limits.DEPLOYMENT_NAME_CHARACTERS));
      }
      return name;
    });
  }

  private static Attendance attendance(Attendance before, RequestFields fields) {
    Optional<String> zone = fields.optional("time_zone").map(String::strip);
    List<String> lines = lines(fields, "hours", Limits.HOURS_LINES);
    List<String> dates = lines(fields, "holidays", Limits.HOLIDAYS);
    Optional<String> awayText = fields.optional("away_text").map(String::strip);
    if (before.unreadable().isPresent() && zone.isEmpty() && lines.isEmpty() && dates.isEmpty()) {
      return checked(
          "away_text", () -> new Attendance(Optional.empty(), awayText, before.unreadable()));
    }
    if (zone.isEmpty() && (!lines.isEmpty() || !dates.isEmpty())) {
      throw new Problem(
          ErrorCode.MALFORMED,
          "The field \"time_zone\": hours and holidays need a time zone, such as Europe/Berlin.");
    }
    if (zone.isPresent() && lines.isEmpty()) {
      throw new Problem(
          ErrorCode.MALFORMED,
          "The field \"hours\": send some, such as \"mon-fri 09:00-17:00\", or no time zone for all"
              + " hours.");
    }
    Optional<OpeningHours> hours = zone.map(place -> new OpeningHours(
        checked("time_zone", () -> OpeningHours.zone(place)),
        checked("hours", () -> WeeklyHours.parse(lines)),
        checked("holidays", () -> OpeningHours.holidays(dates))));
    return checked("away_text", () -> new Attendance(hours, awayText));
  }

  private static List<String> lines(RequestFields fields, String field, int max) {
    return fields.texts(field, max).stream()
        .map(String::strip)
        .filter(line -> !line.isEmpty())
        .toList();
  }

  private static <T> T checked(String field, Supplier<T> parser) {
    try {
      return parser.get();
    } catch (IllegalArgumentException e) {
      throw new Problem(
          ErrorCode.MALFORMED, "The field \"%s\": %s.".formatted(field, e.getMessage()));
    }
  }
}

package parlour.accounts;

import java.time.DayOfWeek;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import parlour.Limits;

/**
 * The opening hours of a week, by the day on which they begin.
 *
 * @param days the hours of each day that has any, in order and without overlaps
 */
public record WeeklyHours(Map<DayOfWeek, List<Hours>> days) {
  private static final int DAY_MINUTES = 24 * 60;
  private static final int WEEK_MINUTES = 7 * DAY_MINUTES;

  private static final Pattern LINE = Pattern.compile("(\\S+)\\s+(\\S+)");
  private static final Pattern TIMES = Pattern.compile("(\\d\\d):(\\d\\d)-(\\d\\d):(\\d\\d)");
  private static final String EXAMPLE =
      "write days and hours such as \"mon-fri 09:00-12:30,13:30-18:00\"";

  /**
   * Hours of one day, in minutes from its midnight.
   *
   * @param untilMinute later than the beginning; more than a day's minutes if they cross midnight
   */
  public record Hours(int fromMinute, int untilMinute) {
    private String text() {
      boolean isNextDay = untilMinute > DAY_MINUTES;
      return clock(fromMinute) + "-" + clock(isNextDay ? untilMinute - DAY_MINUTES : untilMinute);
    }

    private static String clock(int minute) {
      return "%02d:%02d".formatted(minute / 60, minute % 60);
    }
  }

  public WeeklyHours {
    Map<DayOfWeek, List<Hours>> copy = new EnumMap<>(DayOfWeek.class);
    days.forEach((day, hours) -> copy.put(day, List.copyOf(hours)));
    days = copy;
  }

  /**
   * Parses lines such as {@code mon-fri 09:00-12:30,13:30-18:00}. Hours whose end is not later than
   * their beginning end on the next day.
   *
   * @throws IllegalArgumentException about the line, with the remedy
   */
  public static WeeklyHours parse(Collection<String> lines) {
    Map<DayOfWeek, List<Hours>> days = new EnumMap<>(DayOfWeek.class);
    for (String line : lines) {
      Matcher parts = LINE.matcher(line.strip().toLowerCase(Locale.ROOT));
      if (!parts.matches()) {
        throw new IllegalArgumentException(
            "\"%s\" is not a line of hours; %s".formatted(line, EXAMPLE));
      }
      List<Hours> hours = hours(parts.group(2));
      for (DayOfWeek day : days(parts.group(1))) {
        if (days.putIfAbsent(day, hours) != null) {
          throw new IllegalArgumentException(
              "%s is given twice; give all hours of a day in one line".formatted(word(day)));
        }
      }
    }
    WeeklyHours week = new WeeklyHours(days);
    week.refuseOverlaps();
    return week;
  }

  /** The hours that begin on a day, in order. */
  public List<Hours> of(DayOfWeek day) {
    return days.getOrDefault(day, List.of());
  }

  /** A line for each day that has hours, as {@link #parse} reads them. */
  public List<String> lines() {
    return days.entrySet().stream()
        .map(day -> word(day.getKey()) + " "
            + day.getValue().stream().map(Hours::text).collect(Collectors.joining(",")))
        .toList();
  }

  private static List<DayOfWeek> days(String text) {
    List<DayOfWeek> days = new ArrayList<>();
    for (String part : text.split(",", -1)) {
      String[] ends = part.split("-", -1);
      if (ends.length > 2) {
        throw unknownDay(part);
      }
      DayOfWeek day = day(ends[0]);
      DayOfWeek last = day(ends[ends.length - 1]);
      days.add(day);
      while (day != last) {
        day = day.plus(1);
        days.add(day);
      }
    }
    return days;
  }

  private static DayOfWeek day(String text) {
    return Stream.of(DayOfWeek.values())
        .filter(day -> word(day).equals(text))
        .findFirst()
        .orElseThrow(() -> unknownDay(text));
  }

  private static IllegalArgumentException unknownDay(String text) {
    return new IllegalArgumentException(
        "\"%s\" is not a day; give mon, tue, wed, thu, fri, sat or sun, or a range such as mon-fri"
            .formatted(text));
  }

  private static String word(DayOfWeek day) {
    return day.name().substring(0, 3).toLowerCase(Locale.ROOT);
  }

  private static List<Hours> hours(String text) {
    List<Hours> hours = new ArrayList<>();
    for (String part : text.split(",", -1)) {
      Matcher times = TIMES.matcher(part);
      if (!times.matches()) {
        throw new IllegalArgumentException(
            "\"%s\" does not name hours; %s".formatted(part, EXAMPLE));
      }
      int from = minute(times.group(1), times.group(2), DAY_MINUTES - 1);
      int until = minute(times.group(3), times.group(4), DAY_MINUTES);
      if (from == until) {
        throw new IllegalArgumentException(
            "%s has no length; write 00:00-24:00 for a whole day".formatted(part));
      }
      hours.add(new Hours(from, until > from ? until : until + DAY_MINUTES));
    }
    if (hours.size() > Limits.HOURS_OF_DAY) {
      throw new IllegalArgumentException("a day has hours at most %d times, and this line %d"
          .formatted(Limits.HOURS_OF_DAY, hours.size()));
    }
    hours.sort(Comparator.comparingInt(Hours::fromMinute));
    return hours;
  }

  private static int minute(String hour, String minute, int last) {
    int minutes = Integer.parseInt(hour) * 60 + Integer.parseInt(minute);
    if (Integer.parseInt(minute) > 59 || minutes > last) {
      throw new IllegalArgumentException(
          "%s:%s is not a time of day; give one from 00:00 to 23:59, or 24:00 as an end"
              .formatted(hour, minute));
    }
    return minutes;
  }

  /** Also those of a night and of the next morning, and those of Sunday's night and of Monday. */
  private void refuseOverlaps() {
    List<Placed> placed = new ArrayList<>();
    days.forEach((day, hours) -> hours.forEach(one -> placed.add(new Placed(day, one))));
    for (int i = 0; i < placed.size(); i++) {
      Placed one = placed.get(i);
      Placed next = placed.get((i + 1) % placed.size());
      int nextBegin = next.begin() + (i + 1 == placed.size() ? WEEK_MINUTES : 0);
      if (one.end() > nextBegin) {
        throw new IllegalArgumentException(
            "%s and %s overlap; write them as one, or change one of them"
                .formatted(one.text(), next.text()));
      }
    }
  }

  /** Hours at their place in the week, in minutes from the midnight before Monday. */
  private record Placed(DayOfWeek day, Hours hours) {
    int begin() {
      return (day.getValue() - 1) * DAY_MINUTES + hours.fromMinute();
    }

    int end() {
      return (day.getValue() - 1) * DAY_MINUTES + hours.untilMinute();
    }

    String text() {
      return word(day) + " " + hours.text();
    }
  }
}

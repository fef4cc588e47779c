package parlour.cli;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Rows under headings, each column as wide as its widest cell. */
final class Table {
  private final String whenEmpty;
  private final List<List<String>> rows = new ArrayList<>();

  /**
   * @param whenEmpty printed instead of the headings if there are no rows
   */
  Table(String whenEmpty, String... headings) {
    this.whenEmpty = whenEmpty;
    rows.add(List.of(headings));
  }

  Table row(String... cells) {
    if (cells.length != rows.getFirst().size()) {
      throw new IllegalArgumentException(cells.length + " cells");
    }
    rows.add(List.of(cells));
    return this;
  }

  /** One object, with a line for each of its properties. */
  static String pairs(Map<String, String> lines) {
    int width = lines.keySet().stream().mapToInt(String::length).max().orElse(0);
    return lines.entrySet().stream()
        .map(line ->
            line.getKey() + " ".repeat(width - line.getKey().length() + 2) + line.getValue())
        .collect(Collectors.joining("\n"));
  }

  /** ISO-8601 in UTC, to the second. */
  static String time(@Nullable Instant instant) {
    return instant == null ? "-" : instant.truncatedTo(ChronoUnit.SECONDS).toString();
  }

  @Override
  public String toString() {
    if (rows.size() == 1) {
      return whenEmpty;
    }
    List<String> lines = new ArrayList<>();
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int column = 0; column < row.size(); column++) {
        int width = width(column);
        String cell = row.get(column);
        line.append(cell).repeat(" ", width - length(cell) + 2);
      }
      lines.add(line.toString().stripTrailing());
    }
    return String.join("\n", lines);
  }

  private int width(int column) {
    return rows.stream().mapToInt(row -> length(row.get(column))).max().orElse(0);
  }

  private static int length(String cell) {
    return cell.codePointCount(0, cell.length());
  }
}

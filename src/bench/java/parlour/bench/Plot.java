package parlour.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Bars, from zero, as an SVG that is readable on a light page and on a dark one.
 *
 * @param series what the bars of each row are, from the top
 */
record Plot(String title, List<String> series, List<Row> rows) {
  private static final int WIDTH = 860;
  private static final int LABELS = 270;
  private static final int NUMBERS = 80;
  private static final int BAR = 16;
  private static final int GAP = 12;
  private static final int HEAD = 40;

  /** Values below it, as ratios are, have one digit more. */
  private static final double SMALL = 3;

  /**
   * A thing, and its values in the order of the series.
   *
   * @param aims a mark for each value; none, or not a number where there is no aim
   */
  record Row(String label, List<Double> values, List<Double> aims) {
    Row(String label, List<Double> values) {
      this(label, values, List.of());
    }
  }

  void write(Path file) throws IOException {
    Files.writeString(file, svg());
  }

  private String svg() {
    StringBuilder bars = new StringBuilder();
    int y = HEAD;
    for (int i = 0; series.size() > 1 && i < series.size(); i++, y += BAR + 4) {
      bars.append("""
            <rect class="s%d" x="%d" y="%d" width="12" height="12"/>
            <text x="%d" y="%d">%s</text>
          """.formatted(i, LABELS, y, LABELS + 18, y + 11, escaped(series.get(i))));
    }
    y += GAP;
    for (Row row : rows) {
      bars.append(bars(row, y));
      y += row.values().size() * BAR + GAP;
    }
    return """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" role="img">
          <title>%3$s</title>
          <style>
            text { font: 13px system-ui, sans-serif; fill: #1f2328 }
            .title { font-size: 15px; font-weight: 600 }
            .label { text-anchor: end }
            .s0 { fill: #2a6fdb } .s1 { fill: #d9822b } .s2 { fill: #7a8794 }
            .aim { fill: #cf222e }
            @media (prefers-color-scheme: dark) {
              text { fill: #e6edf3 }
              .s0 { fill: #6ea8fe } .s1 { fill: #f0a35a } .s2 { fill: #9aa7b4 }
              .aim { fill: #ff7b72 }
            }
          </style>
          <text class="title" x="12" y="22">%3$s</text>
        %4$s</svg>
        """.formatted(WIDTH, y, escaped(title), bars);
  }

  private String bars(Row row, int top) {
    int middle = top + row.values().size() * BAR / 2;
    StringBuilder bars =
        new StringBuilder("""
          <text class="label" x="%d" y="%d">%s</text>
        """.formatted(LABELS - 10, middle + 5, escaped(row.label())));
    for (int i = 0; i < row.values().size(); i++) {
      double value = row.values().get(i);
      int y = top + i * BAR;
      double width = Math.max(1, length(value));
      double aim = i < row.aims().size() ? row.aims().get(i) : Double.NaN;
      bars.append(String.format(
          Locale.ROOT,
          """
            <rect class="s%d" x="%d" y="%d" width="%.1f" height="%d" rx="2"/>
            <text x="%.1f" y="%d">%s</text>
          """,
          i,
          LABELS,
          y,
          width,
          BAR - 2,
          LABELS + Math.max(width, Double.isNaN(aim) ? 0 : length(aim)) + 6,
          y + 12,
          number(value)));
      if (!Double.isNaN(aim)) {
        bars.append(String.format(
            Locale.ROOT,
            "  <rect class=\"aim\" x=\"%.1f\" y=\"%d\" width=\"2\" height=\"%d\"/>%n",
            LABELS + length(aim),
            y - 1,
            BAR));
      }
    }
    return bars.toString();
  }

  private double length(double value) {
    return value / most() * (WIDTH - LABELS - NUMBERS);
  }

  private double most() {
    return rows.stream()
        .flatMap(row -> Stream.concat(row.values().stream(), row.aims().stream()))
        .filter(Double::isFinite)
        .mapToDouble(value -> value)
        .max()
        .orElse(1);
  }

  private String number(double value) {
    String small = most() < SMALL ? "%.2f" : "%,.1f";
    return String.format(Locale.ROOT, value < 10 ? small : "%,.0f", value);
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}

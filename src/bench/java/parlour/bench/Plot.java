package parlour.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

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

  /** A thing, and its values in the order of the series. */
  record Row(String label, List<Double> values) {}

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
            @media (prefers-color-scheme: dark) {
              text { fill: #e6edf3 }
              .s0 { fill: #6ea8fe } .s1 { fill: #f0a35a } .s2 { fill: #9aa7b4 }
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
      double width = Math.max(1, value / most() * (WIDTH - LABELS - NUMBERS));
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
          LABELS + width + 6,
          y + 12,
          number(value)));
    }
    return bars.toString();
  }

  private double most() {
    return rows.stream()
        .flatMap(row -> row.values().stream())
        .filter(Double::isFinite)
        .mapToDouble(value -> value)
        .max()
        .orElse(1);
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, value < 10 ? "%,.1f" : "%,.0f", value);
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}

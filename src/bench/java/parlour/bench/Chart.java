package parlour.bench;

import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Lines over time as an SVG of small panels, two beside each other, each from zero. It has no ground
 * of its own and two sets of colours, so it can be read on a light page and on a dark one.
 */
final class Chart {
  private static final int WIDTH = 380;
  private static final int HEIGHT = 170;
  private static final int LEFT = 48;
  private static final int RIGHT = 14;
  private static final int TOP = 34;
  private static final int BOTTOM = 24;
  private static final int HEAD = 30;

  private static final String STYLE = """
      text { font: 12px system-ui, sans-serif; fill: #1f2328; }
      .title { font-weight: 600; }
      .tick { font-size: 11px; fill: #59636e; }
      .grid { stroke: #d1d9e0; }
      .line { fill: none; stroke-width: 1.5; stroke-linejoin: round; }
      .line.a { stroke: #0969da; }
      .line.b { stroke: #bc4c00; }
      tspan.a { fill: #0969da; }
      tspan.b { fill: #bc4c00; }
      @media (prefers-color-scheme: dark) {
        text { fill: #f0f6fc; }
        .tick { fill: #9198a1; }
        .grid { stroke: #3d444d; }
        .line.a { stroke: #4493f8; }
        .line.b { stroke: #f0883e; }
        tspan.a { fill: #4493f8; }
        tspan.b { fill: #f0883e; }
      }
      """;

  /** A line; where a value is not a number, nothing was measured. */
  record Series(String name, double[] values) {}

  /** One or two lines that share a scale. */
  record Panel(String title, List<Series> series) {}

  private final double[] minutes;

  private Chart(double[] minutes) {
    this.minutes = minutes;
  }

  /**
   * @param minutes when the values were measured, in order, from about zero
   */
  static String svg(String title, double[] minutes, List<Panel> panels) {
    Chart chart = new Chart(minutes);
    List<String> lines = new ArrayList<>();
    lines.add(String.format(
        Locale.ROOT,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" role=\"img\""
            + " aria-label=\"%s\">",
        2 * WIDTH,
        HEAD + (panels.size() + 1) / 2 * HEIGHT,
        escaped(title)));
    lines.add("<style>\n" + STYLE + "</style>");
    lines.add(String.format(
        Locale.ROOT, "<text class=\"title\" x=\"8\" y=\"18\">%s</text>", escaped(title)));
    for (int i = 0; i < panels.size(); i++) {
      lines.add(String.format(
          Locale.ROOT, "<g transform=\"translate(%d %d)\">", i % 2 * WIDTH, HEAD + i / 2 * HEIGHT));
      chart.panel(panels.get(i), lines);
      lines.add("</g>");
    }
    lines.add("</svg>\n");
    return String.join("\n", lines);
  }

  private void panel(Panel panel, List<String> lines) {
    double most = panel.series().stream()
        .flatMapToDouble(series -> Arrays.stream(series.values()))
        .filter(value -> value > 0)
        .max()
        .orElse(1);
    double top = round(most);
    lines.add(legend(panel));
    for (int tick = 0; tick <= 2; tick++) {
      double value = top * tick / 2;
      double y = y(value, top);
      lines.add(String.format(
          Locale.ROOT,
          "<path class=\"grid\" d=\"M%d %.1fH%d\"/><text class=\"tick\" x=\"%d\" y=\"%.1f\""
              + " text-anchor=\"end\">%s</text>",
          LEFT,
          y,
          WIDTH - RIGHT,
          LEFT - 6,
          y + 4,
          number(value)));
    }
    double end = minutes[minutes.length - 1];
    for (int tick = 0; tick <= 2; tick++) {
      double minute = end * tick / 2;
      lines.add(String.format(
          Locale.ROOT,
          "<text class=\"tick\" x=\"%.1f\" y=\"%d\" text-anchor=\"%s\">%s min</text>",
          x(minute),
          HEIGHT - 8,
          List.of("start", "middle", "end").get(tick),
          number(Math.round(minute * 10) / 10.0)));
    }
    for (int i = 0; i < panel.series().size(); i++) {
      lines.add(String.format(
          Locale.ROOT,
          "<path class=\"line %s\" d=\"%s\"/>",
          colour(i),
          path(panel.series().get(i).values(), top)));
    }
  }

  private static String legend(Panel panel) {
    StringBuilder legend = new StringBuilder(String.format(
        Locale.ROOT,
        "<text x=\"8\" y=\"20\"><tspan class=\"title\">%s</tspan>",
        escaped(panel.title())));
    for (int i = 0; i < panel.series().size(); i++) {
      legend.append(String.format(
          Locale.ROOT,
          "<tspan class=\"%s\" dx=\"10\">%s</tspan>",
          colour(i),
          escaped(panel.series().get(i).name())));
    }
    return legend.append("</text>").toString();
  }

  private String path(double[] values, double top) {
    StringBuilder path = new StringBuilder();
    for (int i = 0; i < values.length; i++) {
      if (!Double.isNaN(values[i])) {
        path.append(String.format(
            Locale.ROOT,
            "%s%.1f %.1f",
            path.isEmpty() ? "M" : "L",
            x(minutes[i]),
            y(values[i], top)));
      }
    }
    return path.toString();
  }

  private double x(double minute) {
    return LEFT + (WIDTH - LEFT - RIGHT) * minute / minutes[minutes.length - 1];
  }

  private static double y(double value, double top) {
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / top;
  }

  /** The next number up whose half is short, too. */
  private static double round(double most) {
    double power = Math.pow(10, Math.floor(Math.log10(Math.max(most, 1e-9))));
    for (double step : new double[] {1, 1.2, 1.6, 2, 3, 4, 5, 6, 8}) {
      if (most <= step * power) {
        return step * power;
      }
    }
    return 10 * power;
  }

  private static String number(double value) {
    return new DecimalFormat("#,##0.###", DecimalFormatSymbols.getInstance(Locale.ROOT))
        .format(value);
  }

  private static String colour(int series) {
    return series == 0 ? "a" : "b";
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("\"", "&quot;");
  }
}

package parlour.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A figure of a call in stores of several sizes.
 *
 * @param sizes the values of all rounds for each size, from the smallest store
 */
record Growth(String name, List<double[]> sizes) {
  /** The most that a call may cost in a store, as a multiple of the next smaller one's. */
  private static final double STEP = 1.25;

  /** Returns each round's value divided by that of the first size in the same round, sorted. */
  double[] multiples(int size) {
    double[] ratios = new double[sizes.get(size).length];
    Arrays.setAll(ratios, round -> sizes.get(size)[round] / sizes.getFirst()[round]);
    Arrays.sort(ratios);
    return ratios;
  }

  /** The values and multiples of each size, for a line of a table. */
  void print(String number) {
    System.out.printf("%n%-28s", name);
    for (int size = 0; size < sizes.size(); size++) {
      double[] ratios = multiples(size);
      System.out.printf(
          " " + number + " [%.2f (%.2f–%.2f)]",
          Figures.median(sizes.get(size)),
          Figures.median(ratios),
          ratios[0],
          ratios[ratios.length - 1]);
    }
  }

  /**
   * Draws the medians of the multiples, and marks at each bar after the first the aim.
   *
   * @param counts the sizes, in words
   */
  static void draw(Path file, String title, List<String> counts, List<Growth> calls)
      throws IOException {
    List<Plot.Row> rows = new ArrayList<>();
    for (Growth call : calls) {
      List<Double> medians = new ArrayList<>();
      List<Double> most = new ArrayList<>();
      for (int size = 0; size < counts.size(); size++) {
        most.add(size == 0 ? Double.NaN : STEP * medians.getLast());
        medians.add(Figures.median(call.multiples(size)));
      }
      rows.add(new Plot.Row(call.name(), medians, most));
    }
    if (file.getParent() != null) {
      Files.createDirectories(file.getParent());
    }
    new Plot("%s; the mark is %.2f times the bar above".formatted(title, STEP), counts, rows)
        .write(file);
    System.out.println("drawn in " + file);
  }
}

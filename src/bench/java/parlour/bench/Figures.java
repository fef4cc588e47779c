package parlour.bench;

import java.util.Arrays;

/** Statistics of many measurements. */
final class Figures {
  private Figures() {}

  static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  static long at(long[] sorted, double quantile) {
    return sorted[(int) Math.min(sorted.length - 1, sorted.length * quantile)];
  }

  /** The machine, for the head of a table. */
  static String machine() {
    return "%s %s, %d processors, Java %s"
        .formatted(
            System.getProperty("os.name"),
            System.getProperty("os.version"),
            Runtime.getRuntime().availableProcessors(),
            Runtime.version());
  }

  static int argument(String[] arguments, int index, int otherwise) {
    return arguments.length > index ? Integer.parseInt(arguments[index]) : otherwise;
  }

  /** The value after {@code name=} among the arguments. */
  static String option(String[] arguments, String name, String otherwise) {
    for (String argument : arguments) {
      if (argument.startsWith(name + "=")) {
        return argument.substring(name.length() + 1);
      }
    }
    return otherwise;
  }

  static int option(String[] arguments, String name, int otherwise) {
    return Integer.parseInt(option(arguments, name, String.valueOf(otherwise)));
  }
}

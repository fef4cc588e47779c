package parlour.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Reads the steal of a virtual machine, which is the time in which it wanted to run and its host ran
 * something else, and the number of ready threads, which run or wait for a processor. Both are from
 * /proc/stat of Linux (proc(5)), and NaN on other systems.
 */
final class MachineUsage {
  private static final Path STAT = Path.of("/proc/stat");

  /** The columns of the line "cpu": user, nice, system, idle, iowait, irq, softirq, steal. */
  private static final int STEAL = 7;

  /**
   * Time since the machine started, in ticks of all processors.
   *
   * @param stolen the part in which a virtual machine wanted to run and its host ran something else
   */
  record Time(double all, double stolen) {
    double stealPercentSince(Time before) {
      return 100 * (stolen - before.stolen) / (all - before.all);
    }
  }

  Time time() throws IOException {
    double[] ticks = figures("cpu");
    return ticks.length > STEAL
        // The columns after it are parts of user and nice.
        ? new Time(Arrays.stream(ticks, 0, STEAL + 1).sum(), ticks[STEAL])
        : new Time(Double.NaN, Double.NaN);
  }

  /** The threads of all processes that run or wait for a processor now, without the one that asks. */
  double ready() throws IOException {
    double[] running = figures("procs_running");
    return running.length > 0 ? Math.max(0, running[0] - 1) : Double.NaN;
  }

  private static double[] figures(String line) throws IOException {
    if (!Files.exists(STAT)) {
      return new double[0];
    }
    return Files.readAllLines(STAT).stream()
        .map(text -> text.split("\\s+"))
        .filter(words -> words[0].equals(line))
        .findFirst()
        .map(words ->
            Arrays.stream(words).skip(1).mapToDouble(Double::parseDouble).toArray())
        .orElseGet(() -> new double[0]);
  }
}

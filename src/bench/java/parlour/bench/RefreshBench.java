package parlour.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * Refreshes per second of Parlour, all in one process on SQLite, against {@link Floor}: both run
 * all the time, take the load in turns, and are compared round by round. Then the time from the
 * start of a process to its first answered refresh.
 *
 * <p>{@code ./dev bench refresh [rounds] [seconds per window] [connections]}
 */
public final class RefreshBench {
  private static final int STARTS = 7;

  private RefreshBench() {}

  /** A window of one side, and the processor time that its process used meanwhile. */
  private record Measured(double perSecond, double microsPerCall, double median, double p99) {}

  public static void main(String[] arguments) throws Exception {
    int rounds = Figures.argument(arguments, 0, 7);
    Duration window = Duration.ofSeconds(Figures.argument(arguments, 1, 6));
    int connections = Figures.argument(arguments, 2, 64);
    try (Shop shop = Shop.open()) {
      try (Subject floor = Subject.floor(shop.folder(), Subject.freePort()).awaitPort();
          Subject parlour = Subject.parlour(shop.folder(), Subject.freePort()).awaitPort()) {
        compare(shop, floor, parlour, rounds, window, connections);
        floor.stop();
        parlour.stop();
      }
      startUp(shop);
    }
  }

  private static void compare(
      Shop shop, Subject floor, Subject parlour, int rounds, Duration window, int connections)
      throws IOException, InterruptedException {
    System.out.printf(
        "%s; %d connections, windows of %d s, %d rounds after a warm-up%n",
        Figures.machine(), connections, window.toSeconds(), rounds);
    List<Measured> ofFloor = new ArrayList<>();
    List<Measured> ofParlour = new ArrayList<>();
    try (Guests atFloor = new Guests(floor.port(), shop.deployment(), connections);
        Guests atParlour = new Guests(parlour.port(), shop.deployment(), connections)) {
      for (int warmUp = 0; warmUp < 3; warmUp++) {
        measure(floor, atFloor, window);
        measure(parlour, atParlour, window);
      }
      for (int round = 0; round < rounds; round++) {
        ofFloor.add(measure(floor, atFloor, window));
        ofParlour.add(measure(parlour, atParlour, window));
        System.out.printf(
            "round %d: floor %s; parlour %s%n", round + 1, ofFloor.getLast(), ofParlour.getLast());
      }
    }
    table(ofFloor, ofParlour);
    System.out.printf(
        "%-24s %12.0f %12.0f%n",
        "resident, MiB", floor.residentMebibytes(), parlour.residentMebibytes());
  }

  private static void table(List<Measured> floor, List<Measured> parlour) {
    System.out.printf(
        "%n%-24s %12s %12s %18s%n", "median of rounds", "floor", "parlour", "parlour/floor");
    row("refreshes/s", floor, parlour, Measured::perSecond);
    row("CPU per refresh, µs", floor, parlour, Measured::microsPerCall);
    row("median, ms", floor, parlour, Measured::median);
    row("p99, ms", floor, parlour, Measured::p99);
  }

  private static void row(
      String name,
      List<Measured> floor,
      List<Measured> parlour,
      ToDoubleFunction<Measured> figure) {
    double[] ratios = new double[floor.size()];
    for (int i = 0; i < ratios.length; i++) {
      ratios[i] = figure.applyAsDouble(parlour.get(i)) / figure.applyAsDouble(floor.get(i));
    }
    System.out.printf(
        "%-24s %12.1f %12.1f %8.2f (%.2f–%.2f)%n",
        name,
        Figures.median(floor.stream().mapToDouble(figure).toArray()),
        Figures.median(parlour.stream().mapToDouble(figure).toArray()),
        Figures.median(ratios),
        Arrays.stream(ratios).min().orElseThrow(),
        Arrays.stream(ratios).max().orElseThrow());
  }

  private static Measured measure(Subject subject, Guests guests, Duration window) {
    Duration before = subject.processorTime();
    Guests.Window brought = guests.reload(window);
    Duration used = subject.processorTime().minus(before);
    return new Measured(
        brought.perSecond(),
        used.toNanos() / 1e3 / brought.calls(),
        brought.millisAt(0.5),
        brought.millisAt(0.99));
  }

  /**
   * From the start of the process to the first refresh that it answers, over a folder in use; with
   * what the launcher has the JVM learn, and without, in turns.
   */
  private static void startUp(Shop shop) throws Exception {
    double[] with = new double[STARTS];
    double[] without = new double[STARTS];
    for (int i = 0; i < STARTS; i++) {
      with[i] = start(shop, "-XX:AOTMode=on"); // or it does not start at all
      without[i] = start(shop, "-XX:AOTMode=off");
    }
    System.out.printf("%nstart to first answered refresh, with an Init before it:%n");
    started("with the AOT cache", with);
    started("without", without);
  }

  private static double start(Shop shop, String... options) throws Exception {
    long before = System.nanoTime();
    try (Subject parlour =
            Subject.parlour(shop.folder(), Subject.freePort(), options).awaitPort();
        Guest guest = new Guest(parlour.port(), shop.deployment())) {
      guest.reload();
      double millis = (System.nanoTime() - before) / 1e6;
      parlour.stop();
      return millis;
    }
  }

  private static void started(String how, double[] millis) {
    System.out.printf(
        "%-20s median %.0f ms of %s%n",
        how,
        Figures.median(millis),
        Arrays.toString(Arrays.stream(millis).mapToLong(Math::round).toArray()));
  }
}

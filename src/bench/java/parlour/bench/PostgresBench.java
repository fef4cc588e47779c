package parlour.bench;

import java.time.Duration;
import java.util.Arrays;

/**
 * Refreshes over a PostgreSQL, all of Parlour in one process, beside what that PostgreSQL can do at
 * most: durable changes of one row, each caller with a connection and rows of its own, as pgbench
 * does. They take turns on one server.
 *
 * <p>{@code ./dev bench postgres [rounds] [seconds per window] [connections]}
 */
public final class PostgresBench {
  private PostgresBench() {}

  /** A window of refreshes, and the processor time that Parlour used meanwhile. */
  private record Refreshes(double perSecond, double micros, double median, double p99) {}

  public static void main(String[] arguments) throws Exception {
    int rounds = Figures.argument(arguments, 0, 7);
    Duration window = Duration.ofSeconds(Figures.argument(arguments, 1, 6));
    int connections = Figures.argument(arguments, 2, 64);
    System.out.printf(
        "%s; %d connections, windows of %d s, %d rounds after a warm-up%n",
        Figures.machine(), connections, window.toSeconds(), rounds);
    try (DurablePostgres postgres = DurablePostgres.start()) {
      postgres.create("parlour");
      postgres.create("single_rows");
      StoreBench rows = StoreBench.open(postgres, "single_rows", connections, window);
      try (Shop shop = Shop.open(folder -> postgres.databases("parlour"));
          Subject parlour = Subject.parlour(
                  shop.folder(), Subject.freePort(), postgres.settings("parlour"))
              .awaitPort();
          Guests guests = new Guests(parlour.port(), shop.deployment(), connections)) {
        compare(rows, parlour, guests, window, rounds, connections);
        parlour.stop();
      }
    }
  }

  private static void compare(
      StoreBench rows, Subject parlour, Guests guests, Duration window, int rounds, int connections)
      throws Exception {
    StoreBench.Way singleRows = rows.jdbc(connections, true);
    for (int warmUp = 0; warmUp < 3; warmUp++) {
      var _ = rows.measure(singleRows);
      var _ = measure(parlour, guests, window);
    }
    double[] changes = new double[rounds];
    Refreshes[] refreshes = new Refreshes[rounds];
    for (int round = 0; round < rounds; round++) {
      changes[round] = rows.measure(singleRows);
      refreshes[round] = measure(parlour, guests, window);
      System.out.printf(
          "round %d: %.0f single-row updates/s; %s%n", round + 1, changes[round], refreshes[round]);
    }
    singleRows.close();
    double[] ratios = new double[rounds];
    Arrays.setAll(ratios, i -> refreshes[i].perSecond() / changes[i]);
    System.out.printf(
        "%nmedian of rounds: %.0f single-row updates/s; %.0f refreshes/s, CPU of Parlour %.0f µs each,"
            + " median %.1f ms, p99 %.1f ms%nrefreshes per single-row update: %.2f (%.2f–%.2f)%n",
        Figures.median(changes),
        Figures.median(
            Arrays.stream(refreshes).mapToDouble(Refreshes::perSecond).toArray()),
        Figures.median(Arrays.stream(refreshes).mapToDouble(Refreshes::micros).toArray()),
        Figures.median(Arrays.stream(refreshes).mapToDouble(Refreshes::median).toArray()),
        Figures.median(Arrays.stream(refreshes).mapToDouble(Refreshes::p99).toArray()),
        Figures.median(ratios),
        Arrays.stream(ratios).min().orElseThrow(),
        Arrays.stream(ratios).max().orElseThrow());
  }

  private static Refreshes measure(Subject parlour, Guests guests, Duration window) {
    Duration before = parlour.processorTime();
    Guests.Window brought = guests.reload(window);
    Duration used = parlour.processorTime().minus(before);
    return new Refreshes(
        brought.perSecond(),
        used.toNanos() / 1e3 / brought.calls(),
        brought.millisAt(0.5),
        brought.millisAt(0.99));
  }
}

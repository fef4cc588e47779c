package parlour.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/**
 * Refreshes and messages per second of Parlour, all in one process on SQLite, against {@link
 * Floor}: both run all the time, take the load in turns, and are compared round by round. Then the
 * time from the start of a process to its first answered refresh.
 *
 * <p>{@code ./dev bench refresh [rounds] [seconds per window] [connections]}
 */
public final class RefreshBench {
  private static final int STARTS = 7;

  private RefreshBench() {}

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
    System.out.printf("%s; %d connections%n", Figures.machine(), connections);
    for (Action action : List.of(Action.REFRESH, Action.MESSAGE)) {
      new Turns(side(floor, shop, action, connections), side(parlour, shop, action, connections))
          .compare(action.inWords(), rounds, window);
    }
    System.out.printf(
        "%-24s %12.0f %12.0f%n",
        "resident, MiB", floor.residentMebibytes(), parlour.residentMebibytes());
  }

  private static Turns.Side side(Subject subject, Shop shop, Action action, int connections) {
    return new Turns.Side(
        subject.name(),
        subject::processorTime,
        Callers.guests(subject.port(), shop.deployment(), action, connections, Guest.Proofs.NONE));
  }

  /**
   * From the start of a process to the first refresh that it answers, in turns: Parlour over a folder
   * in use, with what the launcher has the JVM learn and without, and the floor with the same.
   */
  private static void startUp(Shop shop) throws Exception {
    double[] with = new double[STARTS];
    double[] without = new double[STARTS];
    double[] ofFloor = new double[STARTS];
    double[] ratios = new double[STARTS];
    for (int i = 0; i < STARTS; i++) {
      // With this option a process does not start at all if it cannot use the cache.
      with[i] = start(shop, port -> Subject.parlour(shop.folder(), port, "-XX:AOTMode=on"));
      ofFloor[i] =
          start(shop, port -> Subject.launchedFloor(shop.folder(), port, "-XX:AOTMode=on"));
      without[i] = start(shop, port -> Subject.parlour(shop.folder(), port, "-XX:AOTMode=off"));
      ratios[i] = with[i] / ofFloor[i];
    }
    System.out.printf("%nstart to first answered refresh, with an Init before it:%n");
    started("with the AOT cache", with);
    started("the floor with it", ofFloor);
    started("without", without);
    Arrays.sort(ratios);
    System.out.printf(
        "with the AOT cache, of the floor's: median %.2f (%.2f to %.2f)%n",
        Figures.median(ratios), ratios[0], ratios[STARTS - 1]);
  }

  /** Starts a process that listens on a port. */
  private interface Starter {
    Subject on(int port) throws IOException;
  }

  private static double start(Shop shop, Starter starter) throws Exception {
    long before = System.nanoTime();
    try (Subject started = starter.on(Subject.freePort()).awaitPort();
        Guest guest = new Guest(started.port(), shop.deployment())) {
      guest.reload();
      double millis = (System.nanoTime() - before) / 1e6;
      started.stop();
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

package parlour.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import parlour.config.Role;
import parlour.store.Databases;

/**
 * The costs of a refresh when there are few sessions, and when there are many: an installation of
 * each size, all up at once, reloaded in turns by guests picked at random among all of them.
 *
 * <p>{@code ./dev bench sessions [counts…] [postgres] [rounds=7] [seconds=6] [connections=64]
 * [svg=target/sessions.svg]}
 */
public final class SessionsBench {
  private static final int WARM_UPS = 3;

  private SessionsBench() {}

  /** Where an installation keeps what it knows. */
  private interface Store {
    Databases of(Path folder);

    void fill(Population population, Path folder) throws Exception;

    Map<String, String> settings();

    double mebibytes(Path folder) throws Exception;
  }

  /** An installation, and who reloads there. */
  private record Side(
      int count, Store store, Shop shop, Subject parlour, Returning guests, List<Measured> rounds) {

    Measured measure(int connections, Duration window) throws IOException {
      Duration before = parlour.processorTime();
      Guests.Window brought = guests.reload(parlour.port(), connections, window);
      Duration used = parlour.processorTime().minus(before);
      return new Measured(
          brought.perSecond(),
          used.toNanos() / 1e3 / brought.calls(),
          brought.millisAt(0.5),
          brought.millisAt(0.99));
    }
  }

  private record Measured(double perSecond, double microsPerCall, double median, double p99) {}

  public static void main(String[] arguments) throws Exception {
    List<Integer> counts = Arrays.stream(arguments)
        .filter(argument -> argument.matches("\\d+"))
        .map(Integer::valueOf)
        .toList();
    int rounds = Figures.option(arguments, "rounds", 7);
    Duration window = Duration.ofSeconds(Figures.option(arguments, "seconds", 6));
    int connections = Figures.option(arguments, "connections", 64);
    Path svg = Path.of(Figures.option(arguments, "svg", "target/sessions.svg"));
    if (Arrays.asList(arguments).contains("postgres")) {
      try (DurablePostgres postgres = DurablePostgres.start()) {
        run(orThree(counts), rounds, window, connections, svg, count -> {
          String database = "sessions_" + count;
          postgres.create(database);
          return new InPostgres(postgres, database);
        });
      }
    } else {
      run(orThree(counts), rounds, window, connections, svg, count -> new InFiles());
    }
  }

  private static List<Integer> orThree(List<Integer> counts) {
    return counts.isEmpty() ? List.of(1_000, 100_000, 1_000_000) : counts;
  }

  @FunctionalInterface
  private interface Stores {
    Store of(int count) throws Exception;
  }

  private static void run(
      List<Integer> counts, int rounds, Duration window, int connections, Path svg, Stores stores)
      throws Exception {
    System.out.printf(
        "%s; %d connections, windows of %d s, %d rounds after a warm-up%n",
        Figures.machine(), connections, window.toSeconds(), rounds);
    List<Side> sides = new ArrayList<>();
    try {
      for (int count : counts) {
        sides.add(open(count, stores.of(count)));
      }
      for (int warmUp = 0; warmUp < WARM_UPS; warmUp++) {
        for (Side side : sides) {
          side.guests().warmUp(side.parlour().port(), connections, window);
        }
      }
      for (int round = 0; round < rounds; round++) {
        // There and back: what one leaves to the next does not always meet the same one.
        for (Side side : round % 2 == 0 ? sides : sides.reversed()) {
          Measured measured = side.measure(connections, window);
          side.rounds().add(measured);
          System.out.printf("round %d: %,9d sessions %s%n", round + 1, side.count(), measured);
        }
      }
      for (Side side : sides) {
        side.guests().check(side.store().of(side.shop().folder()));
      }
      table(sides);
      draw(sides, svg);
    } finally {
      for (Side side : sides.reversed()) {
        side.guests().close();
        side.parlour().close();
        side.shop().close();
      }
    }
  }

  private static Side open(int count, Store store) throws Exception {
    Shop shop = Shop.open(store::of);
    Population population = new Population(shop, count);
    Returning guests = new Returning(shop, store.of(shop.folder()), population);
    long before = System.nanoTime();
    store.fill(population, shop.folder());
    System.out.printf(
        "%,d sessions filled in %.1f s, %.0f MiB%n",
        count, (System.nanoTime() - before) / 1e9, store.mebibytes(shop.folder()));
    Subject parlour =
        Subject.parlour(shop.folder(), Subject.freePort(), store.settings()).awaitPort();
    return new Side(count, store, shop, parlour, guests, new ArrayList<>());
  }

  private static void table(List<Side> sides) throws Exception {
    System.out.printf("%n%-28s", "median of rounds");
    for (Side side : sides) {
      System.out.printf(" %,26d", side.count());
    }
    growth("refreshes/s", sides, Measured::perSecond).print("%8.1f");
    growth("CPU per refresh, µs", sides, Measured::microsPerCall).print("%8.1f");
    growth("median, ms", sides, Measured::median).print("%8.1f");
    growth("p99, ms", sides, Measured::p99).print("%8.1f");
    System.out.printf("%n%-28s", "the sessions at the end, MiB");
    for (Side side : sides) {
      System.out.printf(" %26.0f", side.store().mebibytes(side.shop().folder()));
    }
    System.out.printf(
        "%n%nIn brackets: of the first column's, round by round, median (least–most).%n");
  }

  private static Growth growth(String name, List<Side> sides, ToDoubleFunction<Measured> figure) {
    return new Growth(
        name,
        sides.stream()
            .map(side -> side.rounds().stream().mapToDouble(figure).toArray())
            .toList());
  }

  private static void draw(List<Side> sides, Path file) throws IOException {
    Growth.draw(
        file,
        "A refresh, as a multiple of the smallest store's",
        sides.stream().map(side -> "%,d sessions".formatted(side.count())).toList(),
        List.of(
            growth("CPU", sides, Measured::microsPerCall),
            growth("median time", sides, Measured::median)));
  }

  /** SQLite, as {@code ./parlour up} has it. */
  private static final class InFiles implements Store {
    @Override
    public Databases of(Path folder) {
      return Databases.in(folder);
    }

    @Override
    public void fill(Population population, Path folder) throws Exception {
      population.fillSqlite(file(folder));
    }

    @Override
    public Map<String, String> settings() {
      return Map.of();
    }

    /** With what is not yet written back from its log. */
    @Override
    public double mebibytes(Path folder) throws IOException {
      Path log = folder.resolve(Role.SCOPED_AUTH.word() + ".db-wal");
      long bytes = Files.size(file(folder)) + (Files.exists(log) ? Files.size(log) : 0);
      return bytes / 1024.0 / 1024;
    }

    private static Path file(Path folder) {
      return folder.resolve(Role.SCOPED_AUTH.word() + ".db");
    }
  }

  /** A database for each installation, on one server. */
  private record InPostgres(DurablePostgres postgres, String database) implements Store {
    @Override
    public Databases of(Path folder) {
      return postgres.databases(database);
    }

    @Override
    public void fill(Population population, Path folder) throws Exception {
      population.fillPostgres(postgres.sessions(database));
    }

    @Override
    public Map<String, String> settings() {
      return postgres.settings(database);
    }

    @Override
    public double mebibytes(Path folder) throws SQLException {
      try (Connection connection = DriverManager.getConnection(postgres.sessions(database));
          Statement statement = connection.createStatement();
          ResultSet row =
              statement.executeQuery("SELECT pg_total_relation_size('guest_session')")) {
        row.next();
        return row.getLong(1) / 1024.0 / 1024;
      }
    }
  }
}

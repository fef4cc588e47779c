package parlour.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import parlour.Eventually;

/** The same change of several rows, for one thread that makes changes. */
@Timeout(60)
class PostgresGroupTest {
  private static final RowChange INCREASE =
      new RowChange("UPDATE thing SET number = number + ? WHERE id = ?", "thing", "id", "number");
  private static final int ROWS = 10;

  @Test
  void the_same_change_of_many_rows_is_one_round_trip_and_one_for_the_commit() throws Exception {
    try (RoundTrips wire = new RoundTrips(Postgres.fresh());
        Database database = open(wire.server())) {
      int fewest =
          Integer.MAX_VALUE; // a pool may ask beside one of them whether a connection lives
      for (int i = 1; i <= 5; i++) {
        int before = wire.seen();
        assertThat(increaseTogether(database, IntStream.range(0, ROWS))).isEqualTo(numbers(i));
        fewest = Math.min(fewest, wire.seen() - before);
      }
      assertThat(fewest).isEqualTo(2);
    }
  }

  @Test
  void a_row_that_is_not_there_is_not_changed_and_the_others_are() throws Exception {
    try (Database database = open(Postgres.fresh())) {
      assertThat(increaseTogether(database, IntStream.of(3, 99, 5, 98, 97, 1)))
          .isEqualTo(List.of(
              Optional.of(31L),
              Optional.empty(),
              Optional.of(51L),
              Optional.empty(),
              Optional.empty(),
              Optional.of(11L)));
    }
  }

  private static Database open(PostgresServer server) {
    Database database = Postgres.open(server, DatabaseContract.THINGS, MigrationMode.APPLY, 1);
    for (int i = 0; i < ROWS; i++) {
      String id = "thing " + i;
      long number = 10L * i;
      database.write(sql -> sql.update("INSERT INTO thing (id, number) VALUES (?, ?)", id, number));
    }
    return database;
  }

  private static List<Optional<Long>> numbers(int more) {
    return IntStream.range(0, ROWS).mapToObj(i -> Optional.of(10L * i + more)).toList();
  }

  /** Increases things by one, all in one group; returns their numbers in the same order. */
  private static List<Optional<Long>> increaseTogether(Database database, IntStream things)
      throws Exception {
    CountDownLatch isQueued = new CountDownLatch(1);
    List<Optional<Long>> made = new ArrayList<>();
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      CountDownLatch begun = new CountDownLatch(1);
      var _ = callers.submit(() -> database.write(sql -> {
        begun.countDown();
        try {
          isQueued.await();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
        return true;
      }));
      begun.await();
      List<Future<Optional<Long>>> calls = new ArrayList<>();
      for (int thing : things.toArray()) {
        String id = "thing " + thing;
        calls.add(callers.submit(
            () -> database.change(INCREASE, id, row -> row.getLong("number"), 1, id)));
      }
      Eventually.until(() -> database.activity().waiting() == calls.size());
      isQueued.countDown();
      for (Future<Optional<Long>> call : calls) {
        made.add(call.get());
      }
    }
    return made;
  }
}

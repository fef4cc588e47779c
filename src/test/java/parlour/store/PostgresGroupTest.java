package parlour.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
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
      assertThat(increaseTogether(database, ROWS)).allMatch(Optional::isPresent);
      int before = wire.seen();
      assertThat(increaseTogether(database, ROWS)).containsOnly(Optional.of(2L));
      assertThat(wire.seen() - before).isEqualTo(2);
    }
  }

  @Test
  void a_row_that_is_not_there_is_not_changed_and_the_others_are() throws Exception {
    try (Database database = open(Postgres.fresh())) {
      List<Optional<Long>> made = increaseTogether(database, ROWS + 3);
      assertThat(made.subList(0, ROWS)).containsOnly(Optional.of(1L));
      assertThat(made.subList(ROWS, ROWS + 3)).containsOnly(Optional.empty());
    }
  }

  private static Database open(PostgresServer server) {
    Database database = Postgres.open(server, DatabaseContract.THINGS, MigrationMode.APPLY, 1);
    for (int i = 0; i < ROWS; i++) {
      String id = "thing " + i;
      database.write(sql -> sql.update("INSERT INTO thing (id, number) VALUES (?, 0)", id));
    }
    return database;
  }

  /** Increases the first things by one, all in one group. */
  private static List<Optional<Long>> increaseTogether(Database database, int things)
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
      for (int i = 0; i < things; i++) {
        String id = "thing " + i;
        calls.add(callers.submit(
            () -> database.change(INCREASE, id, row -> row.getLong("number"), 1, id)));
      }
      Eventually.until(() -> database.activity().waiting() == things);
      isQueued.countDown();
      for (Future<Optional<Long>> call : calls) {
        made.add(call.get());
      }
    }
    return made;
  }
}

package parlour.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The same change of several rows, for one thread that makes changes. */
@Timeout(60)
class PostgresGroupTest {
  private static final RowChange<Long> INCREASE = new RowChange<>(
      "UPDATE thing SET number = number + ? WHERE id = ?",
      "thing",
      "id",
      "number",
      row -> row.getLong("number"));
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

  @Test
  void changes_between_which_others_are_queued_are_one_round_trip() throws Exception {
    try (RoundTrips wire = new RoundTrips(Postgres.fresh());
        Database database = open(wire.server())) {
      int fewest = Integer.MAX_VALUE;
      for (int i = 1; i <= 5; i++) {
        List<Callable<Optional<Long>>> calls = new ArrayList<>();
        for (int row = 0; row < ROWS; row++) {
          String id = "thing " + row;
          calls.add(() -> database.change(INCREASE, id, 1, id));
        }
        calls.add(
            5,
            () -> database.write(sql -> {
              sql.update("UPDATE thing SET done = TRUE WHERE id = 'thing 3'");
              return Optional.empty();
            }));
        int before = wire.seen();
        List<Optional<Long>> made = new ArrayList<>(OneGroup.of(database, calls));
        assertThat(made.remove(5)).isEmpty();
        assertThat(made).isEqualTo(numbers(i));
        fewest = Math.min(fewest, wire.seen() - before);
      }
      assertThat(fewest).isEqualTo(3);
    }
  }

  @Test
  void changes_of_the_same_row_are_made_one_after_the_other() throws Exception {
    try (Database database = open(Postgres.fresh())) {
      assertThat(increaseTogether(database, IntStream.of(3, 3, 1, 3)))
          .isEqualTo(
              List.of(Optional.of(31L), Optional.of(32L), Optional.of(11L), Optional.of(33L)));
    }
  }

  @Test
  void a_change_that_is_refused_does_not_fail_the_others() throws Exception {
    try (Database database = open(Postgres.fresh())) {
      List<Callable<Optional<Long>>> calls = List.of(
          () -> database.change(INCREASE, "thing 1", 1, "thing 1"),
          () -> {
            assertThatThrownBy(() -> database.change(INCREASE, "thing 0", -1, "thing 0"))
                .isInstanceOf(IllegalStateException.class);
            return Optional.empty();
          },
          () -> database.change(INCREASE, "thing 2", 1, "thing 2"));
      assertThat(OneGroup.of(database, calls))
          .isEqualTo(List.of(Optional.of(11L), Optional.empty(), Optional.of(21L)));
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
    return OneGroup.of(
        database,
        things
            .mapToObj(thing -> "thing " + thing)
            .map(id -> (Callable<Optional<Long>>) () -> database.change(INCREASE, id, 1, id))
            .toList());
  }
}

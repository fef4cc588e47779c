package parlour.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import parlour.Limits;
import parlour.spec.AtOnce;

/** The contract of {@link Database}, for each implementation. */
@Timeout(60)
abstract class DatabaseContract {
  static final Migrations THINGS = Migrations.of(Schema.of("storetest", "001-things.sql"));

  private Database database;

  /** An empty database with the tables of {@link #THINGS}. */
  abstract Database open();

  @BeforeEach
  void opens() {
    database = open();
  }

  @AfterEach
  void closes() {
    database.close();
  }

  @Test
  void every_type_of_argument_is_stored_and_read() {
    Instant at = Instant.ofEpochMilli(1_795_000_000_123L);
    byte[] body = {0, -1, 7};
    database.write(sql -> sql.update(
        "INSERT INTO thing (id, number, done, body, happened_at) VALUES (?, ?, ?, ?, ?)",
        "ü'\"?;--",
        Long.MAX_VALUE,
        true,
        body,
        at));

    Optional<List<Object>> found = database.read(sql -> sql.first(
        "SELECT * FROM thing WHERE id = ? AND done = ?",
        row -> List.<Object>of(
            row.getString("id"),
            row.getLong("number"),
            row.getBoolean("done"),
            row.getBytes("body"),
            Sql.instant(row, "happened_at")),
        "ü'\"?;--",
        true));

    assertThat(found)
        .usingRecursiveComparison()
        .isEqualTo(Optional.of(List.of("ü'\"?;--", Long.MAX_VALUE, true, body, at)));
  }

  @Test
  void null_is_stored_and_read() {
    add("a", 1);
    List<Boolean> nulls = database.read(sql -> sql.list(
        "SELECT happened_at, body FROM thing WHERE body IS NULL",
        row -> Sql.instantOrNull(row, "happened_at") == null
            && Sql.longOrNull(row, "happened_at") == null
            && row.getBytes("body") == null));
    assertThat(nulls).containsExactly(true);
    assertThatThrownBy(() -> database.read(sql ->
            sql.first("SELECT happened_at FROM thing", row -> Sql.instant(row, "happened_at"))))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("happened_at");
  }

  @Test
  void a_wrong_type_or_number_of_arguments_is_an_error() {
    assertThatThrownBy(() -> change("UPDATE thing SET number = ?", 1.5))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("java.lang.Double")
        .hasMessageNotContaining("1.5");
    assertThatThrownBy(() -> change("UPDATE thing SET number = ? WHERE id = ?", 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("1 arguments for 2 places");
    assertThatThrownBy(() -> change("UPDATE thing SET number = 1", 1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void work_cannot_change_its_transaction_or_the_schema() {
    for (String statement : List.of(
        "COMMIT",
        " rollback",
        "-- hidden\nBEGIN",
        "/* hidden */ SAVEPOINT a",
        "DROP TABLE thing",
        "UPDATE thing SET number = 1; UPDATE thing SET number = 2",
        "SELECT 1; COMMIT",
        "")) {
      assertThatThrownBy(() -> change(statement))
          .as(statement)
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void every_later_read_sees_a_change() {
    for (int i = 0; i < 200; i++) {
      add("a" + i, i);
      assertThat(numberOf("a" + i)).contains((long) i);
    }
  }

  @Test
  void a_change_sees_its_own_statements() {
    long counted = database.write(sql -> {
      sql.update("INSERT INTO thing (id, number) VALUES ('a', 1)");
      return sql.first("SELECT count(*) FROM thing", row -> row.getLong(1)).orElseThrow();
    });
    assertThat(counted).isEqualTo(1);
  }

  @Test
  void a_change_returns_columns_of_its_row() {
    add("a", 1);
    var next = new RowChange<>(
        "UPDATE thing SET number = number + 1 WHERE id = ? AND number < ?",
        "thing",
        "id",
        "number, id",
        row -> row.getLong("number") + " " + Sql.text(row, "id"));

    assertThat(changed(next, "a", "a", 2)).contains("2 a");
    assertThat(changed(next, "a", "a", 2)).isEmpty();
    assertThat(changed(next, "b", "b", 2)).isEmpty();
  }

  private Optional<String> changed(RowChange<String> change, String key, Object... arguments) {
    return database.write(sql -> sql.change(change, key, arguments));
  }

  @Test
  void the_same_change_of_several_rows_has_a_result_for_each() {
    add("a", 1);
    add("b", 5);
    List<Optional<Long>> made = database.write(sql -> sql.changeEach(
        INCREASE,
        List.of(
            new RowChange.Call("a", 1, "a"),
            new RowChange.Call("none", 1, "none"),
            new RowChange.Call("b", 1, "b"),
            new RowChange.Call("a", 1, "a"))));
    assertThat(made)
        .containsExactly(Optional.of(2L), Optional.empty(), Optional.of(6L), Optional.of(3L));
    assertThat(database.<List<Optional<Long>>>write(sql -> sql.changeEach(INCREASE, List.of())))
        .isEmpty();
  }

  @Test
  void the_same_statement_with_several_arguments_counts_the_rows_of_each() {
    add("a", 1);
    add("b", 1);
    List<@Nullable Object[]> each = List.of(
        new @Nullable Object[] {2L, 1L},
        new @Nullable Object[] {3L, 1L},
        new @Nullable Object[] {4L, 2L});
    int[] changed =
        database.write(sql -> sql.updateEach("UPDATE thing SET number = ? WHERE number = ?", each));
    assertThat(changed).containsExactly(2, 0, 2);
    assertThat(numberOf("b")).contains(4L);
    assertThat(database.<int[]>write(sql -> sql.updateEach("DELETE FROM thing", List.of())))
        .isEmpty();
    assertThat(numberOf("a")).contains(4L);
    List<@Nullable Object[]> wrong = List.<@Nullable Object[]>of(new @Nullable Object[] {-7L});
    assertThatThrownBy(() ->
            database.<int[]>write(sql -> sql.updateEach("UPDATE thing SET number = ?", wrong)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("UPDATE thing")
        .hasMessageNotContaining("-7");
  }

  @Test
  void of_many_rows_each_is_added_unless_its_key_is_there() {
    add("7", 1);
    List<@Nullable Object[]> rows = new ArrayList<>();
    for (int i = 0; i < 3 * Limits.STORE_ROWS_ADDED; i++) {
      rows.add(new @Nullable Object[] {String.valueOf(i), 100 + i});
    }
    rows.add(3, new @Nullable Object[] {"2", 5});
    List<String> columns = List.of("id", "number");
    int[] added = database.write(sql -> sql.addEach("thing", columns, rows));
    assertThat(added).hasSize(rows.size());
    assertThat(IntStream.range(0, added.length).filter(i -> added[i] == 0))
        .as("a key of the rows before, and one that was there")
        .containsExactly(3, 8);
    assertThat(numberOf("2")).contains(102L);
    assertThat(numberOf("7")).contains(1L);
    assertThat(numberOf(String.valueOf(3 * Limits.STORE_ROWS_ADDED - 1)))
        .contains(99L + 3 * Limits.STORE_ROWS_ADDED);
    assertThat(database.<int[]>write(sql -> sql.addEach("thing", columns, List.of())))
        .isEmpty();
  }

  @Test
  void several_insertions_find_a_column_for_each() {
    add("a", 1);
    add("b", 1);
    var copy = new RowInsert(
        "thing",
        "SELECT body FROM thing WHERE id = ? AND number = ?",
        "body",
        "id",
        "number",
        "done",
        "happened_at");
    change("UPDATE thing SET body = ? WHERE id = 'a'", "é".getBytes(UTF_8));
    change("UPDATE thing SET body = ? WHERE id = 'b'", "x".getBytes(UTF_8));
    List<RowInsert.Call> calls = List.of(
        new RowInsert.Call(List.of("b", 1), "c", 3L, true, Instant.ofEpochMilli(7)),
        new RowInsert.Call(List.of("none", 1), "d", 3L, true, null),
        new RowInsert.Call(List.of("b", 1), "b", 3L, true, null),
        new RowInsert.Call(List.of("a", 1), "e", 4L, false, null));
    assertThat(database.<List<Optional<String>>>write(sql -> sql.insertEach(copy, calls)))
        .containsExactly(Optional.of("x"), Optional.empty(), Optional.empty(), Optional.of("é"));
    assertThat(numberOf("c")).contains(3L);
    assertThat(numberOf("d")).isEmpty();
    assertThat(numberOf("b")).contains(1L);
    assertThat(database.<Optional<Instant>>read(sql -> sql.first(
            "SELECT happened_at FROM thing WHERE id = 'c' AND done",
            row -> Sql.instant(row, "happened_at"))))
        .contains(Instant.ofEpochMilli(7));
  }

  @Test
  void an_insertion_finds_a_column_by_a_query() {
    add("a", 1);
    var copy = new RowInsert(
        "thing", "SELECT id || ? AS id FROM thing WHERE id = ? AND number = ?", "id", "number");

    assertThat(inserted(copy, List.of("é", "a", 1), 7)).contains("aé");
    assertThat(inserted(copy, List.of("é", "a", 1), 8)).as("it exists").isEmpty();
    assertThat(inserted(copy, List.of("b", "a", 2), 9)).as("nothing found").isEmpty();
    assertThat(numberOf("aé")).contains(7L);
    assertThat(numberOf("ab")).isEmpty();
  }

  private Optional<String> inserted(RowInsert insert, List<Object> forQuery, int number) {
    return database.write(sql -> sql.insert(insert, forQuery, number));
  }

  @Test
  void a_read_of_one_statement_has_no_second_one_and_holds_nothing_back() {
    add("a", 1);
    assertThat(database.<Optional<Long>>readOne(sql -> numberOf(sql, "a"))).contains(1L);
    assertThatThrownBy(() -> database.readOne(sql -> number(sql, "a") + number(sql, "a")))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("second statement");
    database.scrubSoon();
    assertThat(database.scrub()).isTrue();
    assertThat(database.<Long>read(sql -> number(sql, "a") + number(sql, "a"))).isEqualTo(2);
  }

  @Test
  void a_read_sees_one_state() throws Exception {
    add("a", 1);
    var seen = new CountDownLatch(1);
    var changed = new CountDownLatch(1);
    Future<List<Long>> read = start(() -> database.read(sql -> {
      long before = number(sql, "a");
      seen.countDown();
      await(changed);
      return List.of(before, number(sql, "a"));
    }));
    await(seen);
    change("UPDATE thing SET number = 2");
    changed.countDown();

    assertThat(read.get()).containsExactly(1L, 1L);
    assertThat(numberOf("a")).contains(2L);
  }

  @Test
  void a_change_that_throws_has_no_effect_and_its_caller_gets_the_exception() {
    for (Throwable thrown :
        List.of(new IllegalCallerException("mine"), new AssertionError("mine"))) {
      assertThatThrownBy(() -> database.write(sql -> {
            sql.update("INSERT INTO thing (id, number) VALUES ('a', 1)");
            switch (thrown) {
              case Error error -> throw error;
              default -> throw (RuntimeException) thrown;
            }
          }))
          .isSameAs(thrown);
      assertThat(numberOf("a")).isEmpty();
    }
    add("a", 1);
  }

  @Test
  void a_read_that_throws_does_not_cost_its_connection() {
    for (int i = 0; i < 100; i++) {
      assertThatThrownBy(() -> database.read(sql -> {
            numberOf(sql, "a");
            throw new IllegalCallerException("mine");
          }))
          .isInstanceOf(IllegalCallerException.class);
    }
    assertThat(numberOf("a")).isEmpty();
  }

  @Test
  void a_failed_statement_fails_its_work_even_if_the_work_catches_the_exception() {
    add("a", 1);
    assertThatThrownBy(() -> database.write(sql -> {
          sql.update("INSERT INTO thing (id, number) VALUES ('b', 1)");
          try {
            sql.update("INSERT INTO thing (id, number) VALUES ('a', 1)");
          } catch (SQLException swallowed) {
            return "done";
          }
          return "done";
        }))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> database.write(sql -> {
          try {
            return sql.update("INSERT INTO thing (id, number) VALUES ('a', 1)");
          } catch (SQLException disguised) {
            throw new IllegalCallerException(disguised);
          }
        }))
        .isExactlyInstanceOf(IllegalStateException.class);
    assertThat(numberOf("b")).isEmpty();
  }

  @Test
  void a_violated_constraint_names_the_statement_and_not_its_arguments() {
    add("secret", 1);
    assertThatThrownBy(() -> add("secret", 1))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("INSERT INTO thing")
        .hasStackTraceContaining("DatabaseContract")
        .satisfies(thrown -> assertThat(stackTraceOf(thrown)).doesNotContain("secret"));
  }

  @Test
  void a_statement_that_failed_once_works_again() {
    String division = "SELECT CASE WHEN ? > 0 THEN 1 ELSE abs(-9223372036854775807 - ?) END";
    for (int i = 0; i < 3; i++) {
      assertThatThrownBy(() -> returned(division, 0, 1)).isInstanceOf(IllegalStateException.class);
      assertThat(returned(division, 1, 1)).contains("1");
    }
  }

  @Test
  void a_wrong_statement_is_an_error_with_the_reason() {
    assertThatThrownBy(() -> change("UPDATE nothing SET number = 1"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("nothing");
    assertThatThrownBy(() -> database.read(sql -> sql.first("SELEKT", row -> 1)))
        .isInstanceOf(IllegalArgumentException.class);
    add("a", 1);
    assertThatThrownBy(
            () -> database.read(sql -> sql.first("SELECT id FROM thing", row -> row.getLong("no"))))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("SELECT id FROM thing");
    assertThat(numberOf("a")).contains(1L);
  }

  @Test
  void a_read_changes_nothing() {
    add("a", 1);
    assertThatThrownBy(() -> database.read(sql -> sql.update("DELETE FROM thing")))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(
            () -> database.read(sql -> sql.first("DELETE FROM thing RETURNING id", row -> 1)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> database.read(
            sql -> sql.first("WITH gone AS (SELECT 1) DELETE FROM thing RETURNING id", row -> 1)))
        .isInstanceOf(RuntimeException.class);
    assertThat(numberOf("a")).contains(1L);
  }

  @Test
  void rows_and_sql_cannot_be_used_after_their_work() {
    add("a", 1);
    assertThatThrownBy(
            () -> database.read(sql -> sql.list("SELECT id FROM thing", (ResultSet row) -> row)))
        .isInstanceOf(IllegalStateException.class);

    List<Sql> kept = new ArrayList<>();
    database.write(sql -> {
      kept.add(sql);
      return "done";
    });
    assertThatThrownBy(() -> kept.getFirst().update("DELETE FROM thing"))
        .isInstanceOf(IllegalStateException.class);
    assertThat(numberOf("a")).contains(1L);
  }

  @Test
  void a_statement_while_rows_are_read_is_an_error_and_loses_no_row() {
    add("a", 1);
    add("b", 2);
    assertThatThrownBy(() -> database.read(
            sql -> sql.list("SELECT id FROM thing", row -> numberOf(sql, row.getString("id")))))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("while rows are read");
  }

  @Test
  void of_concurrent_conditional_changes_exactly_one_wins() throws Exception {
    add("generation", 1);
    for (long generation = 1; generation <= 20; generation++) {
      long from = generation;
      List<Integer> changed = inParallel(
          16,
          i -> change(
              "UPDATE thing SET number = number + 1 WHERE id = ? AND number = ?",
              "generation",
              from));
      assertThat(changed.stream().mapToInt(Integer::intValue).sum()).isEqualTo(1);
    }
    assertThat(numberOf("generation")).contains(21L);
  }

  @Test
  void concurrent_changes_number_without_gaps() throws Exception {
    add("next", 0);
    List<Long> numbers = inParallel(
        100,
        i -> database.write(sql -> {
          long index = sql.first(
                  "UPDATE thing SET number = number + 1 WHERE id = 'next'"
                      + " RETURNING number - 1 AS taken",
                  row -> row.getLong("taken"))
              .orElseThrow();
          sql.update("INSERT INTO thing (id, number) VALUES (?, ?)", "m" + i, index);
          return index;
        }));
    assertThat(numbers)
        .containsExactlyInAnyOrderElementsOf(
            IntStream.range(0, 100).mapToObj(Long::valueOf).toList());
  }

  @Test
  void a_repeated_insert_changes_zero_rows() {
    String insert = """
        INSERT INTO thing (id, number) VALUES (?, ?)
        ON CONFLICT (id) DO NOTHING RETURNING id
        """;
    assertThat(returned(insert, "a", 1)).contains("a");
    assertThat(returned(insert, "a", 1)).isEmpty();
  }

  @Test
  void a_constraint_checked_at_the_commit_is_an_error_too() {
    assertThatThrownBy(() -> change("INSERT INTO part (id, thing) VALUES ('p', 'nowhere')"))
        .isInstanceOf(IllegalStateException.class);
    add("a", 1);
    change("INSERT INTO part (id, thing) VALUES ('p', 'a')");
  }

  @Test
  void more_statements_than_stay_prepared_all_work() {
    for (int i = 0; i < 300; i++) {
      long expected = i;
      assertThat(database.<Optional<Long>>read(
              sql -> sql.first("SELECT " + expected, row -> row.getLong(1))))
          .contains(expected);
    }
  }

  @Test
  void work_may_return_null() {
    assertThat(database.<@Nullable String>write(sql -> null)).isNull();
    assertThat(database.<@Nullable String>read(sql -> null)).isNull();
  }

  @Test
  void an_interrupted_caller_gets_an_outage_and_stays_interrupted() throws Exception {
    assertThat(start(() -> interrupted(() -> add("a", 1))).get()).isTrue();
    assertThat(start(() -> interrupted(() -> numberOf("a"))).get()).isTrue();
  }

  @Test
  void after_closing_every_call_is_an_outage() {
    database.close();
    database.close();
    assertThatThrownBy(() -> add("a", 1)).isInstanceOf(StoreUnavailable.class);
    assertThatThrownBy(() -> numberOf("a")).isInstanceOf(StoreUnavailable.class);
  }

  private static boolean interrupted(Runnable call) {
    Thread.currentThread().interrupt();
    assertThatThrownBy(call::run).isInstanceOf(StoreUnavailable.class);
    return Thread.currentThread().isInterrupted();
  }

  private static final RowChange<Long> INCREASE = new RowChange<>(
      "UPDATE thing SET number = number + ? WHERE id = ?",
      "thing",
      "id",
      "number",
      row -> row.getLong("number"));

  @Test
  void changes_of_one_row_each_that_are_made_at_once_have_the_results_of_their_rows() {
    for (int i = 0; i < 10; i++) {
      add("row " + i, 10L * i);
    }
    List<Optional<Long>> made = AtOnce.run(30, i -> increase("row " + i % 15, 1));
    for (int i = 0; i < 10; i++) {
      long number = 10L * i;
      assertThat(List.of(made.get(i), made.get(i + 15)))
          .containsExactlyInAnyOrder(Optional.of(number + 1), Optional.of(number + 2));
      assertThat(numberOf("row " + i)).contains(number + 2);
    }
    for (int i = 10; i < 15; i++) {
      assertThat(made.get(i)).isEmpty();
    }
  }

  @Test
  void a_change_of_a_row_that_the_database_refuses_fails_alone() {
    for (int i = 0; i < 10; i++) {
      add("row " + i, 0);
    }
    List<String> failed = AtOnce.run(20, i -> {
      try {
        return increase("row " + i % 10, i < 10 ? 1 : -5).isPresent() ? "" : "absent";
      } catch (IllegalStateException e) {
        return String.valueOf(e.getMessage());
      }
    });
    for (int i = 0; i < 10; i++) {
      assertThat(failed.get(i)).isEmpty();
      assertThat(failed.get(i + 10)).contains("UPDATE thing").doesNotContain("-5");
      assertThat(numberOf("row " + i)).contains(1L);
    }
  }

  private Optional<Long> increase(String id, int by) {
    return database.change(INCREASE, id, by, id);
  }

  private int change(String statement, @Nullable Object... arguments) {
    return database.write(sql -> sql.update(statement, arguments));
  }

  private void add(String id, long number) {
    change("INSERT INTO thing (id, number) VALUES (?, ?)", id, number);
  }

  private Optional<String> returned(String statement, Object... arguments) {
    return database.write(sql -> sql.first(statement, row -> row.getString(1), arguments));
  }

  private Optional<Long> numberOf(String id) {
    return database.read(sql -> numberOf(sql, id));
  }

  private static Optional<Long> numberOf(Sql sql, String id) throws SQLException {
    return sql.first("SELECT number FROM thing WHERE id = ?", row -> row.getLong(1), id);
  }

  private static long number(Sql sql, String id) throws SQLException {
    return numberOf(sql, id).orElseThrow();
  }

  private static String stackTraceOf(Throwable thrown) {
    var bytes = new java.io.ByteArrayOutputStream();
    thrown.printStackTrace(new java.io.PrintStream(bytes, true, UTF_8));
    return bytes.toString(UTF_8);
  }

  static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(Duration.ofSeconds(30).toMillis(), TimeUnit.MILLISECONDS))
          .isTrue();
    } catch (InterruptedException interrupted) {
      throw new AssertionError(interrupted);
    }
  }

  static <T extends @Nullable Object> Future<T> start(Callable<T> call) {
    var future = new java.util.concurrent.FutureTask<T>(call);
    Thread.startVirtualThread(future);
    return future;
  }

  @FunctionalInterface
  interface Numbered<T> {
    T call(int i);
  }

  static <T> List<T> inParallel(int calls, Numbered<T> call)
      throws InterruptedException, ExecutionException {
    List<T> answers = new ArrayList<>();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<T>> futures = IntStream.range(0, calls)
          .mapToObj(i -> threads.submit(() -> call.call(i)))
          .toList();
      for (Future<T> future : futures) {
        answers.add(future.get());
      }
    }
    return answers;
  }
}

package parlour.store;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static parlour.store.DatabaseContract.await;
import static parlour.store.DatabaseContract.start;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class GroupCommitTest {
  private static final Duration LONG = Duration.ofSeconds(20);
  private static final Duration SHORT = Duration.ofMillis(400);
  private static final String ENDLESS =
      "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n";

  private static final Migrations THINGS =
      Migrations.of(Schema.of("storetest", "001-things.sql", "002-counted.sql"));

  @TempDir
  Path folder;

  private final List<SqliteDatabase> opened = new ArrayList<>();
  private final CountDownLatch gate = new CountDownLatch(1);

  @AfterEach
  void closes() {
    gate.countDown();
    opened.forEach(SqliteDatabase::close);
  }

  @Test
  void waiting_changes_are_committed_together() throws Exception {
    SqliteDatabase database = open(100, LONG);
    Future<?> first = hold(database);
    List<Future<Integer>> changes = queue(database, 20);

    gate.countDown();
    first.get();
    for (Future<Integer> change : changes) {
      assertThat(change.get()).isEqualTo(1);
    }
    assertThat(database.commits()).isEqualTo(2);
    assertThat(count(database)).isEqualTo(20);
  }

  @Test
  void a_failing_change_does_not_fail_its_group() throws Exception {
    SqliteDatabase database = open(100, LONG);
    Future<?> held = hold(database);
    List<Future<Integer>> changes = queue(database, 5);
    Future<Integer> duplicate = start(() -> add(database, "0"));
    awaitWaiting(database, 6);
    Future<Integer> throwing = start(() -> database.write(sql -> {
      sql.update("INSERT INTO thing (id, number) VALUES ('half', 1)");
      throw new IllegalCallerException("mine");
    }));
    awaitWaiting(database, 7);
    Future<Integer> abandoned = start(() ->
        database.write(sql -> sql.update("INSERT INTO part (id, thing) VALUES ('p', 'nowhere')")));
    awaitWaiting(database, 8);
    Future<Integer> last = start(() -> add(database, "last"));
    awaitWaiting(database, 9);

    gate.countDown();
    held.get();
    for (Future<Integer> change : changes) {
      assertThat(change.get()).isEqualTo(1);
    }
    assertThat(last.get()).isEqualTo(1);
    assertThat(failureOf(duplicate)).isExactlyInstanceOf(IllegalStateException.class);
    assertThat(failureOf(throwing)).isExactlyInstanceOf(IllegalCallerException.class);
    assertThat(failureOf(abandoned)).isExactlyInstanceOf(IllegalStateException.class);
    assertThat(count(database)).isEqualTo(6);
  }

  @Test
  void a_constraint_checked_at_the_commit_does_not_fail_its_group() throws Exception {
    SqliteDatabase database = open(100, LONG);
    Future<?> held = hold(database);
    List<Future<Integer>> changes = queue(database, 5);
    Future<Integer> abandoned = start(() ->
        database.write(sql -> sql.update("INSERT INTO part (id, thing) VALUES ('p', 'nowhere')")));
    awaitWaiting(database, 6);

    gate.countDown();
    held.get();
    assertThat(failureOf(abandoned)).isExactlyInstanceOf(IllegalStateException.class);
    for (Future<Integer> change : changes) {
      assertThat(change.get()).isEqualTo(1);
    }
    assertThat(count(database)).isEqualTo(5);
  }

  @Test
  void a_full_queue_refuses_at_once() throws Exception {
    SqliteDatabase database = open(3, LONG);
    Future<?> held = hold(database);
    List<Future<Integer>> changes = queue(database, 3);

    assertThatThrownBy(() -> add(database, "too many"))
        .isInstanceOf(StoreUnavailable.class)
        .hasMessageContaining("queue is full");

    gate.countDown();
    held.get();
    for (Future<Integer> change : changes) {
      assertThat(change.get()).isEqualTo(1);
    }
    assertThat(count(database)).isEqualTo(3);
  }

  @Test
  void a_change_whose_caller_gave_up_is_skipped() throws Exception {
    SqliteDatabase database = open(100, SHORT);
    Future<?> held = hold(database);

    assertThatThrownBy(() -> add(database, "given up"))
        .isInstanceOf(StoreUnavailable.class)
        .hasMessageContaining("nothing was changed");

    gate.countDown();
    assertThat(failureOf(held)).isInstanceOf(StoreUnavailable.class);
    addEventually(database, "next"); // would run after the previous one, if that ran at all
    assertThat(count(database)).isEqualTo(1);
  }

  /** Adds a thing to a store whose timeout may be too short for a busy machine. */
  private static void addEventually(Database database, String id) {
    long giveUp = System.nanoTime() + LONG.toNanos();
    while (true) {
      try {
        var _ = database.write(sql ->
            sql.update("INSERT INTO thing (id, number) VALUES (?, 1) ON CONFLICT DO NOTHING", id));
        return;
      } catch (StoreUnavailable late) {
        if (System.nanoTime() - giveUp >= 0) {
          throw late;
        }
      }
    }
  }

  @Test
  void an_interrupted_caller_stops_waiting() throws Exception {
    SqliteDatabase database = open(100, LONG);
    Future<?> first = hold(database);
    List<Throwable> outages = new ArrayList<>();
    Thread caller = Thread.ofVirtual().start(() -> {
      try {
        add(database, "given up");
      } catch (StoreUnavailable unavailable) {
        outages.add(unavailable);
      }
    });
    awaitWaiting(database, 1);
    caller.interrupt();
    caller.join();

    gate.countDown();
    first.get();
    add(database, "next");
    assertThat(outages).hasSize(1);
    assertThat(count(database)).isEqualTo(1);
  }

  @Test
  void a_change_that_began_may_be_made_after_its_caller_gave_up() throws Exception {
    SqliteDatabase database = open(100, SHORT);
    Future<?> slow = hold(database);
    assertThat(failureOf(slow))
        .isInstanceOf(StoreUnavailable.class)
        .hasMessageContaining("may still be made");
  }

  @Test
  void an_endless_statement_is_interrupted_at_its_callers_deadline() throws Exception {
    SqliteDatabase database = open(100, SHORT);
    assertThatThrownBy(() -> database.write(sql -> sql.first(ENDLESS, row -> row.getLong(1))))
        .isInstanceOf(StoreUnavailable.class);
    for (int i = 0; i < 3; i++) {
      assertThatThrownBy(() -> database.read(sql -> sql.first(ENDLESS, row -> row.getLong(1))))
          .isInstanceOf(StoreUnavailable.class)
          .hasMessageContaining("out of time");
    }
    assertThatThrownBy(() -> database.write(sql -> {
          while (true) {
            sql.update("UPDATE thing SET number = 1");
          }
        }))
        .isInstanceOf(StoreUnavailable.class);
    add(database, "next");
    assertThat(count(database)).isEqualTo(1);
  }

  @Test
  void a_read_waits_for_a_busy_reader_until_its_deadline() throws Exception {
    SqliteDatabase database = open(100, SHORT);
    var began = new CountDownLatch(2);
    List<Future<Integer>> reads = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      reads.add(start(() -> database.read(sql -> {
        began.countDown();
        await(gate);
        return 1;
      })));
    }
    await(began);
    assertThatThrownBy(() -> count(database))
        .isInstanceOf(StoreUnavailable.class)
        .hasMessageContaining("readers are busy");
    gate.countDown();
    for (Future<Integer> read : reads) {
      assertThat(read.get()).isEqualTo(1);
    }
    assertThat(count(database)).isEqualTo(0);
  }

  @Test
  void no_failure_of_work_ends_the_writer() throws Exception {
    SqliteDatabase database = open(100, LONG);
    assertThatThrownBy(() -> database.write(sql -> {
          throw new OutOfMemoryError("not really");
        }))
        .isInstanceOf(OutOfMemoryError.class);
    database.write(sql -> {
      Thread.currentThread().interrupt();
      return sql.update("INSERT INTO thing (id, number) VALUES ('a', 1)");
    });
    assertThatThrownBy(() -> database.write(sql -> add(database, "inside")))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> database.write(sql -> count(database)))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> database.write(sql -> {
          database.close();
          return 1;
        }))
        .isInstanceOf(IllegalStateException.class);
    add(database, "next");
    assertThat(count(database)).isEqualTo(2);
  }

  @Test
  void a_full_database_is_an_outage_for_the_change_that_needs_space() throws Exception {
    SqliteDatabase database = open(100, LONG);
    Future<?> held = hold(database);
    // SQLite reports a sequence at its end as a full database.
    Future<?> fills = start(() -> database.write(sql -> {
      sql.update("INSERT INTO counted (id) VALUES (9223372036854775807)");
      return sql.update("INSERT INTO counted (id) VALUES (NULL)");
    }));
    awaitWaiting(database, 1);
    List<Future<Integer>> others = queue(database, 3);

    gate.countDown();
    held.get();
    assertThat(failureOf(fills))
        .isInstanceOf(StoreUnavailable.class)
        .hasMessageContaining("the disk is full");
    for (Future<Integer> other : others) {
      assertThat(other.get()).isEqualTo(1);
    }
    assertThat(count(database)).isEqualTo(3);
  }

  @Test
  void a_lock_held_by_another_program_is_an_outage_until_it_is_released() throws Exception {
    SqliteDatabase database = open(100, LONG, SHORT);
    add(database, "before");
    try (Connection other = DriverManager.getConnection("jdbc:sqlite:" + file());
        Statement statement = other.createStatement()) {
      statement.execute("BEGIN IMMEDIATE");
      statement.execute("INSERT INTO thing (id, number) VALUES ('other', 1)");
      long before = System.nanoTime();
      assertThatThrownBy(() -> add(database, "refused"))
          .isInstanceOf(StoreUnavailable.class)
          .hasMessageContaining("another process");
      assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(LONG);
      assertThat(count(database)).isEqualTo(1);
      statement.execute("COMMIT");
    }
    add(database, "after");
    assertThat(count(database)).isEqualTo(3);
  }

  @Test
  void two_programs_can_write_the_same_file() throws Exception {
    SqliteDatabase one = open(100, LONG);
    SqliteDatabase other = open(100, LONG);
    add(one, "next");
    DatabaseContract.inParallel(
        200,
        i -> (i % 2 == 0 ? one : other)
            .write(sql -> sql.update("UPDATE thing SET number = number + 1")));
    for (SqliteDatabase database : opened) {
      assertThat(database.<Optional<Long>>read(
              sql -> sql.first("SELECT number FROM thing", row -> row.getLong(1))))
          .contains(201L);
    }
  }

  @Test
  void closing_finishes_the_queued_changes() throws Exception {
    SqliteDatabase database = open(100, LONG);
    Future<?> held = hold(database);
    List<Future<Integer>> changes = queue(database, 20);
    Future<?> closing = start(() -> {
      database.close();
      return 1;
    });
    gate.countDown();
    held.get();
    for (Future<Integer> change : changes) {
      assertThat(change.get()).isEqualTo(1);
    }
    closing.get();
    assertThat(folder.resolve("storetest.db-wal")).doesNotExist();
    assertThat(count(open(100, LONG))).isEqualTo(20);
  }

  @Test
  void closing_under_load_leaves_no_caller_waiting_and_keeps_acknowledged_changes()
      throws Exception {
    for (int round = 0; round < 20; round++) {
      SqliteDatabase database = open(100, LONG);
      int number = round;
      Future<?> closing = start(() -> {
        database.close();
        return 1;
      });
      List<Boolean> acknowledged = DatabaseContract.inParallel(50, i -> {
        try {
          return add(database, number + "." + i) == 1;
        } catch (StoreUnavailable closed) {
          return false;
        }
      });
      closing.get();
      SqliteDatabase again = open(100, LONG);
      long kept = again.read(sql -> sql.first(
              "SELECT count(*) FROM thing WHERE id LIKE ?", row -> row.getLong(1), number + ".%")
          .orElseThrow());
      assertThat(kept).isEqualTo(acknowledged.stream().filter(yes -> yes).count());
      again.close();
    }
  }

  private SqliteDatabase open(int queue, Duration timeout) {
    return open(queue, timeout, timeout.dividedBy(2));
  }

  private SqliteDatabase open(int queue, Duration timeout, Duration busy) {
    var limits = new StoreLimits(queue, 50, 2, 10, timeout, busy, Duration.ofSeconds(20));
    SqliteDatabase database = SqliteDatabase.open(file(), THINGS, MigrationMode.APPLY, limits);
    opened.add(database);
    return database;
  }

  private Path file() {
    return folder.resolve("storetest.db");
  }

  /** Keeps the writer busy until the gate opens, so that new changes must wait. */
  private Future<?> hold(SqliteDatabase database) {
    var began = new CountDownLatch(1);
    Future<?> held = start(() -> database.write(sql -> {
      began.countDown();
      await(gate);
      return 1;
    }));
    await(began);
    return held;
  }

  private static List<Future<Integer>> queue(SqliteDatabase database, int changes)
      throws InterruptedException {
    int before = database.waiting();
    List<Future<Integer>> futures = new ArrayList<>();
    for (int i = 0; i < changes; i++) {
      String id = Integer.toString(i);
      futures.add(start(() -> add(database, id)));
    }
    awaitWaiting(database, before + changes);
    return futures;
  }

  private static void awaitWaiting(SqliteDatabase database, int changes)
      throws InterruptedException {
    while (database.waiting() != changes) {
      MILLISECONDS.sleep(1);
    }
  }

  private static int add(Database database, String id) {
    return database.write(sql -> sql.update("INSERT INTO thing (id, number) VALUES (?, 1)", id));
  }

  private static long count(Database database) {
    return database.read(
        sql -> sql.first("SELECT count(*) FROM thing", row -> row.getLong(1)).orElseThrow());
  }

  private static Throwable failureOf(Future<?> future) throws InterruptedException {
    try {
      future.get();
    } catch (ExecutionException failed) {
      Throwable cause = failed.getCause();
      if (cause != null) {
        return cause;
      }
    }
    throw new AssertionError("it did not fail");
  }
}

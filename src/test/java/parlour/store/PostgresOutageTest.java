package parlour.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static parlour.store.DatabaseContract.THINGS;
import static parlour.store.DatabaseContract.inParallel;
import static parlour.store.DatabaseContract.start;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import parlour.Limits;

/** A server that is down, hangs or refuses is an outage, which is reported in time. */
@Timeout(60)
final class PostgresOutageTest {
  private static final Duration MAX_WAIT = Limits.STORE_TIMEOUT.multipliedBy(6); // a busy machine

  private final PostgresServer server = Postgres.fresh();

  @AutoClose
  private final Network wire = new Network(server.hosts().getFirst().port());

  @Test
  void every_caller_gets_an_answer_although_the_server_ends_connections() throws Exception {
    try (PostgresDatabase database = open(server)) {
      AtomicBoolean enough = new AtomicBoolean();
      Future<List<Integer>> callers = start(() -> inParallel(8, i -> {
        int made = 0;
        while (!enough.get()) {
          try {
            add(database, i + "-" + made);
            made++;
          } catch (StoreUnavailable unknown) {
            // Lost during the commit: the row may exist, so this name cannot be used again.
            made++;
          }
        }
        return made;
      }));
      for (int i = 0; i < 20; i++) {
        Thread.sleep(50);
        endConnections();
      }
      enough.set(true);
      assertThat(callers.get()).allSatisfy(made -> assertThat(made).isGreaterThan(1));
      add(database, "after");
    }
  }

  @Test
  void every_acknowledged_change_survives_connections_that_are_cut() throws Exception {
    Set<String> acknowledged = ConcurrentHashMap.newKeySet();
    Set<String> unavailable = ConcurrentHashMap.newKeySet();
    try (PostgresDatabase database = open(throughNetwork(wire))) {
      AtomicBoolean enough = new AtomicBoolean();
      Future<List<Integer>> callers = start(() -> inParallel(8, i -> {
        for (int n = 0; !enough.get(); n++) {
          String id = i + "-" + n;
          try {
            add(database, id);
            acknowledged.add(id);
          } catch (StoreUnavailable e) {
            unavailable.add(String.valueOf(e.getMessage()));
          }
        }
        return i;
      }));
      for (int i = 0; i < 20; i++) {
        Thread.sleep(40);
        wire.cut();
      }
      enough.set(true);
      callers.get();
      assertThat(ids(database)).containsAll(acknowledged);
      assertThat(acknowledged).hasSizeGreaterThan(5);
      assertThat(unavailable).allSatisfy(why -> assertThat(why).contains("storetest store"));
    }
  }

  @Test
  void a_commit_without_an_answer_is_an_outage_and_may_have_been_made() {
    try (PostgresDatabase database = open(throughNetwork(wire))) {
      add(database, "warm");
      assertThatThrownBy(() -> database.write(sql -> {
            int made = sql.update("INSERT INTO thing (id, number) VALUES ('lost', 1)");
            wire.loseAnswers();
            return made;
          }))
          .isInstanceOf(StoreUnavailable.class)
          .hasMessageContaining("may still be made");
      wire.deliverAnswers();
      assertThat(ids(database)).contains("warm");
    }
  }

  @Test
  void a_silent_server_is_an_outage_in_time_until_it_answers_again() {
    try (PostgresDatabase database = open(throughNetwork(wire))) {
      add(database, "a");
      wire.loseAnswers();
      long began = System.nanoTime();
      assertThatThrownBy(() -> ids(database)).isInstanceOf(StoreUnavailable.class);
      assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(MAX_WAIT);
      began = System.nanoTime();
      assertThatThrownBy(() -> add(database, "b")).isInstanceOf(StoreUnavailable.class);
      assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(MAX_WAIT);
      wire.deliverAnswers();
      eventually(() -> add(database, "c"));
      eventually(() -> assertThat(ids(database)).contains("a", "c"));
    }
  }

  @Test
  void a_server_that_is_down_is_an_outage_in_time_until_it_is_back() {
    try (PostgresDatabase database = open(throughNetwork(wire))) {
      add(database, "a");
      wire.refuse(true);
      wire.cut();
      long began = System.nanoTime();
      assertThatThrownBy(() -> ids(database)).isInstanceOf(StoreUnavailable.class);
      assertThatThrownBy(() -> add(database, "b")).isInstanceOf(StoreUnavailable.class);
      assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(MAX_WAIT.multipliedBy(2));
      wire.refuse(false);
      eventually(() -> add(database, "c"));
      eventually(() -> assertThat(ids(database)).contains("a", "c"));
    }
  }

  @Test
  void a_restarted_server_has_all_acknowledged_changes(@TempDir Path folder) throws Exception {
    EmbeddedPostgres running = EmbeddedPostgres.builder()
        .setDataDirectory(folder.resolve("data"))
        .setCleanDataDirectory(false)
        .start();
    int port = running.getPort();
    PostgresServer restarted = PostgresServer.parse(
        "postgres://postgres@localhost:" + port + "/postgres", Optional.of("postgres"));
    try (PostgresDatabase database = open(restarted)) {
      add(database, "before");
      running.close();
      assertThatThrownBy(() -> add(database, "down")).isInstanceOf(StoreUnavailable.class);
      running = EmbeddedPostgres.builder()
          .setDataDirectory(folder.resolve("data"))
          .setCleanDataDirectory(false)
          .setPort(port)
          .start();
      eventually(() -> add(database, "after"));
      assertThat(ids(database)).contains("before", "after").doesNotContain("down");
    } finally {
      running.close();
    }
  }

  @Test
  void a_locked_row_delays_no_other_change() throws Exception {
    try (PostgresDatabase database = open(server);
        Connection operator = Postgres.operator(server.database());
        Statement statement = operator.createStatement()) {
      add(database, "held");
      add(database, "free");
      operator.setAutoCommit(false);
      statement.execute("UPDATE parlour_storetest.thing SET number = 2 WHERE id = 'held'");
      Future<String> waits = start(() -> {
        assertThatThrownBy(() -> change(database, "UPDATE thing SET number = 3 WHERE id = 'held'"))
            .isInstanceOf(StoreUnavailable.class);
        return "unavailable";
      });
      for (int i = 0; i < 20; i++) {
        long began = System.nanoTime();
        change(database, "UPDATE thing SET number = number + 1 WHERE id = 'free'");
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Limits.STORE_TIMEOUT);
      }
      assertThat(waits.get()).isEqualTo("unavailable");
      operator.commit();
      change(database, "UPDATE thing SET number = 4 WHERE id = 'held'");
    }
  }

  @Test
  void a_held_lock_costs_no_connection_and_is_named_as_the_reason() throws Exception {
    int max = 4 + 4 + Limits.STORE_SINGLE_CONNECTIONS;
    try (PostgresDatabase database = open(server);
        Connection operator = Postgres.operator(server.database());
        Statement statement = operator.createStatement()) {
      add(database, "held");
      operator.setAutoCommit(false);
      statement.execute("UPDATE parlour_storetest.thing SET number = 2 WHERE id = 'held'");
      AtomicBoolean enough = new AtomicBoolean();
      Set<String> reasons = ConcurrentHashMap.newKeySet();
      Future<List<Integer>> callers = start(() -> inParallel(12, i -> {
        while (!enough.get()) {
          try {
            change(database, "UPDATE thing SET number = 3 WHERE id = 'held'");
          } catch (StoreUnavailable outage) {
            reasons.add(String.valueOf(outage.getMessage()));
          }
        }
        return i;
      }));
      Set<String> backends = ConcurrentHashMap.newKeySet();
      for (int i = 0; i < 30; i++) {
        Thread.sleep(100);
        List<String> now = backends();
        assertThat(now).hasSizeLessThanOrEqualTo(max);
        backends.addAll(now);
      }
      enough.set(true);
      callers.get();
      operator.rollback();
      assertThat(backends).as("none was thrown away").hasSizeLessThanOrEqualTo(max);
      assertThat(reasons)
          .anyMatch(why -> why.contains("waiting for a lock that another session holds"))
          .noneMatch(why -> why.contains("cannot be reached"));
      change(database, "UPDATE thing SET number = 4 WHERE id = 'held'");
    }
  }

  private List<String> backends() {
    return List.of(Postgres.asOperator(
            "postgres",
            "SELECT string_agg(pid::text, ' ') FROM pg_stat_activity" + " WHERE datname = '"
                + server.database() + "' AND application_name LIKE 'parlour %'")
        .split(" "));
  }

  @Test
  void every_caller_gets_an_answer_although_groups_deadlock() throws Exception {
    List<String> rows = List.of("a", "b", "c", "d");
    try (Database one = Postgres.open(server, THINGS, MigrationMode.APPLY, 4);
        Database two = Postgres.open(server, THINGS, MigrationMode.APPLY, 4)) {
      rows.forEach(row -> add(one, row));
      inParallel(16, i -> {
        Database node = i % 2 == 0 ? one : two;
        for (int n = 0; n < 20; n++) {
          String row = rows.get((i + n * (1 + i % 3)) % rows.size());
          node.write(sql -> sql.update("UPDATE thing SET number = number + 1 WHERE id = ?", row));
        }
        return i;
      });
      Optional<Long> sum =
          one.read(sql -> sql.first("SELECT sum(number) FROM thing", row -> row.getLong(1)));
      assertThat(sum).contains(16L * 20 + rows.size());
    }
  }

  @Test
  void an_error_that_prevents_a_start_names_the_remedy() throws Exception {
    PostgresServer wrong = PostgresServer.parse(server.toString(), Optional.of("wrong-password"));
    assertThatThrownBy(() -> open(wrong))
        .isInstanceOf(StoreUnavailable.class)
        .hasMessageContaining("database.password")
        .hasMessageNotContaining("wrong-password");
    assertThatThrownBy(() -> open(PostgresServer.parse(
            server.toString().replaceAll("/[^/]+$", "/nowhere"), server.password())))
        .isInstanceOf(StoreUnavailable.class)
        .hasMessageContaining("CREATE DATABASE");
    int closed;
    try (ServerSocket socket = new ServerSocket(0)) {
      closed = socket.getLocalPort();
    }
    assertThatThrownBy(() -> open(
            PostgresServer.parse("postgres://ann@localhost:" + closed + "/chat", Optional.empty())))
        .isInstanceOf(StoreUnavailable.class)
        .hasMessageContaining("database.url");
  }

  private PostgresServer throughNetwork(Network wire) {
    return PostgresServer.parse(
        server.toString().replaceAll(":[0-9]+/", ":" + wire.port() + "/"), server.password());
  }

  private void endConnections() {
    Postgres.asOperator("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '"
        + server.database() + "'");
  }

  private static PostgresDatabase open(PostgresServer server) {
    return PostgresDatabase.open(server, THINGS, MigrationMode.APPLY, StoreLimits.ofServer(4));
  }

  private static void add(Database database, String id) {
    database.write(sql -> sql.update("INSERT INTO thing (id, number) VALUES (?, 1)", id));
  }

  private static void change(Database database, String statement) {
    database.write(sql -> sql.update(statement));
  }

  private static List<String> ids(Database database) {
    return database.read(sql -> sql.list("SELECT id FROM thing", row -> row.getString("id")));
  }

  private static void eventually(Runnable works) {
    long giveUp = System.nanoTime() + Duration.ofSeconds(50).toNanos();
    while (true) {
      try {
        works.run();
        return;
      } catch (StoreUnavailable notYet) {
        if (System.nanoTime() - giveUp > 0) {
          throw notYet;
        }
      }
    }
  }

  /** The network between a database and its server. */
  private static final class Network implements AutoCloseable {
    private final ServerSocket listening;
    private final int to;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private volatile boolean refusing;
    private volatile boolean losing;

    Network(int to) {
      this.to = to;
      try {
        listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
      Thread.startVirtualThread(this::accept);
    }

    int port() {
      return listening.getLocalPort();
    }

    void refuse(boolean refuse) {
      refusing = refuse;
    }

    /** Loses all answers of the server from now on. */
    void loseAnswers() {
      losing = true;
    }

    void deliverAnswers() {
      losing = false;
      cut();
    }

    void cut() {
      open.forEach(Network::close);
    }

    private void accept() {
      while (!listening.isClosed()) {
        try {
          Socket client = listening.accept();
          if (refusing) {
            close(client);
            continue;
          }
          Socket server = new Socket(InetAddress.getLoopbackAddress(), to);
          open.addAll(List.of(client, server));
          Thread.startVirtualThread(() -> carry(client, server, false));
          Thread.startVirtualThread(() -> carry(server, client, true));
        } catch (IOException closed) {
          // The test is over, or the server is down.
        }
      }
    }

    private void carry(Socket from, Socket to, boolean answers) {
      byte[] bytes = new byte[8192];
      try (from;
          to) {
        InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream();
        for (int n = in.read(bytes); n >= 0; n = in.read(bytes)) {
          if (!answers || !losing) {
            out.write(bytes, 0, n);
          }
        }
      } catch (IOException cut) {
        // The test broke the connection.
      } finally {
        open.removeAll(List.of(from, to));
      }
    }

    private static void close(Socket socket) {
      try {
        socket.close();
      } catch (IOException alreadyClosed) {
        // As intended.
      }
    }

    @Override
    public void close() {
      try {
        listening.close();
      } catch (IOException alreadyClosed) {
        // As intended.
      }
      cut();
    }
  }
}

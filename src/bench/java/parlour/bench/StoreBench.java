package parlour.bench;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import parlour.Limits;
import parlour.scopedauth.SqlSessions;
import parlour.store.PostgresDatabase;

/**
 * Durable conditional updates a second, each of one row: by {@link PostgresDatabase}, and by plain
 * JDBC on the same server at the same time of day. Callers, rounds and seconds per window may be
 * given.
 */
final class StoreBench {
  private static final String UPDATE = """
      UPDATE guest_session
      SET generation = generation + 1, confirmations = substr(? || confirmations, 1, ?),
        last_seen_at = ?
      WHERE sid = ? AND generation < ? AND revoked_at IS NULL AND expires_at > ?
      """;

  private final String url;
  private final int callers;
  private final Duration window;

  private StoreBench(String url, int callers, Duration window) {
    this.url = url;
    this.callers = callers;
    this.window = window;
  }

  /** One way to do what is measured. */
  interface Way {
    void change(int caller) throws Exception;

    void close() throws SQLException;
  }

  public static void main(String[] arguments) throws Exception {
    int callers = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 64;
    int rounds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 7;
    int seconds = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 4;
    try (DurablePostgres postgres = DurablePostgres.start()) {
      var bench = open(postgres, "postgres", callers, Duration.ofSeconds(seconds));
      try (PostgresDatabase database =
          PostgresDatabase.open(postgres.address("postgres"), SqlSessions.SCHEMA)) {
        bench.run(database, rounds);
      }
    }
  }

  /** Over sessions of its own in this database. */
  static StoreBench open(DurablePostgres postgres, String database, int callers, Duration window)
      throws Exception {
    PostgresDatabase.open(postgres.address(database), SqlSessions.SCHEMA).close();
    var bench = new StoreBench(postgres.sessions(database), callers, window);
    bench.fill();
    return bench;
  }

  private void fill() throws Exception {
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement()) {
      statement.execute("""
          INSERT INTO guest_session (sid, account_sid, deployment_key, identity,
            conversation_sid, generation, confirmations, created_at, expires_at, last_seen_at)
          SELECT 'GS' || i, 'AC', 'CV', 'guest', 'CH', 1, '', 1, 9000000000000, 1
          FROM generate_series(0, 9999) AS i
          """);
    }
  }

  private void run(PostgresDatabase database, int rounds) throws Exception {
    Map<String, Way> ways = new LinkedHashMap<>();
    ways.put("plain JDBC, " + callers + " connections, autocommit", jdbc(callers, true));
    ways.put("plain JDBC, 16 connections, a transaction per change", jdbc(16, false));
    ways.put("PostgresDatabase", new Way() {
      @Override
      public void change(int caller) {
        database.write(sql -> sql.update(
            UPDATE,
            "1:1795000000 ",
            Limits.CONFIRMATIONS_CHARACTERS,
            1L,
            "GS" + caller,
            Long.MAX_VALUE,
            1L));
      }

      @Override
      public void close() {
        database.close();
      }
    });
    Map<String, List<Double>> perSecond = new LinkedHashMap<>();
    for (int round = -1; round < rounds; round++) { // the first warms up
      for (Map.Entry<String, Way> way : ways.entrySet()) {
        double measured = measure(way.getValue());
        if (round >= 0) {
          perSecond.computeIfAbsent(way.getKey(), _ -> new ArrayList<>()).add(measured);
        }
      }
    }
    List<Double> base = perSecond.values().iterator().next();
    perSecond.forEach((name, all) -> {
      double[] ratios = new double[all.size()];
      Arrays.setAll(ratios, i -> all.get(i) / base.get(i));
      Arrays.sort(ratios);
      System.out.printf(
          "%-55s %8.0f/s   %.2f (%.2f–%.2f) of the first%n",
          name,
          all.stream().sorted().skip(all.size() / 2).findFirst().orElseThrow(),
          ratios[ratios.length / 2],
          ratios[0],
          ratios[ratios.length - 1]);
    });
    for (Way way : ways.values()) {
      way.close();
    }
  }

  /** The form of pgbench: each caller has a connection, and each change is a transaction. */
  Way jdbc(int connections, boolean autocommit) throws Exception {
    BlockingQueue<Connection> pool = new ArrayBlockingQueue<>(connections);
    for (int i = 0; i < connections; i++) {
      Connection connection = DriverManager.getConnection(url);
      connection.setAutoCommit(autocommit);
      pool.add(connection);
    }
    return new Way() {
      @Override
      public void change(int caller) throws Exception {
        Connection connection = pool.take();
        try (PreparedStatement statement = connection.prepareStatement(UPDATE)) {
          statement.setString(1, "1:1795000000 ");
          statement.setInt(2, Limits.CONFIRMATIONS_CHARACTERS);
          statement.setLong(3, 1);
          statement.setString(4, "GS" + caller);
          statement.setLong(5, Long.MAX_VALUE);
          statement.setLong(6, 1);
          statement.executeUpdate();
          if (!autocommit) {
            connection.commit();
          }
        } finally {
          pool.add(connection);
        }
      }

      @Override
      public void close() throws SQLException {
        for (Connection connection : pool) {
          connection.close();
        }
      }
    };
  }

  double measure(Way way) throws Exception {
    AtomicLong made = new AtomicLong();
    AtomicBoolean over = new AtomicBoolean();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < callers; i++) {
      int caller = i;
      threads.add(Thread.startVirtualThread(() -> {
        try {
          while (!over.get()) {
            way.change(caller);
            made.incrementAndGet();
          }
        } catch (Exception e) {
          e.printStackTrace();
          over.set(true); // A bench that lost a change measures nothing.
        }
      }));
    }
    Thread.sleep(500);
    long before = made.get();
    long began = System.nanoTime();
    Thread.sleep(window);
    double perSecond = (made.get() - before) * 1e9 / (System.nanoTime() - began);
    boolean failed = over.getAndSet(true);
    for (Thread thread : threads) {
      thread.join();
    }
    if (failed) {
      throw new IllegalStateException("a change failed");
    }
    return perSecond;
  }
}

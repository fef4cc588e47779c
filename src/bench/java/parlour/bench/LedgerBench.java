package parlour.bench;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.IntStream;
import parlour.Limits;
import parlour.Sid;
import parlour.config.Role;
import parlour.ledger.LedgerEntry;
import parlour.ledger.LedgerNote;
import parlour.ledger.LedgerQuery;
import parlour.ledger.SqlLedger;
import parlour.scopedauth.SqlSessions;
import parlour.store.Database;
import parlour.store.Databases;
import parlour.store.MigrationMode;
import parlour.store.StoreUnavailable;

/**
 * The times of what an operator asks a ledger of many entries, and of what a process writes and
 * deletes there. The entries are of 30 days. One in ten is the end of a chat, always of the same
 * deployment, so that this one has many entries and no refusal; one in a million has a rare cause.
 *
 * <p>{@code ./dev bench ledger [entries=10000000] [calls=50] [postgres]}
 */
public final class LedgerBench {
  private static final int DEPLOYMENTS = 1_000;
  private static final String OFTEN = "expired";
  private static final String RARE = "signed with an unknown key";

  private final SqlLedger ledger;
  private final Instant since;
  private final int calls;
  private final Map<String, long[]> times = new LinkedHashMap<>();

  private LedgerBench(SqlLedger ledger, Instant since, int calls) {
    this.ledger = ledger;
    this.since = since;
    this.calls = calls;
  }

  public static void main(String[] arguments) throws Exception {
    int entries = Figures.option(arguments, "entries", 10_000_000);
    int calls = Figures.option(arguments, "calls", 50);
    System.out.printf("%s; %,d entries, %d calls%n", Figures.machine(), entries, calls);
    Path folder = Leftovers.folder();
    if (Arrays.asList(arguments).contains("postgres")) {
      try (DurablePostgres postgres = DurablePostgres.start()) {
        postgres.create("ledger");
        run(postgres.databases("ledger"), postgres.sessions("ledger"), entries, calls);
      }
    } else {
      String file = "jdbc:sqlite:" + folder.resolve(Role.SCOPED_AUTH.word() + ".db");
      run(Databases.in(folder), file, entries, calls);
    }
  }

  private static void run(Databases databases, String url, int entries, int calls)
      throws SQLException {
    Instant since = Instant.now().minus(30, ChronoUnit.DAYS).truncatedTo(ChronoUnit.MILLIS);
    databases.open(SqlSessions.SCHEMA, MigrationMode.APPLY).close();
    long begin = System.nanoTime();
    fill(url, entries, since);
    System.out.printf("filled in %.0f s%n", (System.nanoTime() - begin) / 1e9);
    begin = System.nanoTime();
    try (Database database = databases.open(SqlSessions.SCHEMA, MigrationMode.APPLY)) {
      System.out.printf("opened in %.0f ms%n", (System.nanoTime() - begin) / 1e6);
      LedgerBench bench = new LedgerBench(new SqlLedger(database), since, calls);
      bench.measure(entries);
      bench.print();
    }
  }

  private static void fill(String url, int entries, Instant since) throws SQLException {
    boolean isSqlite = url.startsWith("jdbc:sqlite:");
    // Makes an entry from the number i. The parts that SQLite and PostgreSQL write differently are
    // filled in.
    String rows = """
      INSERT INTO ledger_entry (at, id, trace_id, event, code, cause, signals, session_sid,
        deployment_key, page, actor, object, left_out)
      SELECT %1$d + i * %2$d / %3$d, i, %4$s,
        CASE WHEN i %% 10 = 9 THEN 'guest-ended' ELSE 'guest-refused' END,
        CASE WHEN i %% 10 = 9 THEN 0 ELSE 45779 END,
        CASE WHEN i %% 10 = 9 THEN 'forget' WHEN i %% 1000000 = 7 THEN '%5$s' ELSE '%6$s' END,
        '', 'GS' || %4$s,
        CASE WHEN i %% 10 = 9 THEN '%7$s' ELSE 'CV' || %8$s END,
        'https://shop.example.com', '', '', 0
      FROM %9$s""".formatted(
            since.toEpochMilli(),
            ChronoUnit.DAYS.getDuration().multipliedBy(30).toMillis(),
            entries,
            isSqlite ? "lower(hex(randomblob(16)))" : "md5(i::text)",
            RARE,
            OFTEN,
            deployment(DEPLOYMENTS).text(),
            isSqlite ? "printf('%032x', i % 1000)" : "lpad(to_hex(i % 1000), 32, '0')",
            isSqlite
                ? "(WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < "
                    + (entries - 1) + ") SELECT i FROM n)"
                : "generate_series(0::bigint, " + (entries - 1) + ") AS n(i)");
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement()) {
      if (isSqlite) {
        statement.execute("PRAGMA cache_size = -1000000");
      }
      List<String> indexes = new ArrayList<>();
      try (ResultSet found = statement.executeQuery(
          isSqlite
              ? "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
                  + " AND tbl_name = 'ledger_entry'"
              : "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'ledger_entry'"
                  + " AND schemaname = current_schema() AND indexname NOT LIKE '%_pkey'")) {
        while (found.next()) {
          indexes.add("DROP INDEX " + found.getString(1));
          indexes.add(found.getString(2));
        }
      }
      for (int i = 0; i < indexes.size(); i += 2) {
        statement.execute(indexes.get(i));
      }
      statement.execute(rows);
      for (int i = 1; i < indexes.size(); i += 2) {
        statement.execute(indexes.get(i));
      }
      statement.execute("INSERT INTO ledger_day (day, entries) SELECT at / 86400000, COUNT(*)"
          + " FROM ledger_entry GROUP BY at / 86400000");
      statement.execute(
          isSqlite ? "PRAGMA wal_checkpoint(TRUNCATE)" : "VACUUM ANALYZE ledger_entry");
    }
  }

  private void measure(int entries) {
    List<Sid.Deployment> all =
        IntStream.range(0, DEPLOYMENTS).mapToObj(LedgerBench::deployment).toList();
    List<String> traces = ledger.newest(query(Optional.empty(), Optional.empty(), false)).stream()
        .map(LedgerEntry::trace)
        .toList();
    reads("refusals", Optional.empty(), Optional.empty(), true);
    reads("all entries", Optional.empty(), Optional.empty(), false);
    reads("refusals of a frequent cause", Optional.empty(), Optional.of(OFTEN), true);
    reads("refusals of a rare cause", Optional.empty(), Optional.of(RARE), true);
    reads("refusals of a deployment", Optional.of(all.subList(0, 1)), Optional.empty(), true);
    reads(
        "refusals of a deployment and a rare cause",
        Optional.of(all.subList(7, 8)),
        Optional.of(RARE),
        true);
    reads("refusals of 1,000 deployments", Optional.of(all), Optional.empty(), true);
    reads(
        "refusals of 1,000 deployments and a rare cause",
        Optional.of(all),
        Optional.of(RARE),
        true);
    reads(
        "refusals of the deployment that has none",
        Optional.of(List.of(deployment(DEPLOYMENTS))),
        Optional.empty(),
        true);
    reads(
        "refusals of that deployment and a frequent cause",
        Optional.of(List.of(deployment(DEPLOYMENTS))),
        Optional.of(OFTEN),
        true);
    time("entries of a trace", () -> {
      String trace = traces.get(ThreadLocalRandom.current().nextInt(traces.size()));
      require(!ledger.ofTrace(trace.substring(0, 12)).isEmpty());
    });
    time("store " + Limits.LEDGER_GROUP + " entries", () -> ledger.store(group()));
    time(
        "delete " + Limits.SWEEP_BATCH + " above the bound",
        () -> require(
            ledger.prune(since, Limits.LEDGER_ENTRIES, Limits.SWEEP_BATCH) == Limits.SWEEP_BATCH
                || entries <= Limits.LEDGER_ENTRIES));
  }

  private static List<LedgerEntry> group() {
    Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
    return IntStream.range(0, Limits.LEDGER_GROUP)
        .mapToObj(i -> new LedgerEntry(
            now,
            ThreadLocalRandom.current().nextLong(),
            "%032x".formatted(ThreadLocalRandom.current().nextLong()),
            LedgerNote.of(LedgerNote.GUEST_REFUSED, OFTEN)
                .refusedBy(45_775)
                .ofGuest(Optional.empty(), Optional.of(deployment(i))),
            0))
        .toList();
  }

  private void reads(
      String name,
      Optional<List<Sid.Deployment>> deployments,
      Optional<String> cause,
      boolean refusalsOnly) {
    LedgerQuery query = query(deployments, cause, refusalsOnly);
    int found;
    try {
      found = ledger.newest(query).size();
    } catch (StoreUnavailable e) {
      times.put(name + " (out of time)", new long[1]);
      return;
    }
    time(name + " (" + found + " found)", () -> require(ledger.newest(query).size() == found));
  }

  private LedgerQuery query(
      Optional<List<Sid.Deployment>> deployments, Optional<String> cause, boolean refusalsOnly) {
    return new LedgerQuery(
        since,
        LedgerQuery.Scope.of(deployments),
        cause,
        refusalsOnly,
        Limits.LEDGER_PAGE,
        Optional.empty());
  }

  private void time(String name, Runnable call) {
    long[] nanos = new long[calls];
    for (int i = 0; i < calls; i++) {
      long begin = System.nanoTime();
      call.run();
      nanos[i] = System.nanoTime() - begin;
    }
    Arrays.sort(nanos);
    times.put(name, nanos);
  }

  private void print() {
    System.out.printf("%-60s %10s %10s%n", "", "median, ms", "most, ms");
    times.forEach((name, nanos) -> System.out.printf(
        "%-60s %10.2f %10.2f%n",
        name, Figures.at(nanos, 0.5) / 1e6, nanos[nanos.length - 1] / 1e6));
  }

  private static Sid.Deployment deployment(int number) {
    return new Sid.Deployment("CV%032x".formatted(number));
  }

  private static void require(boolean isSo) {
    if (!isSo) {
      throw new IllegalStateException("another answer than at first");
    }
  }
}

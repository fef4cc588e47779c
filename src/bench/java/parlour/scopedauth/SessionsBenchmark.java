package parlour.scopedauth;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;
import parlour.Sid;
import parlour.bench.Population;
import parlour.bench.Shop;
import parlour.config.Role;
import parlour.store.SqliteDatabase;

/**
 * The store of sessions, SQLite with fsync: a session read, and a generation confirmed. Each
 * confirmation waits until it is durable; of 64 callers many wait for the same commit.
 */
@State(Scope.Benchmark)
public class SessionsBenchmark {
  private static final int COUNT = 10_000;

  private final AtomicLong generations = new AtomicLong(Population.GENERATIONS);
  private Shop shop;
  private Population population;
  private SqliteDatabase database;
  private Sessions sessions;

  @Setup
  public void open() throws Exception {
    shop = Shop.open();
    population = new Population(shop, COUNT);
    Path file = shop.folder().resolve(Role.SCOPED_AUTH.word() + ".db");
    SqliteDatabase.open(file, SqlSessions.SCHEMA).close();
    population.fillSqlite(file);
    database = SqliteDatabase.open(file, SqlSessions.SCHEMA);
    sessions = new SqlSessions(database);
  }

  @TearDown
  public void close() throws IOException {
    database.close();
    shop.close();
  }

  /** The read that most checks of a token do. */
  @Benchmark
  public Optional<TokenLineage> lineage() {
    return sessions.lineage(any());
  }

  @Benchmark
  public void confirm() {
    if (confirmed().isEmpty()) {
      throw new IllegalStateException("a generation that is new was not confirmed");
    }
  }

  @Benchmark
  @Threads(64)
  public void confirmBeside63Others() {
    // Of two callers with the same session, the one with the older generation is refused.
    confirmed();
  }

  private Optional<Instant> confirmed() {
    Instant now = Instant.now();
    return sessions.confirm(new FirstUse(next(), now, false, true), now);
  }

  private TokenGeneration next() {
    return new TokenGeneration(any(), new Generation(generations.incrementAndGet()));
  }

  private Sid.Session any() {
    return population.session(ThreadLocalRandom.current().nextInt(COUNT));
  }
}

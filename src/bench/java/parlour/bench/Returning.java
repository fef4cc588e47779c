package parlour.bench;

import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLongArray;
import parlour.Limits;
import parlour.accounts.SqlAccounts;
import parlour.config.DataFolder;
import parlour.events.LocalEventBus;
import parlour.ledger.Ledger;
import parlour.orchestrator.OneFingerprint;
import parlour.proof.MemoryNonces;
import parlour.rates.RateLimiter;
import parlour.scopedauth.Fingerprint;
import parlour.scopedauth.MasterKey;
import parlour.scopedauth.ScopedAuth;
import parlour.scopedauth.ScopedAuthService;
import parlour.scopedauth.SignalBudget;
import parlour.scopedauth.SqlKeys;
import parlour.scopedauth.SqlSessions;
import parlour.scopedauth.SqlSignalVotes;
import parlour.scopedauth.TokenKeys;
import parlour.store.Database;
import parlour.store.Databases;
import parlour.store.MigrationMode;

/**
 * Random guests of a whole {@link Population} who reload, over a few connections.
 *
 * <p>A million tokens would be a gigabyte, so none is kept: what is kept of a guest is the generation
 * that was used last, and the token of the next one is sealed when it is their turn, by the program's
 * own {@link ScopedAuthService} with the key ring of the installation, before the stopwatch starts.
 * It equals the token of the last answer, except for its time and number.
 */
final class Returning implements AutoCloseable {
  /** Nobody else may be this guest meanwhile: their two refreshes would race. */
  private static final long BUSY = -1;

  private final Shop shop;
  private final Population population;
  private final ScopedAuth issuer;
  private final Fingerprint fingerprint;
  private final AtomicLongArray generations;
  private volatile boolean cold;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  /** Makes the installation's keys, if it has none; so before its server is started. */
  Returning(Shop shop, Databases databases, Population population) {
    this.shop = shop;
    this.population = population;
    SecureRandom random = new SecureRandom();
    String masterKey =
        DataFolder.secretOrNew(shop.folder().resolve("master.key"), () -> MasterKey.random(random));
    try (Database accounts = databases.open(SqlAccounts.SCHEMA, MigrationMode.APPLY);
        Database store = databases.open(SqlSessions.SCHEMA, MigrationMode.APPLY)) {
      fingerprint = OneFingerprint.of(
          Guest::header,
          new SqlAccounts(accounts)
              .configurationOf(shop.account(), shop.deployment())
              .orElseThrow());
      issuer = new ScopedAuthService(
          new SqlSessions(store),
          new TokenKeys(
              new SqlKeys(store), MasterKey.parse(masterKey), InstantSource.system(), random),
          RateLimiter.UNLIMITED,
          RateLimiter.UNLIMITED,
          new LocalEventBus(Limits.POLL_WITHOUT_EVENTS),
          new MemoryNonces(Instant.now(), random),
          new SignalBudget(new SqlSignalVotes(store), Ledger.NONE, InstantSource.system()),
          Ledger.NONE,
          InstantSource.system(),
          random);
    }
    generations = new AtomicLongArray(population.size());
    for (int number = 0; number < population.size(); number++) {
      generations.set(number, population.generation(number));
    }
  }

  /**
   * Reloads for a while that does not count, in which a process that is cold may turn some away: 503.
   * They come again.
   */
  void warmUp(int port, int connections, Duration time) throws IOException {
    cold = true;
    var _ = reload(port, connections, time);
    cold = false;
  }

  /**
   * Reloads for this long, over connections that are new: an idle one is closed while others are
   * measured. Any answer but a 200 ends the measurement with an error.
   */
  Guests.Window reload(int port, int connections, Duration time) throws IOException {
    List<Line> lines = new ArrayList<>();
    try {
      for (int i = 0; i < connections; i++) {
        lines.add(new Line(port, Guest.HEADERS + Guest.SIGNALS));
      }
      return reload(lines, time);
    } finally {
      lines.forEach(Line::close);
    }
  }

  private Guests.Window reload(List<Line> lines, Duration time) {
    long start = System.nanoTime();
    long end = start + time.toNanos();
    List<Future<List<Long>>> running = new ArrayList<>();
    for (Line line : lines) {
      Callable<List<Long>> reloading = () -> reloadUntil(line, end);
      running.add(threads.submit(reloading));
    }
    long[] nanos = running.stream()
        .flatMap(line -> get(line).stream())
        .mapToLong(n -> n)
        .sorted()
        .toArray();
    return new Guests.Window(nanos.length, Duration.ofNanos(System.nanoTime() - start), nanos);
  }

  private List<Long> reloadUntil(Line line, long end) throws IOException {
    List<Long> nanos = new ArrayList<>();
    while (System.nanoTime() < end) {
      int number = ThreadLocalRandom.current().nextInt(population.size());
      long generation = generations.get(number);
      if (generation != BUSY && generations.compareAndSet(number, generation, BUSY)) {
        OptionalLong took = reload(line, number, generation + 1);
        took.ifPresent(nanos::add);
        generations.set(number, took.isPresent() ? generation + 1 : generation);
      }
    }
    return nanos;
  }

  private OptionalLong reload(Line line, int number, long generation) throws IOException {
    String token = issuer
        .generate(population.guest(number, generation), fingerprint, Limits.TOKEN_TTL_DEFAULT)
        .token()
        .text();
    String body =
        "{\"deploymentKey\":\"" + shop.deployment().text() + "\",\"token\":\"" + token + "\"}";
    long before = System.nanoTime();
    Line.Answer answer = line.post("/v2/Webchat/Token/Refresh", Guest.JSON, body);
    long nanos = System.nanoTime() - before;
    if (cold && answer.status() == 503) {
      return OptionalLong.empty();
    }
    if (answer.status() != 200) {
      throw new IllegalStateException(answer.status() + ": " + answer.body());
    }
    if (!answer.text("conversation_sid").equals(population.conversation(number))) {
      throw new IllegalStateException("a guest was given another's conversation");
    }
    return OptionalLong.of(nanos);
  }

  private static <T> T get(Future<T> future) {
    try {
      return future.get();
    } catch (InterruptedException | ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  /** That every refresh was kept: the newest generation of some guests, as the store has it. */
  void check(Databases databases) {
    try (Database store = databases.open(SqlSessions.SCHEMA, MigrationMode.VERIFY)) {
      SqlSessions sessions = new SqlSessions(store);
      for (int number = 0; number < population.size(); number += 1 + population.size() / 1_000) {
        Optional<Long> kept = sessions
            .find(population.session(number))
            .map(session -> session.generation().number());
        // One more, where a guest was turned away after it was kept.
        if (kept.isEmpty() || kept.get() < generations.get(number)) {
          throw new IllegalStateException("the store lost a generation");
        }
      }
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}

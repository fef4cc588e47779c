package parlour.store;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import parlour.Limits;
import parlour.TooManyRequests;

/**
 * The order of searches, which read a store without using up the readers of guests' calls. One
 * search of each searcher, such as an account, waits for its turn or runs, and its others wait for
 * that one. So the many searches of one searcher delay another searcher by one search.
 */
public final class SearchTurns {
  private final Semaphore turns = new Semaphore(Limits.SEARCHES_AT_ONCE, true);

  /** Those who search at this moment. */
  private final Map<Object, Line> lines = new ConcurrentHashMap<>();

  private final Database database;
  private final String what;
  private final Duration wait;

  /**
   * @param what the searches, for messages: "the searches of …"
   * @param wait how long a search waits for others
   */
  public SearchTurns(Database database, String what, Duration wait) {
    this.database = database;
    this.what = what;
    this.wait = wait;
  }

  /** The searches of one searcher. */
  private static final class Line {
    final Semaphore first = new Semaphore(1, true);

    /** Changed only while the map computes this searcher. */
    int searches;
  }

  /**
   * Runs a search.
   *
   * @param searcher a key of those whose searches wait for each other
   * @throws TooManyRequests if its turn did not come in time
   */
  public <T> T search(Object searcher, Database.Work<T> work) {
    return take(searcher, () -> database.<T>read(work)).orElseThrow(this::tooMany);
  }

  /**
   * Why a search was not run. A search that waits for a failing store keeps its turn until its
   * deadline: then the others fail because of the store, and not because of the one who searches.
   */
  private TooManyRequests tooMany() {
    database.readOne(sql -> sql.first("SELECT 1 AS answer", _ -> true)); // throws if it fails
    return new TooManyRequests(what, Limits.RETRY_AFTER);
  }

  private <T> Optional<T> take(Object searcher, Supplier<T> search) {
    Line line = lines.compute(searcher, (_, known) -> {
      Line joined = known == null ? new Line() : known;
      joined.searches++;
      return joined;
    });
    try {
      long end = System.nanoTime() + wait.toNanos();
      return first(line.first, end, () -> first(turns, end, () -> Optional.of(search.get())));
    } finally {
      lines.computeIfPresent(searcher, SearchTurns::left);
    }
  }

  private static @Nullable Line left(Object searcher, Line line) {
    return --line.searches == 0 ? null : line;
  }

  private <T> Optional<T> first(Semaphore of, long end, Supplier<Optional<T>> next) {
    try {
      if (!of.tryAcquire(end - System.nanoTime(), TimeUnit.NANOSECONDS)) {
        return Optional.empty();
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new StoreUnavailable(what, "interrupted", interrupted);
    }
    try {
      return next.get();
    } finally {
      of.release();
    }
  }
}

package parlour.ledger;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import parlour.Limits;
import parlour.Sid;
import parlour.Unavailable;

/**
 * The order of searches, which read the store without using up the readers of guests' calls. One
 * search of each account waits for its turn or runs, and its others wait for that one. So the many
 * searches of one account delay another account by one search.
 */
final class LedgerTurns {
  private final Semaphore turns = new Semaphore(Limits.LEDGER_READS, true);

  /** Accounts that search at this moment. */
  private final Map<Optional<Sid.Account>, Line> lines = new ConcurrentHashMap<>();

  private final Duration wait;

  LedgerTurns(Duration wait) {
    this.wait = wait;
  }

  /** The searches of an account. */
  private static final class Line {
    final Semaphore first = new Semaphore(1, true);

    /** Changed only while the map computes this account. */
    int searches;
  }

  /**
   * Runs a search.
   *
   * @return empty if its turn did not come in time
   */
  <T> Optional<T> take(Optional<Sid.Account> reader, Supplier<T> search) {
    Line line = lines.compute(reader, (_, known) -> {
      Line joined = known == null ? new Line() : known;
      joined.searches++;
      return joined;
    });
    try {
      long end = System.nanoTime() + wait.toNanos();
      return first(line.first, end, () -> first(turns, end, () -> Optional.of(search.get())));
    } finally {
      lines.computeIfPresent(reader, (_, left) -> --left.searches == 0 ? null : left);
    }
  }

  private static <T> Optional<T> first(Semaphore of, long end, Supplier<Optional<T>> next) {
    try {
      if (!of.tryAcquire(end - System.nanoTime(), TimeUnit.NANOSECONDS)) {
        return Optional.empty();
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new Unavailable("the ledger", "interrupted", interrupted);
    }
    try {
      return next.get();
    } finally {
      of.release();
    }
  }
}

package parlour.store;

import java.util.List;

/**
 * The work of a store since its start.
 *
 * @param waiting changes that wait for a writer now
 * @param groups groups of changes that were committed together, or tried to
 * @param changes changes whose callers have got an answer
 * @param changeNanos the time that these callers waited, together
 * @param changesWithin how many of them waited at most as long as each of {@link #BOUNDS}, but longer
 *     than the one before; the last one waited longer
 * @param readsRunning reads that have a connection now
 * @param readsWaiting reads that wait for one
 */
public record StoreActivity(
    int waiting,
    long groups,
    long changes,
    long changeNanos,
    List<Long> changesWithin,
    int readsRunning,
    int readsWaiting) {
  /** Upper bounds in seconds: from a flush of a fast disk to the deadline of a change. */
  public static final List<Double> BOUNDS =
      List.of(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5);

  static final StoreActivity NONE = new StoreActivity(0, 0, 0, 0, List.of(), 0, 0);

  StoreActivity withReads(int running, int waitingReads) {
    return new StoreActivity(
        waiting, groups, changes, changeNanos, changesWithin, running, waitingReads);
  }
}

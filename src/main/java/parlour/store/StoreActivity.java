package parlour.store;

/**
 * The work of a store since its start.
 *
 * @param waiting changes that wait for a writer now
 * @param groups groups of changes that were committed together, or tried to
 * @param changes changes whose callers have got an answer
 * @param changeNanos the time that these callers waited, together
 */
public record StoreActivity(int waiting, long groups, long changes, long changeNanos) {
  static final StoreActivity NONE = new StoreActivity(0, 0, 0, 0);
}

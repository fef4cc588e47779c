package parlour.ledger;

/**
 * Where the parts of a process note what they refused, revoked or changed.
 *
 * <p>A call returns at once and never fails: the note is written later, beside the request. It may be
 * left out under load, and is then counted.
 */
@FunctionalInterface
public interface Ledger {
  /** Keeps nothing. */
  Ledger NONE = _ -> {};

  /** Notes an event of the request that this thread serves; its trace is the current one. */
  void add(LedgerNote note);

  /** Adds an event. One deployment, and one network, can use up only a part of what strangers can add. */
  default void add(LedgerNote note, LedgerShare share) {
    add(note);
  }
}

package parlour.ledger;

import java.util.List;

/** Where a process writes its entries: the store of ScopedAuthService, here or elsewhere. */
public interface LedgerSink {
  /**
   * Stores entries, and returns once they are durable ({@code POST /v1/Ledger/entries}). An entry
   * that is stored again is kept once, so a call can be repeated.
   *
   * @param entries at most {@link parlour.Limits#LEDGER_GROUP}
   * @throws parlour.Unavailable if they may not have been stored
   */
  void store(List<LedgerEntry> entries);
}

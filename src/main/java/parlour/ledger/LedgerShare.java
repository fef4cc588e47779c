package parlour.ledger;

import java.util.Optional;
import parlour.Sid;

/**
 * The caller whose part of the ledger an event uses up. It is counted and never kept.
 *
 * @param deployment that was called; empty if it does not exist, because a stranger can invent any
 *     number of those
 * @param network a text that is equal for all calls from one network; empty if it is not known
 */
public record LedgerShare(Optional<Sid.Deployment> deployment, Optional<String> network) {
  /** Omits the network. */
  @Override
  public String toString() {
    return "LedgerShare[…]";
  }
}

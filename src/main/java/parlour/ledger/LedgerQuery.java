package parlour.ledger;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import parlour.Limits;
import parlour.Sid;

/**
 * A choice of entries of the ledger.
 *
 * @param deployments only entries of these; empty: all entries, also those of no deployment
 * @param refusalsOnly without the events that refused nothing, and without outages
 * @param reader the account that searches; its searches run one after the other. Empty: a command
 */
public record LedgerQuery(
    Instant since,
    Optional<List<Sid.Deployment>> deployments,
    Optional<String> cause,
    boolean refusalsOnly,
    int limit,
    Optional<Sid.Account> reader) {

  public LedgerQuery {
    if (limit < 1 || limit > Limits.LEDGER_LISTED) {
      throw new IllegalArgumentException("a list of %d entries".formatted(limit));
    }
    if (deployments.isPresent() && deployments.get().size() > Limits.DEPLOYMENTS_OF_CONSOLE) {
      throw new IllegalArgumentException("too many deployments");
    }
  }
}

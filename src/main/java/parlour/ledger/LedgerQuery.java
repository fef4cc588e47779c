package parlour.ledger;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import parlour.Limits;
import parlour.Sid;

/**
 * A choice of entries of the ledger.
 *
 * @param refusalsOnly without the events that refused nothing, and without outages
 * @param reader the account that searches; its searches run one after the other. Empty: a command
 */
public record LedgerQuery(
    Instant since,
    Scope scope,
    Optional<String> cause,
    boolean refusalsOnly,
    int limit,
    Optional<Sid.Account> reader) {

  public LedgerQuery {
    if (limit < 1 || limit > Limits.LEDGER_LISTED) {
      throw new IllegalArgumentException("a list of %d entries".formatted(limit));
    }
  }

  /**
   * The entries among which the query chooses. The field is required on the wire, so that a query without it is refused and does
   * not read everything.
   */
  public sealed interface Scope {
    /** All entries, also those of no deployment. */
    record Everything() implements Scope {}

    /** Only the entries of these deployments. */
    record OfDeployments(List<Sid.Deployment> deployments) implements Scope {
      public OfDeployments {
        if (deployments.size() > Limits.DEPLOYMENTS_OF_CONSOLE) {
          throw new IllegalArgumentException("too many deployments");
        }
      }
    }

    /**
     * @param deployments empty: everything
     */
    static Scope of(Optional<List<Sid.Deployment>> deployments) {
      return deployments.<Scope>map(OfDeployments::new).orElseGet(Everything::new);
    }
  }

  /** The deployments whose entries it chooses; empty: everything. */
  Optional<List<Sid.Deployment>> deployments() {
    return switch (scope) {
      case Scope.Everything() -> Optional.empty();
      case Scope.OfDeployments(List<Sid.Deployment> deployments) -> Optional.of(deployments);
    };
  }
}

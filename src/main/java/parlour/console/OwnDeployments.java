package parlour.console;

import java.util.List;
import java.util.Optional;
import parlour.Limits;
import parlour.Sid;
import parlour.accounts.Accounts;
import parlour.errors.ErrorCode;
import parlour.errors.Problem;

/** The deployments of an admin's account. Those of other accounts do not exist for the admin. */
final class OwnDeployments {
  private final Accounts accounts;

  OwnDeployments(Accounts accounts) {
    this.accounts = accounts;
  }

  List<Accounts.Deployment> of(Sid.Account account) {
    return accounts.deployments().stream()
        .filter(one -> one.account().equals(account))
        .toList();
  }

  Accounts.Deployment find(Sid.Account account, String key) {
    return of(account).stream()
        .filter(one -> one.key().text().equals(key))
        .findFirst()
        .orElseThrow(() ->
            new Problem(ErrorCode.NOT_FOUND, "Your account has no deployment with this key."));
  }

  /**
   * The deployments whose entries in the ledger an admin can read; empty: all entries, because the
   * installation has no other account. Entries of no deployment, such as commands, do not say whose
   * they are.
   */
  Optional<List<Sid.Deployment>> readable(Sid.Account account) {
    return accounts.accounts().size() == 1
        ? Optional.empty()
        : Optional.of(of(account).stream()
            .map(Accounts.Deployment::key)
            .limit(Limits.LEDGER_DEPLOYMENTS)
            .toList());
  }
}

package parlour.console;

import java.util.List;
import java.util.Optional;
import parlour.Limits;
import parlour.Sid;
import parlour.accounts.Accounts;
import parlour.console.Admins.Admin;
import parlour.errors.ErrorCode;
import parlour.errors.Problem;

/**
 * The deployments of an admin's account, read once in a call. Those of other accounts do not exist
 * for the admin.
 */
record OwnDeployments(List<Accounts.Deployment> all) {
  static OwnDeployments read(Accounts accounts, Admin admin) {
    return new OwnDeployments(accounts.deployments().stream()
        .filter(one -> one.account().equals(admin.account()))
        .toList());
  }

  Accounts.Deployment find(String key) {
    return all.stream()
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
  Optional<List<Sid.Deployment>> readable(Accounts accounts) {
    return accounts.accounts().size() == 1
        ? Optional.empty()
        : Optional.of(all.stream()
            .map(Accounts.Deployment::key)
            .limit(Limits.DEPLOYMENTS_OF_CONSOLE)
            .toList());
  }
}

package parlour.cli;

import java.util.List;
import java.util.Optional;
import parlour.Sid;
import parlour.accounts.Accounts;
import picocli.CommandLine.Option;

/** The option of the commands that create something for an account. */
final class AccountChoice {
  @Option(
      names = "--account",
      paramLabel = "AC…",
      description = "The account (default: the only one).")
  private Optional<Sid.Account> named = Optional.empty();

  /** The named account, or the only one. */
  Sid.Account of(Accounts accounts) {
    List<Sid.Account> all =
        accounts.accounts().stream().map(Accounts.Account::sid).toList();
    if (named.isPresent()) {
      if (!all.contains(named.get())) {
        throw new UserError("there is no account %s: parlour accounts list shows them all"
            .formatted(named.get().text()));
      }
      return named.get();
    }
    if (all.size() != 1) {
      throw new UserError(
          all.isEmpty()
              ? "there is no account yet: parlour accounts create --name NAME"
              : "there are %d accounts: choose one with --account (parlour accounts list)"
                  .formatted(all.size()));
    }
    return all.getFirst();
  }
}

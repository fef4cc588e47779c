package parlour.cli;

import java.util.List;
import java.util.Optional;
import parlour.RandomHex;
import parlour.Sid;
import parlour.accounts.AccountKey;
import parlour.accounts.Accounts;
import parlour.accounts.GeneratedSecrets;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "accounts",
    description = "Manages accounts: the businesses that use this installation.",
    footer = {
      "",
      "Examples:",
      "  parlour accounts create --name \"The shop\"",
      "  parlour accounts list --json",
    })
final class AccountsCommand {
  private static final int AUTH_TOKEN_BYTES = 16;

  private final Terminal terminal;

  AccountsCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  /** A new account with its auth token, of which the store has only a digest. */
  record NewAccount(Sid.Account sid, String authToken) {}

  record AccountList(List<AccountItem> accounts) {}

  record AccountItem(String sid, String name, String created) {}

  record CreatedAccount(String sid, String authToken) {}

  @Command(
      name = "create",
      description = "Creates an account, and prints the auth token for its servers, which is"
          + " shown only once.")
  int create(
      @Option(names = "--name", required = true, paramLabel = "NAME") String name,
      @Mixin ConfigOptions options,
      @Mixin OutputOptions output) {
    NewAccount created =
        new Instance(options.read(terminal)).accounts(accounts -> create(accounts, name, terminal));
    terminal.show(
        output, new CreatedAccount(created.sid().text(), created.authToken()), """
            account     %s
            auth token  %s   (shown once: keep it)\
            """.formatted(
                created.sid().text(), created.authToken()));
    return 0;
  }

  @Command(
      name = "reset-token",
      description = "Creates and prints a new auth token; the old one is invalid at once.")
  int resetToken(
      @Option(
              names = "--account",
              paramLabel = "AC…",
              description = "The account (default: the only one).")
          Optional<Sid.Account> account,
      @Mixin ConfigOptions options,
      @Mixin OutputOptions output) {
    String token = nextToken(terminal);
    Sid.Account chosen = new Instance(options.read(terminal)).accounts(accounts -> {
      Sid.Account one = choose(accounts, account);
      accounts.resetAuthToken(one, GeneratedSecrets.digest(token));
      return one;
    });
    terminal.show(
        output, new CreatedAccount(chosen.text(), token), """
            account     %s
            auth token  %s   (shown once: keep it)\
            """.formatted(chosen.text(), token));
    return 0;
  }

  @Command(name = "list", description = "Lists the accounts.")
  int list(@Mixin ConfigOptions options, @Mixin OutputOptions output) {
    List<Accounts.Account> accounts =
        new Instance(options.read(terminal)).accounts(Accounts::accounts);
    Table table = new Table("no accounts yet: parlour accounts create", "SID", "NAME", "CREATED");
    for (Accounts.Account account : accounts) {
      table.row(account.sid().text(), account.name(), Table.time(account.created()));
    }
    terminal.show(
        output,
        new AccountList(accounts.stream()
            .map(account -> new AccountItem(
                account.sid().text(), account.name(), account.created().toString()))
            .toList()),
        table);
    return 0;
  }

  static NewAccount create(Accounts accounts, String name, Terminal terminal) {
    byte[] digestKey = new byte[AccountKey.BYTES];
    terminal.random().nextBytes(digestKey);
    NewAccount created = new NewAccount(Sid.Account.random(terminal.random()), nextToken(terminal));
    accounts.create(
        new Accounts.Account(created.sid(), name, terminal.now()),
        GeneratedSecrets.digest(created.authToken()),
        new AccountKey(digestKey));
    return created;
  }

  private static String nextToken(Terminal terminal) {
    return RandomHex.next(terminal.random(), AUTH_TOKEN_BYTES);
  }

  /** The named account, or the only one. */
  static Sid.Account choose(Accounts accounts, Optional<Sid.Account> named) {
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

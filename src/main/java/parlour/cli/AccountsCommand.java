package parlour.cli;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.avaje.jsonb.Json;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import parlour.Sid;
import parlour.orchestrator.AccountKey;
import parlour.orchestrator.Accounts;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "accounts",
    description = "The customers of this installation.",
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

  /** A new account, with the token that is nowhere else. */
  record NewAccount(Sid.Account sid, String authToken) {}

  @Json(naming = Json.Naming.LowerUnderscore)
  record AccountList(List<AccountItem> accounts) {}

  @Json(naming = Json.Naming.LowerUnderscore)
  record AccountItem(String sid, String name, String created) {}

  @Json(naming = Json.Naming.LowerUnderscore)
  record CreatedAccount(String sid, String authToken) {}

  @Command(
      name = "create",
      description = "Creates an account, and prints the token that its servers sign in with:"
          + " shown once, kept only as a digest.")
  int create(
      @Option(names = "--name", required = true, paramLabel = "NAME") String name,
      @Mixin ConfigOptions options,
      @Mixin Shown shown) {
    NewAccount created =
        new Instance(options.read(terminal)).accounts(accounts -> create(accounts, name, terminal));
    terminal.show(
        shown, new CreatedAccount(created.sid().text(), created.authToken()), """
        account     %s
        auth token  %s   (shown once: keep it)""".formatted(
                created.sid().text(), created.authToken()));
    return 0;
  }

  @Command(name = "list", description = "Lists the accounts.")
  int list(@Mixin ConfigOptions options, @Mixin Shown shown) {
    List<Accounts.Account> accounts =
        new Instance(options.read(terminal)).accounts(Accounts::accounts);
    Table table = new Table("no accounts yet: parlour accounts create", "SID", "NAME", "CREATED");
    for (Accounts.Account account : accounts) {
      table.row(account.sid().text(), account.name(), Table.time(account.created()));
    }
    terminal.show(
        shown,
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
    byte[] token = new byte[AUTH_TOKEN_BYTES];
    terminal.random().nextBytes(token);
    NewAccount created =
        new NewAccount(Sid.Account.random(terminal.random()), HexFormat.of().formatHex(token));
    accounts.create(
        new Accounts.Account(created.sid(), name, terminal.now()),
        digest(created.authToken()),
        new AccountKey(digestKey));
    return created;
  }

  /** The account that was named, or the only one there is. */
  static Sid.Account choose(Accounts accounts, Optional<Sid.Account> named) {
    List<Sid.Account> all =
        accounts.accounts().stream().map(Accounts.Account::sid).toList();
    if (named.isPresent()) {
      if (!all.contains(named.get())) {
        throw new Mistake("there is no account %s: parlour accounts list shows them all"
            .formatted(named.get().text()));
      }
      return named.get();
    }
    if (all.size() != 1) {
      throw new Mistake(
          all.isEmpty()
              ? "there is no account yet: parlour accounts create --name NAME"
              : "there are %d accounts: say which by --account (parlour accounts list)"
                  .formatted(all.size()));
    }
    return all.getFirst();
  }

  /** SHA-256 of the token as it is written: of 128 random bits, which nobody can guess from it. */
  private static byte[] digest(String authToken) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(authToken.getBytes(US_ASCII));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}

package parlour.cli;

import java.util.Locale;
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
      "  parlour accounts update --second-factor required",
      "  parlour accounts list --json",
    })
final class AccountsCommand {
  private static final int AUTH_TOKEN_BYTES = 16;

  private static final Fields<Accounts.Account> FIELDS = new Fields<Accounts.Account>(
          "accounts", "no accounts yet: parlour accounts create")
      .listed("sid", "SID", Accounts.Account::sid)
      .listed("name", "NAME", Accounts.Account::name)
      .listed("second_factor", "SECOND FACTOR", one -> rule(one.requiresSecondFactor()))
      .listed("created", "CREATED", Accounts.Account::created);

  private static final Fields<NewAccount> FIELDS_WITH_TOKEN = new Fields<NewAccount>()
      .field("sid", "account", NewAccount::sid)
      .member("auth_token", NewAccount::authToken)
      .line("auth token", account -> account.authToken() + "   (shown once: keep it)");

  private static final Fields<ResetAccount> FIELDS_AFTER_RESET = new Fields<ResetAccount>()
      .field("sid", "account", reset -> reset.account().sid())
      .member("auth_token", reset -> reset.account().authToken())
      .line("auth token", reset -> reset.account().authToken() + "   (shown once: keep it)")
      .member("valid_api_keys", ResetAccount::apiKeys)
      .line(
          "API keys",
          reset -> reset.apiKeys() == 0
              ? "none"
              : reset.apiKeys() + " stay valid: parlour api-keys list");

  private final Terminal terminal;

  AccountsCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  private static SecondFactorRule rule(boolean isRequired) {
    return isRequired ? SecondFactorRule.REQUIRED : SecondFactorRule.OPTIONAL;
  }

  enum SecondFactorRule {
    OPTIONAL,
    REQUIRED;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private record UpdatedAccount(Sid.Account sid, boolean updated) {}

  /** A new account with its auth token, of which the store has only a digest. */
  record NewAccount(Sid.Account sid, String authToken) {}

  /**
   * An account after its auth token was replaced.
   *
   * @param apiKeys how many of them are valid as before
   */
  private record ResetAccount(NewAccount account, long apiKeys) {}

  @Command(
      name = "create",
      description = "Creates an account, and prints the auth token for its servers, which is"
          + " shown only once.")
  int create(
      @Option(
              names = "--name",
              required = true,
              paramLabel = "NAME",
              description = "The name for operators.")
          String name,
      @Mixin ConfigOptions options,
      @Mixin OutputOptions output) {
    Instance instance = new Instance(options.read(terminal));
    NewAccount account = instance.accounts(accounts -> create(accounts, name, terminal));
    terminal.show(output, FIELDS_WITH_TOKEN, account);
    instance.note(terminal, "accounts create", account.sid().text());
    return 0;
  }

  @Command(
      name = "reset-token",
      description = "Creates and prints a new auth token; the old one is invalid at once. API keys"
          + " stay valid, and it prints their number.")
  int resetToken(
      @Mixin AccountChoice choice, @Mixin ConfigOptions options, @Mixin OutputOptions output) {
    Instance instance = new Instance(options.read(terminal));
    ResetAccount reset = instance.apiKeys((accounts, keys) -> {
      NewAccount one = new NewAccount(choice.of(accounts), nextToken(terminal));
      accounts.resetAuthToken(one.sid(), GeneratedSecrets.digest(one.authToken()));
      return new ResetAccount(
          one,
          keys.apiKeys().stream()
              .filter(key -> key.account().equals(one.sid()) && !key.hasExpired(terminal.now()))
              .count());
    });
    terminal.show(output, FIELDS_AFTER_RESET, reset);
    instance.note(terminal, "accounts reset-token", reset.account().sid().text());
    return 0;
  }

  @Command(
      name = "update",
      description =
          "Decides whether the account's agents must have a second factor. The next call of"
              + " an agent without one leads to its set-up.")
  int update(
      @Option(
              names = "--second-factor",
              required = true,
              paramLabel = "optional|required",
              description =
                  "optional: each agent decides; required: an agent with a password and without a"
                      + " second factor must set it up before anything else.")
          SecondFactorRule secondFactor,
      @Mixin AccountChoice choice,
      @Mixin ConfigOptions options,
      @Mixin OutputOptions output) {
    Instance instance = new Instance(options.read(terminal));
    Sid.Account updated = instance.accounts(accounts -> {
      Sid.Account one = choice.of(accounts);
      accounts.requireSecondFactor(one, secondFactor == SecondFactorRule.REQUIRED);
      return one;
    });
    instance.note(terminal, "accounts update --second-factor " + secondFactor, updated.text());
    terminal.report(output, new UpdatedAccount(updated, true), "updated " + updated.text());
    return 0;
  }

  @Command(name = "list", description = "Lists the accounts.")
  int list(@Mixin ConfigOptions options, @Mixin OutputOptions output) {
    terminal.list(
        output, FIELDS, new Instance(options.read(terminal)).accounts(Accounts::accounts));
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
}

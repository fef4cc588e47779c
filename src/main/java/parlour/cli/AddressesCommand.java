package parlour.cli;

import io.avaje.jsonb.Json;
import java.util.List;
import java.util.Optional;
import parlour.Sid;
import parlour.orchestrator.Accounts;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "addresses",
    description = "Who answers the conversations of an account.",
    footer = {
      "",
      "Examples:",
      "  parlour addresses create --name \"Front desk\"",
      "  parlour addresses list",
    })
final class AddressesCommand {
  private final Terminal terminal;

  AddressesCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Json(naming = Json.Naming.LowerUnderscore)
  record AddressList(List<AddressItem> addresses) {}

  @Json(naming = Json.Naming.LowerUnderscore)
  record AddressItem(String sid, String accountSid, String name, String created) {}

  @Command(name = "create", description = "Creates an address.")
  int create(
      @Option(names = "--name", required = true, paramLabel = "NAME") String name,
      @Option(
              names = "--account",
              paramLabel = "AC…",
              description = "Whose (default: the only account).")
          Optional<Sid.Account> account,
      @Mixin ConfigOptions options,
      @Mixin Shown shown) {
    Accounts.Address created = new Instance(options.read(terminal))
        .accounts(accounts ->
            create(accounts, AccountsCommand.choose(accounts, account), name, terminal));
    terminal.show(shown, item(created), "address  " + created.sid().text());
    return 0;
  }

  @Command(name = "list", description = "Lists the addresses.")
  int list(@Mixin ConfigOptions options, @Mixin Shown shown) {
    List<Accounts.Address> addresses =
        new Instance(options.read(terminal)).accounts(Accounts::addresses);
    Table table = new Table(
        "no addresses yet: parlour addresses create", "SID", "ACCOUNT", "NAME", "CREATED");
    for (Accounts.Address address : addresses) {
      table.row(
          address.sid().text(),
          address.account().text(),
          address.name(),
          Table.time(address.created()));
    }
    terminal.show(
        shown, new AddressList(addresses.stream().map(AddressesCommand::item).toList()), table);
    return 0;
  }

  static Accounts.Address create(
      Accounts accounts, Sid.Account account, String name, Terminal terminal) {
    Accounts.Address address =
        new Accounts.Address(Sid.Address.random(terminal.random()), account, name, terminal.now());
    accounts.create(address);
    return address;
  }

  private static AddressItem item(Accounts.Address address) {
    return new AddressItem(
        address.sid().text(),
        address.account().text(),
        address.name(),
        address.created().toString());
  }
}

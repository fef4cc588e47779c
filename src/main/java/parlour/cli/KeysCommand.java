package parlour.cli;

import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import parlour.Limits;
import parlour.scopedauth.Keys;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
    name = "keys",
    description = "The keys that seal tokens.",
    footer = {
      "",
      "Examples:",
      "  parlour keys list",
      "  parlour keys rotate      nobody is interrupted: older keys still open their tokens",
    })
final class KeysCommand {
  private final Terminal terminal;

  KeysCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  record KeyList(List<KeyItem> keys) {}

  record KeyItem(String id, String state, String created, String primaryFrom) {}

  @Command(name = "list", description = "Lists the keys, oldest first; never their material.")
  int list(@Mixin ConfigOptions options, @Mixin OutputOptions shown) {
    print(new Instance(options.read(terminal)), shown);
    return 0;
  }

  @Command(
      name = "rotate",
      description =
          "Adds a key, which seals new tokens some seconds later, when every process" + " has it.")
  int rotate(@Mixin ConfigOptions options, @Mixin OutputOptions shown) {
    Instance instance = new Instance(options.read(terminal));
    instance.rotateKeys(terminal.clock(), terminal.random());
    print(instance, shown);
    if (!shown.asJson()) {
      terminal.say("the new key seals in %d seconds; running processes notice by themselves"
          .formatted(Limits.KEY_DISTRIBUTION.toSeconds()));
    }
    return 0;
  }

  private void print(Instance instance, OutputOptions shown) {
    List<KeyItem> items = items(instance.keys(Keys::all), terminal.now());
    Table table = new Table(
        "no keys yet: the first start makes one", "ID", "STATE", "CREATED", "PRIMARY FROM");
    for (KeyItem item : items) {
      table.row(
          item.id(),
          item.state(),
          Table.time(Instant.parse(item.created())),
          Table.time(Instant.parse(item.primaryFrom())));
    }
    terminal.show(shown, new KeyList(items), table);
  }

  /** The last whose time has come is primary; those before it only open, those after it wait. */
  private static List<KeyItem> items(List<Keys.SealedKey> oldestFirst, Instant now) {
    int primary = (int)
            oldestFirst.stream().filter(key -> !key.primaryFrom().isAfter(now)).count()
        - 1;
    return IntStream.range(0, oldestFirst.size())
        .mapToObj(i -> {
          Keys.SealedKey key = oldestFirst.get(i);
          String state = i == primary ? "primary" : i < primary ? "opens" : "next";
          return new KeyItem(
              "%08x".formatted(key.id()),
              state,
              key.created().toString(),
              key.primaryFrom().toString());
        })
        .toList();
  }
}

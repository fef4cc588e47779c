package parlour.cli;

import parlour.Limits;
import parlour.scopedauth.Keys;
import parlour.scopedauth.ListedKey;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "keys",
    description = "Manages the keys that seal tokens, and the master key that seals these keys.",
    footer = {
      "",
      "Examples:",
      "  parlour keys list",
      "  parlour keys rotate      interrupts no guest: older keys still open their tokens",
      "  parlour keys reseal --new-master-key   interrupts no guest either",
    })
final class KeysCommand {
  private static final Fields<ListedKey> FIELDS = new Fields<ListedKey>(
          "keys", "no keys yet: the first start creates one")
      .listed("id", "ID", ListedKey::id)
      .listed("state", "STATE", ListedKey::state)
      .listed("created", "CREATED", ListedKey::created)
      .listed("primary_from", "PRIMARY FROM", ListedKey::primaryFrom);

  private final Terminal terminal;

  KeysCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Command(name = "list", description = "Lists the keys, oldest first, without key material.")
  int list(@Mixin ConfigOptions options, @Mixin OutputOptions output) {
    print(new Instance(options.read(terminal)), output);
    return 0;
  }

  @Command(
      name = "rotate",
      description =
          "Creates a key. It seals new tokens some seconds later, when every process has it.")
  int rotate(@Mixin ConfigOptions options, @Mixin OutputOptions output) {
    Instance instance = new Instance(options.read(terminal));
    instance.rotateKeys(terminal.clock(), terminal.random());
    instance.note(terminal, "keys rotate", "");
    print(instance, output);
    if (!output.asJson()) {
      terminal.say("the new key seals tokens in %d seconds; running processes load it by themselves"
          .formatted(Limits.KEY_DISTRIBUTION.toSeconds()));
    }
    return 0;
  }

  @Command(
      name = "reseal",
      description = "Seals the keys under the newest master key, which is the first one in"
          + " master-key-file or master-key. The tokens of guests stay valid.")
  int reseal(
      @Mixin ConfigOptions options,
      @Mixin OutputOptions output,
      @Option(
              names = "--new-master-key",
              description = "First make a new master key in master-key-file, and afterwards remove"
                  + " the others from this file. If nodes have files of their own, see"
                  + " docs/operating.md, \"Rotate the master key\".")
          boolean isNew) {
    Instance instance = new Instance(options.read(terminal));
    int resealed = isNew
        ? instance.replaceMasterKey(terminal.clock(), terminal.random())
        : instance.resealKeys(terminal.clock(), terminal.random());
    instance.note(terminal, "keys reseal", "");
    print(instance, output);
    if (!output.asJson()) {
      terminal.say("token keys sealed again under the %2$s master key: %1$d"
          .formatted(resealed, isNew ? "new" : "first"));
    }
    return 0;
  }

  private void print(Instance instance, OutputOptions output) {
    terminal.list(output, FIELDS, ListedKey.of(instance.keys(Keys::all), terminal.now()));
  }
}

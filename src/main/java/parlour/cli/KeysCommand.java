package parlour.cli;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import parlour.Limits;
import parlour.scopedauth.Keys;
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
      .listed("id", "ID", listed -> "%08x".formatted(listed.key().id()))
      .listed("state", "STATE", ListedKey::state)
      .listed("created", "CREATED", listed -> listed.ofToken(listed.key().created()))
      .listed(
          "primary_from", "PRIMARY FROM", listed -> listed.ofToken(listed.key().primaryFrom()));

  private final Terminal terminal;

  KeysCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  private record ListedKey(Keys.SealedKey key, String state) {
    /** Empty for the key for secrets, which has no age and seals no token. */
    Optional<Instant> ofToken(Instant time) {
      return key.isForSecrets() ? Optional.empty() : Optional.of(time);
    }
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
    terminal.list(output, FIELDS, listed(instance.keys(Keys::all), terminal.now()));
  }

  /** The newest key whose time has come is primary; older keys only open tokens. */
  private static List<ListedKey> listed(List<Keys.SealedKey> oldestFirst, Instant now) {
    int primary = (int)
            oldestFirst.stream().filter(key -> !key.primaryFrom().isAfter(now)).count()
        - 1;
    return IntStream.range(0, oldestFirst.size())
        .mapToObj(i -> new ListedKey(
            oldestFirst.get(i), state(oldestFirst.get(i), Integer.compare(i, primary))))
        .toList();
  }

  /**
   * @param place negative before the primary key, 0 for it
   */
  private static String state(Keys.SealedKey key, int place) {
    if (key.isForSecrets()) {
      return "secrets";
    }
    return place == 0 ? "primary" : place < 0 ? "opens" : "next";
  }
}

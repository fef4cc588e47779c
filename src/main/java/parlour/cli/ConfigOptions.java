package parlour.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import parlour.StartupError;
import parlour.config.Config;
import parlour.config.Setting;
import parlour.process.Stores;
import picocli.CommandLine.Option;

/** The flags for the settings, of every command that uses an instance. */
class ConfigOptions {
  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "The file with the settings (default: the file that PARLOUR_CONFIG names, or"
          + " parlour.yaml or parlour.properties).")
  private Optional<Path> file = Optional.empty();

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "The instance's data folder (default: the setting data).")
  private Optional<String> data = Optional.empty();

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "Overrides a setting; parlour check-config lists them. Can be repeated.")
  private Map<Setting, String> more = new LinkedHashMap<>();

  /** The flags of the commands that start a server. */
  static final class ServerOptions extends ConfigOptions {
    @Option(
        names = "--host",
        paramLabel = "ADDRESS",
        description = "The address on which browsers connect (the setting public.host).")
    private Optional<String> host = Optional.empty();

    @Option(
        names = "--port",
        paramLabel = "PORT",
        description = "The port on which browsers connect (the setting public.port).")
    private Optional<String> port = Optional.empty();

    @Option(
        names = "--internal-port",
        paramLabel = "PORT",
        description = "The port on which other processes connect (the setting internal.port).")
    private Optional<String> internalPort = Optional.empty();

    @Option(
        names = "--new",
        description = "Starts although a store is unexpectedly empty, or belongs to another"
            + " installation. Use it once: the content of the lost store is given up.")
    private boolean acceptsNew;

    Stores.Unexpected unexpected() {
      return acceptsNew ? Stores.Unexpected.ACCEPT : Stores.Unexpected.REFUSE;
    }

    @Override
    void flags(Map<Setting, String> flags) {
      super.flags(flags);
      host.ifPresent(given -> flags.put(Setting.PUBLIC_HOST, given));
      port.ifPresent(given -> flags.put(Setting.PUBLIC_PORT, given));
      internalPort.ifPresent(given -> flags.put(Setting.INTERNAL_PORT, given));
    }
  }

  void flags(Map<Setting, String> flags) {
    flags.putAll(more);
    data.ifPresent(given -> flags.put(Setting.DATA, given));
  }

  Config read(Terminal terminal) {
    return read(terminal, Map.of());
  }

  /**
   * @param decided values of this command that override all flags
   * @throws StartupError with all errors in the settings
   */
  Config read(Terminal terminal, Map<Setting, String> decided) {
    return read(terminal, decided, Map.of());
  }

  /**
   * @param defaults values of this command that replace the usual defaults
   */
  Config read(Terminal terminal, Map<Setting, String> decided, Map<Setting, String> defaults) {
    Map<Setting, String> flags = new EnumMap<>(Setting.class);
    flags(flags);
    flags.putAll(decided);
    return Config.read(file(terminal), terminal.environment(), flags, defaults);
  }

  private Optional<Path> file(Terminal terminal) {
    return file.map(terminal.folder()::resolve)
        .or(() -> Optional.ofNullable(terminal.environment().get("PARLOUR_CONFIG"))
            .filter(given -> !given.isEmpty())
            .map(terminal.folder()::resolve))
        .or(() -> fileIn(terminal.folder()));
  }

  private static Optional<Path> fileIn(Path folder) {
    var present = Stream.of("parlour.yaml", "parlour.properties")
        .map(folder::resolve)
        .filter(Files::exists)
        .toList();
    if (present.size() > 1) {
      throw new StartupError("there are both %s and %s: keep one, or name one with --config FILE"
          .formatted(present.getFirst(), present.getLast()));
    }
    return present.stream().findFirst();
  }
}

package parlour.cli;

import java.util.concurrent.Callable;
import parlour.config.Config;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
    name = "check-config",
    header = "Shows all settings with their values.",
    description =
        "Shows each setting's value, its source and its description, but no secrets. If"
            + " settings are wrong, prints all errors and exits with 1. Warnings go to stderr, and change nothing.",
    footer = {
      "",
      "Examples:",
      "  parlour check-config",
      "  parlour check-config --config /etc/parlour.yaml --json",
    })
final class CheckConfigCommand implements Callable<Integer> {
  private static final Fields<Config.Effective> FIELDS = new Fields<Config.Effective>(
          "settings", "")
      .listed("key", "KEY", effective -> effective.setting().key())
      .member("value", Config.Effective::value)
      .column("VALUE", effective -> effective.value().isEmpty() ? "-" : effective.value())
      .listed("source", "SOURCE", Config.Effective::source)
      .member("variable", effective -> effective.setting().variable())
      .listed("about", "ABOUT", effective -> effective.setting().about());

  private final Terminal terminal;

  @Mixin
  private final ConfigOptions options = new ConfigOptions();

  @Mixin
  private final OutputOptions output = new OutputOptions();

  CheckConfigCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    Config config = options.read(terminal);
    terminal.list(output, FIELDS, config.effective());
    config.warnings().forEach(terminal::complain);
    return 0;
  }
}

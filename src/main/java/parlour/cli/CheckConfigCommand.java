package parlour.cli;

import java.util.List;
import java.util.concurrent.Callable;
import parlour.config.Config;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
    name = "check-config",
    header = "Shows all settings with their values.",
    description = "Shows each setting's value, its source and its description, but no secrets. If"
        + " settings are wrong, prints all errors and exits with 1.",
    footer = {
      "",
      "Examples:",
      "  parlour check-config",
      "  parlour check-config --config /etc/parlour.yaml --json",
    })
final class CheckConfigCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Mixin
  private final ConfigOptions options = new ConfigOptions();

  @Mixin
  private final OutputOptions output = new OutputOptions();

  CheckConfigCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  record SettingsList(List<SettingItem> settings) {}

  record SettingItem(String key, String value, String source, String variable, String about) {}

  @Override
  public Integer call() {
    List<Config.Effective> settings = options.read(terminal).effective();
    Table table = new Table("", "KEY", "VALUE", "SOURCE", "ABOUT");
    for (Config.Effective effective : settings) {
      table.row(
          effective.setting().key(),
          effective.value().isEmpty() ? "-" : effective.value(),
          effective.source(),
          effective.setting().about());
    }
    terminal.show(
        output,
        new SettingsList(settings.stream()
            .map(effective -> new SettingItem(
                effective.setting().key(),
                effective.value(),
                effective.source(),
                effective.setting().variable(),
                effective.setting().about()))
            .toList()),
        table);
    return 0;
  }
}

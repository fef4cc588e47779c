package parlour.cli;

import picocli.CommandLine.Option;

/** How a command shows its result. */
final class OutputOptions {
  @Option(names = "--json", description = "Print JSON, for programs.")
  private boolean json;

  boolean asJson() {
    return json;
  }
}

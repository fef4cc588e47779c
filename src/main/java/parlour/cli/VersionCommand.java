package parlour.cli;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

@Command(name = "version", description = "Prints the version of Parlour and of Java.")
final class VersionCommand implements Callable<Integer> {
  /** The ways to ask for the version. */
  static final List<String> ALIASES = List.of("version", "--version", "-V");

  private final Terminal terminal;

  VersionCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    // From the jar's manifest, which classes outside a jar do not have.
    String version = Optional.ofNullable(
            VersionCommand.class.getPackage().getImplementationVersion())
        .orElse("(not packaged)");
    terminal.say("parlour %s (Java %s)".formatted(version, System.getProperty("java.version")));
    return 0;
  }
}

package parlour.cli;

import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

@Command(
    name = "completion",
    header = "Prints a script with which a shell completes commands, options and values.",
    description = "The Debian package installs these scripts. Elsewhere, load one in the"
        + " shell's own start file.",
    footer = {
      "",
      "Examples:",
      "  source <(parlour completion bash)       in ~/.bashrc",
      "  source <(parlour completion zsh)        in ~/.zshrc, after compinit",
      "  parlour completion fish | source        in ~/.config/fish/config.fish",
    })
final class CompletionCommand implements Callable<Integer> {
  enum Shell {
    BASH,
    ZSH,
    FISH;

    String word() {
      return name().toLowerCase(Locale.ROOT);
    }

    /** The name as it is typed; picocli would list the names of the constants. */
    static Shell of(String word) {
      return Arrays.stream(values())
          .filter(shell -> shell.word().equals(word.toLowerCase(Locale.ROOT)))
          .findFirst()
          .orElseThrow(() -> new TypeConversionException(
              "there is no script for \"%s\"; the shells are bash, zsh, fish".formatted(word)));
    }
  }

  static final class ShellConverter implements ITypeConverter<Shell> {
    @Override
    public Shell convert(String word) {
      return Shell.of(word);
    }
  }

  private final Terminal terminal;

  @Parameters(
      paramLabel = "bash|zsh|fish",
      description = "The shell.",
      converter = ShellConverter.class)
  private Shell shell = Shell.BASH;

  CompletionCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    CommandLine commands = Cli.commands(terminal);
    String script = switch (shell) {
      case BASH -> {
        Completion.addValues(commands);
        yield AutoComplete.bash("parlour", commands);
      }
      case ZSH -> ZshCompletion.script(Completion.places(commands));
      case FISH -> FishCompletion.script(Completion.places(commands));
    };
    terminal.out().print(script);
    terminal.out().flush();
    return 0;
  }
}

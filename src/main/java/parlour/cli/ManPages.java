package parlour.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.joining;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * The manual pages, written from the declarations of the commands: one of the program, and one of
 * each command with its subcommands. {@code ./dev package} runs this class.
 */
public final class ManPages {
  private static final int LINE = 64;

  private static final String EXIT_STATUS = """
      .SH EXIT STATUS
      0 if the command succeeded; 1 if it failed, with the reason and the remedy
      on stderr; 2 if the arguments are wrong.
      """;

  private final String date;
  private final String version;

  private ManPages(String date, String version) {
    this.date = date;
    this.version = version;
  }

  /**
   * @param arguments an existing folder, the date of the pages, the version that they are about
   */
  public static void main(String[] arguments) throws IOException {
    Path folder = Path.of(arguments[0]);
    for (Map.Entry<String, String> page : pages(arguments[1], arguments[2]).entrySet()) {
      Files.writeString(folder.resolve(page.getKey()), page.getValue(), UTF_8);
    }
  }

  /** The pages by the names of their files. */
  static Map<String, String> pages(String date, String version) {
    PrintWriter nowhere = new PrintWriter(Writer.nullWriter());
    CommandLine program = Cli.commands(new Terminal(
        nowhere,
        nowhere,
        Map.of(),
        Path.of(""),
        Optional.empty(),
        InstantSource.system(),
        new SecureRandom()));
    ManPages writer = new ManPages(date, version);
    Map<String, String> pages = new LinkedHashMap<>();
    pages.put("parlour.1", writer.program(program));
    program
        .getSubcommands()
        .forEach(
            (name, command) -> pages.put("parlour-%s.1".formatted(name), writer.command(command)));
    return pages;
  }

  private String program(CommandLine program) {
    StringBuilder page = new StringBuilder();
    CommandSpec spec = program.getCommandSpec();
    begin(page, "parlour", spec);
    page.append(".SH SYNOPSIS\n.B parlour\n.I command\n[\\fIoptions\\fR]\n");
    page.append(".SH COMMANDS\n");
    program
        .getSubcommands()
        .forEach((name, command) -> page.append(".TP\n.BR parlour\\-%s (1)\n%s\n"
            .formatted(
                escaped(name),
                text(Completion.about(command.getCommandSpec().usageMessage()) + "."))));
    footer(page, spec);
    page.append(EXIT_STATUS);
    page.append("""
        .SH SEE ALSO
        .BR systemctl (1),
        .BR journalctl (1)
        """);
    return page.toString();
  }

  private String command(CommandLine command) {
    StringBuilder page = new StringBuilder();
    CommandSpec spec = command.getCommandSpec();
    begin(page, spec.qualifiedName("-"), spec);
    page.append(".SH SYNOPSIS\n");
    if (command.getSubcommands().isEmpty()) {
      page.append(synopsis(command));
    }
    String between = "";
    for (CommandLine sub : command.getSubcommands().values()) {
      page.append(between).append(synopsis(sub));
      between = ".br\n";
    }
    page.append(".SH DESCRIPTION\n").append(description(spec));
    if (command.getSubcommands().isEmpty()) {
      arguments(page.append(".SH OPTIONS\n"), spec);
    } else {
      page.append(".SH SUBCOMMANDS\n");
    }
    command.getSubcommands().values().forEach(sub -> {
      CommandSpec subSpec = sub.getCommandSpec();
      page.append(".SS ").append(escaped(subSpec.qualifiedName())).append('\n');
      page.append(description(subSpec));
      arguments(page, subSpec);
    });
    footer(page, spec);
    page.append(EXIT_STATUS).append(".SH SEE ALSO\n.BR parlour (1)\n");
    return page.toString();
  }

  private void begin(StringBuilder page, String name, CommandSpec spec) {
    page.append(".TH %s 1 %s \"Parlour %s\" \"Parlour\"\n.nh\n"
        .formatted(escaped(name.toUpperCase(Locale.ROOT)), date, escaped(version)));
    page.append(".SH NAME\n%s \\- %s\n"
        .formatted(escaped(name), escaped(Completion.about(spec.usageMessage()))));
  }

  private static String synopsis(CommandLine command) {
    Help help = new Help(command.getCommandSpec(), Help.defaultColorScheme(Ansi.OFF));
    String synopsis = help.synopsis(0);
    String name = command.getCommandSpec().qualifiedName();
    return "\\fB%s\\fR\n%s\n"
        .formatted(
            escaped(name), text(synopsis.replaceAll("\\s+", " ").strip().substring(name.length())));
  }

  private static String description(CommandSpec spec) {
    String[] description = spec.usageMessage().description();
    String[] all = description.length > 0 ? description : spec.usageMessage().header();
    return text(String.join(" ", all)) + "\n";
  }

  private static void arguments(StringBuilder page, CommandSpec spec) {
    spec.positionalParameters()
        .forEach(parameter ->
            argument(page, "\\fI" + escaped(parameter.paramLabel()) + "\\fR", parameter));
    for (OptionSpec option : spec.options()) {
      String names = Arrays.stream(option.names())
          .map(name -> "\\fB" + escaped(name) + "\\fR")
          .collect(joining(", "));
      String value =
          option.arity().max() == 0 ? "" : "=\\fI" + escaped(option.paramLabel()) + "\\fR";
      argument(page, names + value, option);
    }
  }

  private static void argument(StringBuilder page, String title, ArgSpec argument) {
    page.append(".TP\n%s\n%s\n".formatted(title, text(String.join(" ", argument.description()))));
  }

  /** The examples, with the lines as they are. */
  private static void footer(StringBuilder page, CommandSpec spec) {
    List<String> lines = Arrays.asList(spec.usageMessage().footer());
    if (!lines.isEmpty()) {
      page.append(".SH EXAMPLES\n.nf\n");
      lines.stream()
          .dropWhile(line -> line.isBlank() || line.equals("Examples:"))
          .forEach(line -> page.append(line.isBlank() ? ".sp" : line(line)).append('\n'));
      page.append(".fi\n");
    }
  }

  /** Text that its reader fills, in lines of the length that checkers of pages demand. */
  private static String text(String text) {
    return text.strip()
        .replaceAll("(.{1,%d})(?: +|$)".formatted(LINE), "$1\n")
        .strip()
        .lines()
        .map(ManPages::line)
        .collect(joining("\n"));
  }

  /** A line that must not begin as a request of roff does. */
  private static String line(String line) {
    String escaped = escaped(line);
    return escaped.startsWith(".") || escaped.startsWith("'") ? "\\&" + escaped : escaped;
  }

  private static String escaped(String text) {
    return text.replace("\\", "\\e").replace("-", "\\-");
  }
}

package parlour.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import parlour.Durations;
import parlour.Identity;
import parlour.PlainText;
import parlour.Sid;
import parlour.StartupError;
import parlour.Unavailable;
import parlour.config.Role;
import parlour.config.Setting;
import parlour.scopedauth.WrongMasterKey;
import parlour.store.SchemaMismatch;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.TypeConversionException;

/**
 * The command line.
 *
 * <p>Exit codes: 0 if the command succeeded; 1 if it failed (the reason and the remedy are on
 * stderr); 2 if the arguments are wrong.
 */
@Command(
    name = "parlour",
    description = "Self-hosted guest web chat.",
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "",
      "Begin with:",
      "  parlour up                      starts all roles, with a folder named data",
      "  parlour demo                    plays every outcome of a reload, and checks it",
      "  parlour help up                 shows the help of a command",
      "",
      "Settings come from parlour.yaml or parlour.properties, then the environment",
      "(PARLOUR_PUBLIC_PORT for public.port), then flags. See parlour check-config.",
    })
public final class Cli {
  private Cli() {}

  /** Switches all logs off until a command sets them up. */
  public static void silenceLogs() {
    Logs.silence();
  }

  /** Runs one command line of this process, and returns its exit code. */
  public static int run(String[] arguments) {
    return run(
        new Terminal(
            new PrintWriter(System.out, true, System.out.charset()),
            new PrintWriter(System.err, true, System.err.charset()),
            System.getenv(),
            Path.of(""),
            Terminal.personAtKeyboard(),
            InstantSource.system(),
            new SecureRandom()),
        arguments);
  }

  static int run(Terminal terminal, String... arguments) {
    // Before the commands are created, because their classes take a while to load.
    if (arguments.length == 1 && VersionCommand.ALIASES.contains(arguments[0])) {
      return new VersionCommand(terminal).call();
    }
    Optional<String> broken = Arrays.stream(arguments)
        .filter(argument -> argument.indexOf(0xFFFD) >= 0)
        .findFirst();
    if (broken.isPresent()) {
      terminal.complain("\"%s\" was damaged on its way: Java reads arguments as %s here."
              .formatted(broken.get(), System.getProperty("sun.jnu.encoding"))
          + " Set LC_ALL=C.UTF-8, or use ./parlour, which does");
      return CommandLine.ExitCode.USAGE;
    }
    for (int i = 0; i < arguments.length; i++) {
      if (!PlainText.isPlain(arguments[i])) {
        String which = i > 0 && arguments[i - 1].startsWith("--")
            ? "the argument of " + arguments[i - 1]
            : "argument " + (i + 1);
        terminal.complain(which + " " + PlainText.REMEDY);
        return CommandLine.ExitCode.USAGE;
      }
    }
    return commands(terminal, arguments).execute(arguments);
  }

  /** The commands by their names, in the order of the help. */
  private static Map<String, Function<Terminal, Object>> allCommands() {
    Map<String, Function<Terminal, Object>> all = new LinkedHashMap<>();
    all.put("up", UpCommand::new);
    all.put("serve", ServeCommand::new);
    all.put("demo", DemoCommand::new);
    all.put("check-config", CheckConfigCommand::new);
    all.put("accounts", AccountsCommand::new);
    all.put("addresses", AddressesCommand::new);
    all.put("webhooks", WebhooksCommand::new);
    all.put("deployments", DeploymentsCommand::new);
    all.put("agents", AgentsCommand::new);
    all.put("api-keys", ApiKeysCommand::new);
    all.put("keys", KeysCommand::new);
    all.put("sessions", SessionsCommand::new);
    all.put("guests", GuestsCommand::new);
    all.put("trace", TraceCommand::new);
    all.put("refusals", RefusalsCommand::new);
    all.put("backup", BackupCommand::new);
    all.put("verify", VerifyCommand::new);
    all.put("restore", RestoreCommand::new);
    all.put("migrate", MigrateCommand::new);
    all.put("completion", CompletionCommand::new);
    all.put("version", VersionCommand::new);
    return all;
  }

  /** The command that the first argument names, or all: to create one takes a while. */
  private static List<Object> requestedCommands(Terminal terminal, String... arguments) {
    Map<String, Function<Terminal, Object>> all = allCommands();
    @Nullable
    Function<Terminal, Object> requested = arguments.length == 0 ? null : all.get(arguments[0]);
    return requested != null
        ? List.of(requested.apply(terminal))
        : Stream.concat(
                all.values().stream().map(command -> command.apply(terminal)),
                Stream.of(new HelpCommand()))
            .toList();
  }

  /** Adds the usual flags for help to each command. */
  private static void addHelpOptions(CommandLine command) {
    if (!(command.getCommand() instanceof HelpCommand)) {
      command
          .getCommandSpec()
          .addOption(OptionSpec.builder("-h", "--help")
              .usageHelp(true)
              .description("Show this help.")
              .build());
    }
    command.getSubcommands().values().forEach(Cli::addHelpOptions);
  }

  static CommandLine commands(Terminal terminal, String... arguments) {
    CommandLine commands = new CommandLine(new Cli());
    requestedCommands(terminal, arguments).forEach(commands::addSubcommand);
    addHelpOptions(commands);
    commands
        .registerConverter(Setting.class, Cli::setting)
        .registerConverter(Role.class, Cli::role)
        .registerConverter(Duration.class, converter(Durations::parse))
        .registerConverter(Sid.Account.class, converter(Sid.Account::new))
        .registerConverter(Sid.Address.class, converter(Sid.Address::new))
        .registerConverter(Sid.Deployment.class, converter(Sid.Deployment::new))
        .registerConverter(Sid.ApiKey.class, converter(Sid.ApiKey::new))
        .registerConverter(Sid.Session.class, converter(Sid.Session::new))
        .registerConverter(Sid.Conversation.class, converter(Sid.Conversation::new))
        .registerConverter(Identity.class, converter(Identity::new));
    // After the subcommands were added, because these calls configure them.
    return commands
        .setOut(terminal.out())
        .setErr(terminal.err())
        .setColorScheme(CommandLine.Help.defaultColorScheme(Ansi.AUTO))
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setUsageHelpAutoWidth(true)
        .setExecutionExceptionHandler((failure, command, parsed) -> failed(terminal, failure));
  }

  private static int failed(Terminal terminal, Exception failure) {
    switch (failure) {
      case UserError m -> terminal.complain(m.getMessage());
      case StartupError e -> terminal.complain(e.getMessage());
      case WrongMasterKey e -> terminal.complain(e.getMessage());
      case SchemaMismatch e -> terminal.complain(e.getMessage());
      case Unavailable e -> terminal.complain(e.getMessage());
      default -> {
        terminal.complain("this is a bug in Parlour, please report it:");
        failure.printStackTrace(terminal.err());
      }
    }
    return CommandLine.ExitCode.SOFTWARE;
  }

  private static Setting setting(String key) {
    return Arrays.stream(Setting.values())
        .filter(setting -> setting.key().equals(key))
        .findFirst()
        .orElseThrow(() -> new TypeConversionException(
            "there is no setting \"" + key + "\"; parlour check-config lists them all"));
  }

  private static Role role(String word) {
    return Role.of(word)
        .orElseThrow(() -> new TypeConversionException("there is no role \"%s\"; the roles are %s"
            .formatted(
                word,
                Arrays.stream(Role.values()).map(Role::word).collect(Collectors.joining(", ")))));
  }

  /** Converts an argument; an error has the message of the type's constructor. */
  private static <T> CommandLine.ITypeConverter<T> converter(Function<String, T> parser) {
    return text -> {
      try {
        return parser.apply(text);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(
            Optional.ofNullable(e.getMessage()).orElse("not understood") + ", not \"" + text + '"');
      }
    };
  }
}

package parlour.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import parlour.RandomHex;
import parlour.StartupError;
import parlour.config.Config;
import parlour.config.Config.Setting;
import parlour.config.DataFolder;
import parlour.config.Role;
import parlour.media.SqlMediaMove;
import parlour.process.Stores;
import parlour.store.DataCopy;
import parlour.store.PostgresServer;
import parlour.store.Schema;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "migrate",
    header = "Moves the data of an instance from its folder to a PostgreSQL.",
    description = "Run it first while the instance runs: it copies most of the data. Run it again"
        + " while the instance is stopped: it copies the changes since then, and compares counts"
        + " and checksums. You can stop it and run it again at any time. Exits with 0 only when"
        + " all data is moved.",
    footer = {
      "",
      "Example; before the second run, stop the instance:",
      "  export PARLOUR_DATABASE_PASSWORD_FILE=/etc/parlour/database-password",
      "  parlour migrate --from sqlite:data --to postgres://parlour@10.0.0.7/parlour",
      "  parlour migrate --from sqlite:data --to postgres://parlour@10.0.0.7/parlour",
    })
final class MigrateCommand implements Callable<Integer> {
  private static final String SQLITE = "sqlite:";

  private final Terminal terminal;

  @Option(
      names = "--from",
      required = true,
      paramLabel = "sqlite:DIR",
      description = "The instance's data folder.")
  private String from = "";

  @Option(
      names = "--to",
      required = true,
      paramLabel = "URL",
      description = "An empty database, as in the setting database.url; the password is in"
          + " database.password or database.password-file.")
  private String to = "";

  @Mixin
  private final ConfigOptions options = new ConfigOptions();

  MigrateCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    Path path = folder();
    Config config = options.read(terminal, Map.of(Setting.DATABASE_URL, to));
    PostgresServer server = config.database().orElseThrow(() -> new UserError("--to is empty"));
    Logs.write(config.logFormat(), config.logLevel());
    DataFolder folder = DataFolder.existing(path);
    Map<Role, Schema> schemas = new EnumMap<>(Stores.SCHEMAS);
    schemas.keySet().removeIf(role -> !Files.exists(file(path, role)));
    Set<Role> roles = schemas.keySet();
    if (roles.isEmpty()) {
      throw new UserError("there is no database in " + path + ": name a data folder");
    }
    Optional<DataFolder.Claim> claim = claim(folder, roles);
    try {
      return move(path, server, schemas, claim.isPresent());
    } finally {
      claim.ifPresent(DataFolder.Claim::close);
    }
  }

  private void moveFiles(Path folder, DataCopy conversations) {
    SqlMediaMove.Moved moved = SqlMediaMove.move(folder, conversations);
    terminal.say("%-14s %-20s %9d files".formatted("conversations", "media", moved.files()));
    if (moved.missing() > 0) {
      terminal.say("%d files are missing in %s: their messages show them, but they cannot be opened"
          .formatted(moved.missing(), folder));
    }
  }

  private int move(Path path, PostgresServer server, Map<Role, Schema> schemas, boolean stopped) {
    String source = DataFolder.secretOrNew(
        path.resolve("move.id"), () -> RandomHex.next(terminal.random(), 16));
    Map<Role, DataCopy> copies = new EnumMap<>(Role.class);
    schemas.forEach((role, schema) -> {
      DataCopy copy = new DataCopy(file(path, role), server, schema);
      copy.copy(
          source,
          moved -> terminal.say("%-14s %-20s %9d rows  %9d written  checksum %s"
              .formatted(
                  moved.role(), moved.table(), moved.rows(), moved.changed(), moved.checksum())));
      copies.put(role, copy);
    });
    if (!stopped) {
      terminal.say("copied a snapshot of the files. Stop every process over " + path
          + ", and run this again: it copies the changes since then.");
      return 1;
    }
    DataCopy conversations = copies.get(Role.CONVERSATIONS);
    if (conversations != null) {
      moveFiles(path.resolve("media"), conversations);
    }
    DataCopy.finish(List.copyOf(copies.values()));
    terminal.say("all is moved. Start every process with database.url = " + to
        + " and the same master key (" + path.resolve("master.key") + ", or master-key),"
        + " and never again over the files.");
    return 0;
  }

  /** Keeps servers from starting over the files; empty if one runs. */
  private Optional<DataFolder.Claim> claim(DataFolder folder, Set<Role> roles) {
    try {
      return Optional.of(folder.claim(roles));
    } catch (StartupError runs) {
      terminal.complain(
          "a process runs over the folder: run this again later to copy its changes since then");
      return Optional.empty();
    }
  }

  private Path folder() {
    if (!from.startsWith(SQLITE) || from.length() == SQLITE.length()) {
      throw new UserError("--from is sqlite: and a data folder, such as sqlite:data");
    }
    return terminal.folder().resolve(from.substring(SQLITE.length()));
  }

  private static Path file(Path folder, Role role) {
    return folder.resolve(role.word() + ".db");
  }
}

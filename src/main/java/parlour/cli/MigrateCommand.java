package parlour.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import parlour.Limits;
import parlour.RandomHex;
import parlour.StartupError;
import parlour.config.Config;
import parlour.config.DataFolder;
import parlour.config.Role;
import parlour.config.Setting;
import parlour.conversations.SqlConversationStore;
import parlour.media.MediaMove;
import parlour.media.SqlMediaMove;
import parlour.process.Stores;
import parlour.s3.S3Address;
import parlour.s3.S3Bucket;
import parlour.store.DataCopy;
import parlour.store.Database;
import parlour.store.MigrationMode;
import parlour.store.PostgresServer;
import parlour.store.Schema;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "migrate",
    header = "Moves an instance's data from its folder to PostgreSQL, or its files to or from S3.",
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
      "",
      "The files of conversations, while the instance is stopped, with the settings s3.*:",
      "  parlour migrate --from local --to s3",
      "  parlour migrate --from s3 --to local",
    })
final class MigrateCommand implements Callable<Integer> {
  private static final String SQLITE = "sqlite:";
  private static final String LOCAL = "local";
  private static final String S3 = "s3";

  private final Terminal terminal;

  @Option(
      names = "--from",
      required = true,
      paramLabel = "sqlite:DIR|local|s3",
      description =
          "sqlite:DIR: the instance's data folder. To move only files: local (the folder or"
              + " the database that the settings name), or s3.")
  private String from = "";

  @Option(
      names = "--to",
      required = true,
      paramLabel = "URL|s3|local",
      description =
          "URL: an empty database, as in the setting database.url; the password is read from"
              + " database.password or database.password-file. To move only files: s3, or local.")
  private String to = "";

  @Mixin
  private final ConfigOptions options = new ConfigOptions();

  MigrateCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    if (from.equals(LOCAL) || from.equals(S3)) {
      return moveFiles();
    }
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
      return move(path, server, config, schemas, claim.isPresent());
    } finally {
      claim.ifPresent(DataFolder.Claim::close);
    }
  }

  /** Moves only the bytes of files; their records stay where they are. */
  private int moveFiles() {
    if (!to.equals(from.equals(LOCAL) ? S3 : LOCAL)) {
      throw new UserError("files are moved --from local --to s3, or --from s3 --to local");
    }
    Config config = options.read(terminal, Map.of());
    S3Address address = config
        .s3()
        .orElseThrow(() -> new UserError("s3.endpoint is not set: set the settings s3.*"));
    Logs.write(config.logFormat(), config.logLevel());
    DataFolder folder = DataFolder.existing(config.data());
    Set<Role> role = Set.of(Role.CONVERSATIONS);
    try (DataFolder.Claim _ =
            config.database().isPresent() ? folder.share(role) : folder.claim(role);
        Database database =
            config.databases().open(SqlConversationStore.SCHEMA, MigrationMode.VERIFY);
        S3Bucket bucket = new S3Bucket(address, terminal.clock(), Limits.S3_WRITE_DEADLINE)) {
      var move = new MediaMove(bucket, config.filesFolder(), database);
      MediaMove.Moved moved = to.equals(S3) ? move.toBucket() : move.fromBucket();
      terminal.say("%d files are in the %s"
          .formatted(
              moved.files(),
              to.equals(S3)
                  ? address
                  : config.filesFolder().map(files -> "folder " + files).orElse("database")));
      if (moved.missing() > 0) {
        terminal.complain(
            "%d files are missing in both places: messages show them, but nobody can open them"
                .formatted(moved.missing()));
      }
      return moved.missing() > 0 ? 1 : 0;
    }
  }

  private void moveFiles(Path folder, DataCopy conversations) {
    SqlMediaMove.Moved moved = SqlMediaMove.move(folder, conversations);
    terminal.say("%-14s %-20s %9d files".formatted("conversations", "media", moved.files()));
    if (moved.missing() > 0) {
      terminal.say("%d files are missing in %s: messages show them, but nobody can open them"
          .formatted(moved.missing(), folder));
    }
  }

  private int move(
      Path path, PostgresServer server, Config config, Map<Role, Schema> schemas, boolean stopped) {
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
    if (conversations != null && config.s3().isEmpty()) { // otherwise they stay in the bucket
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

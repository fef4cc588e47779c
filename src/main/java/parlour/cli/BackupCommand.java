package parlour.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;
import parlour.config.Config;
import parlour.config.DataFolder;
import parlour.config.Role;
import parlour.media.FilesOfCopy;
import parlour.process.Stores;
import parlour.s3.S3Address;
import parlour.store.DiskSpace;
import parlour.store.SqliteBackup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "backup",
    header = "Copies a data folder, also while the instance runs.",
    description =
        "All stores are copied as they were at one moment, with the files of conversations"
            + " and the keys. Calls wait for some milliseconds at most.",
    footer = {
      "",
      "Examples:",
      "  parlour backup /backups/2026-11-29",
      "  parlour verify /backups/2026-11-29",
      "  parlour restore /backups/2026-11-29 --data new-folder",
      "",
      "Data in PostgreSQL and files in a bucket are not in a data folder: docs/operating.md",
      "(\"Back up and restore\") has the commands for them.",
    })
final class BackupCommand implements Callable<Integer> {
  private final Terminal terminal;
  private final Function<Path, DiskSpace.Source> disks;

  @Parameters(paramLabel = "BACKUP", description = "The folder to create.")
  private Path backup = Path.of("");

  @Option(
      names = "--without-master-key",
      description = "Leave out the master key, because you keep it elsewhere. Without it the token"
          + " keys in the backup are worthless to a thief.")
  private boolean isWithoutMasterKey;

  @Mixin
  private final ConfigOptions options = new ConfigOptions();

  BackupCommand(Terminal terminal) {
    this(terminal, DiskSpace::source);
  }

  /**
   * Creates the command.
   *
   * @param disks reads the space of the disk that holds a folder
   */
  BackupCommand(Terminal terminal, Function<Path, DiskSpace.Source> disks) {
    this.terminal = terminal;
    this.disks = disks;
  }

  @Override
  public Integer call() {
    Config config = options.read(terminal);
    if (config.database().isPresent()) {
      throw new UserError("the data is in PostgreSQL (database.url): use pg_dump, as in"
          + " docs/operating.md, \"Back up PostgreSQL\"");
    }
    var _ = DataFolder.existing(config.data());
    List<Role> stores = Stores.SCHEMAS.keySet().stream()
        .filter(role -> Files.exists(store(config, role)))
        .toList();
    if (stores.isEmpty()) {
      throw new UserError(
          "there is no store in %s: name the data folder of an instance (--data DIR)"
              .formatted(config.data()));
    }
    BackupFolder folder = BackupFolder.create(terminal.folder().resolve(backup), disks);
    try {
      write(config, folder, stores);
    } catch (Throwable e) { // also an error of the machine: the part can have the master key
      folder.discard(e);
      throw e;
    }
    new Instance(config).note(terminal, "backup", folder.path().toString());
    return 0;
  }

  private static Path store(Config config, Role role) {
    return config.data().resolve(role.word() + ".db");
  }

  private void write(Config config, BackupFolder folder, List<Role> stores) {
    Map<Path, Path> copies = new LinkedHashMap<>();
    for (Role role : stores) {
      copies.put(store(config, role), folder.path().resolve(role.word() + ".db"));
    }
    folder
        .space()
        .demand(copies.keySet().stream().mapToLong(SqliteBackup::bytes).sum()
            + BackupFolder.bytes(config.filesFolder().orElseThrow()));
    Optional<String> masterKey = DataFolder.secret(config.masterKeyFile());
    SqliteBackup.copy(copies, folder.space()::demand);
    addFiles(config, folder);
    folder.add(config.internalSecretFile(), BackupFolder.INTERNAL_SECRET);
    Path id = config.data().resolve("installation-id");
    folder.add(id, "installation-id");
    if (!isWithoutMasterKey) {
      folder.add(config.masterKeyFile(), BackupFolder.MASTER_KEY);
      folder.add(Path.of(config.masterKeyFile() + ".installation-id"), BackupFolder.MASTER_KEY_USE);
      complainWithoutMasterKey(config, folder);
    }
    if (!DataFolder.secret(config.masterKeyFile()).equals(masterKey)) {
      throw new UserError("the master key was replaced during this backup, and may not open the"
          + " token keys in it: make another backup");
    }
    Optional<String> bucket = config.s3().map(S3Address::bucket);
    // Before the end, because a failure deletes the backup, which is of use once it is finished.
    Optional<String> missing = folder.missingFiles(bucket);
    BackupFolder.Contents contents =
        folder.finish(terminal.now(), DataFolder.secret(id).orElse(""), bucket);
    bucket.ifPresent(
        name -> terminal.complain("the files in the bucket " + name + " are not in this backup"));
    missing.ifPresent(terminal::complain);
    terminal.say("copied %d stores and %d other files to %s"
        .formatted(copies.size(), contents.files().size() - copies.size(), folder.path()));
  }

  /** Copies the files of conversations. If they are in a bucket, the folder has only uploads. */
  private static void addFiles(Config config, BackupFolder folder) {
    Path files = config.filesFolder().orElseThrow();
    Path database = folder.path().resolve(Role.CONVERSATIONS.word() + ".db");
    if (config.s3().isEmpty() && Files.exists(database)) {
      demandTheirFolder(files, database);
    }
    // After the stores: a file is never changed, and one that is deleted now belongs to no message.
    folder.add(files, BackupFolder.FILES);
    if (config.s3().isEmpty() && Files.exists(database)) {
      demandTheirFolder(files, database); // the volume may have been lost meanwhile
    }
  }

  private static void demandTheirFolder(Path files, Path database) {
    if (!new FilesOfCopy(database, files).isTheirFolder()) {
      throw new UserError(
          ("the folder %1$s has no files, but messages have some: probably a volume is not"
                  + " mounted. Mount it, and make another backup; only if its files are lost for"
                  + " good, run this first: mkdir -p -m 700 %1$s && touch %1$s/%2$s")
              .formatted(files, FilesOfCopy.MARKER));
    }
  }

  /** Without its key, the token keys in the copy of scoped-auth.db are lost. */
  private void complainWithoutMasterKey(Config config, BackupFolder folder) {
    boolean hasTokenKeys = Files.exists(folder.path().resolve(Role.SCOPED_AUTH.word() + ".db"));
    if (hasTokenKeys && !Files.exists(folder.path().resolve(BackupFolder.MASTER_KEY))) {
      String why = config.masterKey().isPresent()
          ? "it is in the setting master-key"
          : config.masterKeyFile() + " does not exist";
      terminal.complain("the master key is not in this backup, because " + why
          + ": keep it elsewhere, because no guest can go on without it (--without-master-key"
          + " omits this line)");
    }
  }
}

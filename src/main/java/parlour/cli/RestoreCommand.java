package parlour.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.Stream;
import parlour.config.Config;
import parlour.config.DataFolder;
import parlour.config.Role;
import parlour.store.DiskSpace;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
    name = "restore",
    header = "Copies a backup into a data folder without stores.",
    description =
        "Checks the backup first. Refuses a folder in which an instance runs, or which has"
            + " stores: move those away, so that you can go back.",
    footer = {
      "",
      "A backup does not contain later revocations: before you start, end every session",
      "(parlour sessions end-all), unless you know that none was stolen or revoked since.",
    })
final class RestoreCommand implements Callable<Integer> {
  private final Terminal terminal;
  private final Function<Path, DiskSpace.Source> disks;

  @Parameters(paramLabel = "BACKUP", description = "The folder that parlour backup made.")
  private Path backup = Path.of("");

  @Mixin
  private final ConfigOptions options = new ConfigOptions();

  RestoreCommand(Terminal terminal) {
    this(terminal, DiskSpace::source);
  }

  /**
   * Creates the command.
   *
   * @param disks reads the space of the disk that holds a folder
   */
  RestoreCommand(Terminal terminal, Function<Path, DiskSpace.Source> disks) {
    this.terminal = terminal;
    this.disks = disks;
  }

  @Override
  public Integer call() {
    Config config = options.read(terminal);
    if (config.database().isPresent()) {
      throw new UserError("the data is in PostgreSQL (database.url): use pg_restore, as in"
          + " docs/operating.md, \"Restore PostgreSQL\"; or remove that setting first");
    }
    Path data = config.data();
    BackupFolder folder = BackupFolder.at(terminal.folder().resolve(backup));
    BackupFolder.Contents contents = folder.verified();
    // Held until all is copied, so that no instance starts over a part of it.
    try (var _ = DataFolder.create(data).claim(EnumSet.allOf(Role.class))) {
      demandNoStores(data);
      folder.restoreTo(
          new FreeSpace(data, disks.apply(data)),
          contents,
          Map.of(
              BackupFolder.MASTER_KEY, config.masterKeyFile(),
              BackupFolder.MASTER_KEY_USE, Path.of(config.masterKeyFile() + ".installation-id"),
              BackupFolder.INTERNAL_SECRET, config.internalSecretFile()),
          terminal::complain);
    }
    complainOfMissingFiles(folder, contents);
    terminal.say(
        "restored %d files of %s to %s; end every session before you start, unless you know"
                .formatted(contents.files().size(), Table.time(contents.created()), data)
            + " that none was stolen or revoked since (parlour sessions end-all)");
    return 0;
  }

  /** Such a backup is restored all the same: it can be the only one. */
  private void complainOfMissingFiles(BackupFolder folder, BackupFolder.Contents contents) {
    try {
      folder.missingFiles(contents.bucket()).ifPresent(terminal::complain);
    } catch (UserError noneAtAll) {
      terminal.complain(noneAtAll.getMessage());
    }
  }

  private static void demandNoStores(Path data) {
    try (Stream<Path> files = Files.list(data)) {
      // SQLite would replay a log that is left of another store (-wal) into the restored one.
      if (files.anyMatch(file -> String.valueOf(file.getFileName()).contains(".db"))) {
        throw new UserError(
            "%s has stores, or files that are left of them: move all of them away, or"
                    .formatted(data)
                + " name another folder (--data DIR)");
      }
    } catch (IOException e) {
      throw new UserError("the folder %s cannot be read: %s".formatted(data, e));
    }
  }
}

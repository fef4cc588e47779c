package parlour.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
    name = "verify",
    header = "Checks that a backup is complete and unchanged.",
    description =
        "Reads all of it, and lets SQLite check the stores. Exits with 1 if the backup was"
            + " cut off or damaged, or if it has no files although messages have some.")
final class VerifyCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Parameters(paramLabel = "BACKUP", description = "The folder that parlour backup made.")
  private Path backup = Path.of("");

  VerifyCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    BackupFolder folder = BackupFolder.at(terminal.folder().resolve(backup));
    BackupFolder.Contents contents = folder.verified();
    folder.missingFiles(contents.bucket()).ifPresent(terminal::complain);
    contents
        .bucket()
        .ifPresent(name -> terminal.complain("files of conversations are in the bucket " + name));
    terminal.say("%s is complete: %d files of %s"
        .formatted(backup, contents.files().size(), Table.time(contents.created())));
    return 0;
  }
}

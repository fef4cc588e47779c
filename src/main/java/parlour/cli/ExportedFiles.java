package parlour.cli;

import static java.nio.file.attribute.PosixFilePermissions.asFileAttribute;
import static java.nio.file.attribute.PosixFilePermissions.fromString;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import parlour.Sid;
import parlour.media.Attachment;
import parlour.media.Chunk;
import parlour.media.Media;
import parlour.media.MediaFile;

/** The files of an export, in a folder that only its owner can read. */
final class ExportedFiles {
  private static final Pattern EXTENSION = Pattern.compile("\\.[A-Za-z0-9]{1,8}$");

  private final Path folder;
  private final Media media;

  /** Requires that the folder does not exist. */
  ExportedFiles(Path folder, Media media) {
    this.folder = folder;
    this.media = media;
    if (Files.exists(folder)) {
      throw new UserError(
          "--files: %s exists already: name a folder that does not".formatted(folder));
    }
  }

  /** Creates the folder. */
  void create() {
    try {
      var _ = Files.createDirectory(folder, asFileAttribute(fromString("rwx------")));
    } catch (IOException e) {
      throw new UserError("--files: the folder %s cannot be created: %s".formatted(folder, e));
    }
  }

  /**
   * Saves a file under its sid, because its own name may not fit this file system.
   *
   * @return its name in the folder; empty if the file was deleted
   */
  Optional<String> save(Sid.Account account, Attachment file) {
    if (media.find(account, file.sid()).isEmpty()) {
      return Optional.empty();
    }
    Matcher extension = EXTENSION.matcher(file.filename());
    String name = file.sid().text() + (extension.find() ? extension.group() : "");
    Path target = folder.resolve(name);
    try (FileChannel to = FileChannel.open(
        target,
        Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
        asFileAttribute(fromString("rw-------")))) {
      long saved = 0;
      while (saved < file.size()) {
        Optional<Chunk> chunk = media.read(file.sid(), MediaFile.Part.ORIGINAL, saved);
        if (chunk.isEmpty() || chunk.get().length() == 0) { // deleted meanwhile
          Files.delete(target);
          return Optional.empty();
        }
        ByteBuffer bytes = ByteBuffer.wrap(chunk.get().bytes());
        while (bytes.hasRemaining()) {
          saved += to.write(bytes);
        }
      }
      return Optional.of(name);
    } catch (IOException e) {
      throw new UserError("--files: %s cannot be written: %s".formatted(target, e));
    }
  }
}

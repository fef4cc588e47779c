package parlour.media;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import parlour.Limits;
import parlour.Sid;
import parlour.Unavailable;

/**
 * The bytes of files in a folder, for an installation with one node of Conversations. Only their
 * owner can read them. A sid chooses the name, so no name that a client sends becomes a path.
 */
final class FolderBytes implements MediaBytes {
  private final Path folder;

  /**
   * @param folder created when the first file is written
   */
  FolderBytes(Path folder) {
    this.folder = folder;
  }

  @Override
  public void write(Sid.Media file, MediaFile.Part part, long offset, Chunk chunk) {
    Path path = path(file, part);
    try {
      Files.createDirectories(
          path.getParent(),
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      try (FileChannel channel = FileChannel.open(
          path,
          Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE),
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
        ByteBuffer bytes = ByteBuffer.wrap(chunk.bytes());
        long at = offset;
        while (bytes.hasRemaining()) {
          at += channel.write(bytes, at);
        }
      }
    } catch (IOException e) {
      throw unavailable("a file cannot be written", e);
    }
  }

  @Override
  public void sync(Sid.Media file, MediaFile.Part part) {
    Path path = path(file, part);
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
      channel.force(true);
    } catch (IOException e) {
      throw unavailable("a file cannot be made durable", e);
    }
    // A new name is lost with the power otherwise, and with it all that is below it.
    for (Path names : List.of(path.getParent(), folder, folder.resolve(".."))) {
      try (FileChannel channel = FileChannel.open(names, StandardOpenOption.READ)) {
        channel.force(true);
      } catch (IOException e) {
        throw unavailable("a folder cannot be made durable", e);
      }
    }
  }

  @Override
  public Optional<Chunk> read(Sid.Media file, MediaFile.Part part, long offset) {
    try (FileChannel channel = FileChannel.open(path(file, part), StandardOpenOption.READ)) {
      long left = Math.max(0, channel.size() - offset);
      ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(left, Limits.MEDIA_CHUNK));
      while (bytes.hasRemaining() && channel.read(bytes, offset + bytes.position()) >= 0) {
        // reads on
      }
      return Optional.of(new Chunk(bytes.array()));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw unavailable("a file cannot be read", e);
    }
  }

  @Override
  public void delete(Sid.Media file) {
    try {
      for (MediaFile.Part part : MediaFile.Part.values()) {
        Files.deleteIfExists(path(file, part));
      }
    } catch (IOException e) {
      throw unavailable("a file cannot be deleted", e);
    }
  }

  /** A folder for each first byte of the sids, because some file systems are slow with one. */
  private Path path(Sid.Media file, MediaFile.Part part) {
    String name = file.text();
    return folder
        .resolve(name.substring(2, 4))
        .resolve(name + "." + part.name().toLowerCase(Locale.ROOT));
  }

  private static Unavailable unavailable(String what, IOException cause) {
    return new Unavailable("Media", what, cause);
  }
}

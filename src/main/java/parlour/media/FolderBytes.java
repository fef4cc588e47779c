package parlour.media;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import parlour.Limits;
import parlour.Sid;
import parlour.StartupError;
import parlour.Unavailable;

/**
 * The bytes of files in a folder, for an installation with one node of Conversations. Only their
 * owner can read them. A sid chooses the name, so no name that a client sends becomes a path.
 *
 * <p>The folder can be a volume of its own. A marker in it distinguishes it from the empty folder that is
 * left when the volume is not mounted: there, no file counts as missing or as deleted.
 */
final class FolderBytes implements MediaBytes {
  /** The name of the marker, an empty file. */
  static final String MARKER = "files-of-parlour";

  private static final FileAttribute<Set<PosixFilePermission>> OWNER_ONLY =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
  private static final FileAttribute<Set<PosixFilePermission>> OWNER_ONLY_FOLDER =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

  private final Path folder;
  private final Path marker;

  FolderBytes(Path folder) {
    this.folder = folder;
    this.marker = folder.resolve(MARKER);
  }

  @Override
  public void open(boolean isUsed) {
    try {
      if (Files.exists(marker)) {
        return;
      }
      if (isUsed && !hasFiles()) {
        throw new StartupError(
            ("the folder %1$s has no files, but messages have some: probably a volume"
                    + " is not mounted, or the folder was not restored. Mount or restore it, and start"
                    + " again; only if its files are lost for good, run this before the start:"
                    + " mkdir -p -m 700 %1$s && touch %1$s/%2$s")
                .formatted(folder, MARKER));
      }
      Files.createDirectories(folder, OWNER_ONLY_FOLDER);
      FileChannel.open(
              marker, Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE), OWNER_ONLY)
          .close();
      force(folder);
    } catch (IOException e) {
      throw new StartupError(
          "cannot use the folder of files %s (%s): let this user write to it".formatted(folder, e),
          e);
    }
  }

  /** Whether this is the folder with the files, and not the place of a volume that is not mounted. */
  boolean hasFiles() throws IOException {
    if (Files.exists(marker)) {
      return true;
    }
    // Earlier versions set no marker, and a restored folder may lack it.
    if (!Files.isDirectory(folder)) {
      return false;
    }
    try (Stream<Path> found = Files.list(folder)) { // a new volume has a lost+found
      return found.anyMatch(path -> path.getFileName().toString().matches("[0-9a-f]{2}"));
    }
  }

  private void demandMarker() {
    if (!Files.exists(marker)) {
      throw unavailable(
          "the folder " + folder + " lacks its marker: is a volume not mounted?", null);
    }
  }

  @Override
  public void write(Sid.Media file, MediaFile.Part part, long offset, Chunk chunk) {
    demandMarker();
    Path path = path(file, part);
    try {
      Files.createDirectories(path.getParent(), OWNER_ONLY_FOLDER);
      try (FileChannel channel = FileChannel.open(
          path, Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE), OWNER_ONLY)) {
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
  public long arrived(Sid.Media file) {
    try {
      return Files.size(path(file, MediaFile.Part.ORIGINAL));
    } catch (NoSuchFileException e) {
      demandMarker();
      return 0;
    } catch (IOException e) {
      throw unavailable("a file cannot be read", e);
    }
  }

  @Override
  public long sync(Sid.Media file, MediaFile.Part part) {
    Path path = path(file, part);
    long length;
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
      channel.force(true);
      length = channel.size();
    } catch (IOException e) {
      throw unavailable("a file cannot be made durable", e);
    }
    // A new name is lost with the power otherwise, and with it all that is below it.
    Path parent = Objects.requireNonNull(path.getParent());
    for (Path names : List.<Path>of(parent, folder, folder.resolve(".."))) {
      try {
        force(names);
      } catch (IOException e) {
        throw unavailable("a folder cannot be made durable", e);
      }
    }
    return length;
  }

  private static void force(Path folder) throws IOException {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
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
      demandMarker();
      return Optional.empty();
    } catch (IOException e) {
      throw unavailable("a file cannot be read", e);
    }
  }

  @Override
  public void delete(Sid.Media file, MediaFile.Part part) {
    demandMarker();
    try {
      Files.deleteIfExists(path(file, part));
    } catch (IOException e) {
      throw unavailable("a file cannot be deleted", e);
    }
  }

  /** Whether the folder has this part of a file. */
  boolean has(Sid.Media file, MediaFile.Part part) {
    return Files.exists(path(file, part));
  }

  /** A folder for each first byte of the sids, because some file systems are slow with one. */
  private Path path(Sid.Media file, MediaFile.Part part) {
    String name = file.text();
    return folder
        .resolve(name.substring(2, 4))
        .resolve(name + "." + part.name().toLowerCase(Locale.ROOT));
  }

  private static Unavailable unavailable(String what, @Nullable IOException cause) {
    return new Unavailable("Media", what, cause);
  }
}

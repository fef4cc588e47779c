package parlour.config;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.slf4j.LoggerFactory;
import parlour.StartupError;

/**
 * The folder of an instance: a database file per role, the secrets, and who runs here.
 *
 * <p>Databases and secrets are readable by their owner only. Processes with different roles may share it; a
 * role runs once over the files in it.
 */
public final class DataFolder {
  private static final FileAttribute<Set<PosixFilePermission>> OWNER_ONLY =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  private final Path folder;

  private DataFolder(Path folder) {
    this.folder = folder;
  }

  /** The folder, created where it is missing. */
  public static DataFolder create(Path folder) {
    try {
      if (!Files.isDirectory(folder)) {
        Files.createDirectories(
            folder,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      }
      demandOurs(folder, "chmod 700 " + folder);
      return new DataFolder(folder);
    } catch (IOException | UnsupportedOperationException e) {
      throw new StartupError(
          "cannot create the data folder %s (%s): name one that this user may write to (--data DIR)"
              .formatted(folder, e),
          e);
    }
  }

  /** The folder of an instance that was started here before. */
  public static DataFolder existing(Path folder) {
    if (!Files.isDirectory(folder)) {
      throw new StartupError(
          "there is no data folder %s: start Parlour once (parlour up --data DIR), or name its folder"
                  .formatted(folder)
              + " with --data DIR");
    }
    if (!Files.isExecutable(folder) || !Files.isWritable(folder)) {
      throw new StartupError(
          "this user may not use the data folder %s: be the one that runs Parlour there"
              .formatted(folder));
    }
    return new DataFolder(folder);
  }

  /** The one line of a secret file. */
  public static Optional<String> secret(Path file) {
    try {
      if (!Files.exists(file)) {
        return Optional.empty();
      }
      demandOurs(file, "chmod 600 " + file);
      return Optional.of(Files.readString(file).strip());
    } catch (IOException e) {
      throw new StartupError("cannot read the secret file " + file + ": " + e, e);
    }
  }

  /**
   * Anybody who can change a secret, or its folder, decides its content. A secret that others can
   * only read is accepted, because container platforms mount secrets that way.
   */
  private static void demandOurs(Path path, String remedy) throws IOException {
    PosixFileAttributeView view = Files.getFileAttributeView(path, PosixFileAttributeView.class);
    if (view == null) {
      return; // a file system without such permissions
    }
    Set<PosixFilePermission> permissions = view.readAttributes().permissions();
    if (permissions.contains(PosixFilePermission.OTHERS_WRITE)) {
      throw new StartupError("every user of this machine can change %s (%s): %s"
          .formatted(path, PosixFilePermissions.toString(permissions), remedy));
    }
    if (Files.isRegularFile(path) && permissions.contains(PosixFilePermission.OTHERS_READ)) {
      LoggerFactory.getLogger(DataFolder.class)
          .warn("every user of this machine can read {}: {}", path, remedy);
    }
  }

  /** The one line of a secret file, which is made, whole and for its owner only, if it is missing. */
  public static String secretOrNew(Path file, Supplier<String> made) {
    Optional<String> present = secret(file);
    if (present.isPresent()) {
      return present.get();
    }
    try {
      Path beside = Files.createTempFile(
          file.toAbsolutePath().getParent(), "." + file.getFileName(), ".new", OWNER_ONLY);
      try (FileChannel channel = FileChannel.open(beside, StandardOpenOption.WRITE)) {
        channel.write(ByteBuffer.wrap((made.get() + "\n").getBytes(UTF_8)));
        channel.force(true);
      }
      try {
        // A link fails where a move would overwrite what another process made meanwhile.
        Files.createLink(file, beside);
      } catch (FileAlreadyExistsException e) {
        // It was as quick as we were: its secret counts.
      } catch (FileSystemException | UnsupportedOperationException e) {
        // A file system without links.
        Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE);
      } finally {
        Files.deleteIfExists(beside);
      }
    } catch (IOException e) {
      throw new StartupError("cannot make the secret file " + file + ": " + e, e);
    }
    return secret(file).orElseThrow();
  }

  /** Replaces the one line of a file that does not exist or has another content. */
  public static void write(Path file, String line) {
    if (secret(file).filter(line::equals).isPresent()) {
      return;
    }
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new StartupError("cannot replace the file " + file + ": " + e, e);
    }
    String _ = secretOrNew(file, () -> line);
  }

  /**
   * Claims roles for this process until it ends, so that none runs twice over the same files.
   *
   * @throws StartupError naming the instance that is there
   */
  public Claim claim(Set<Role> roles) {
    Claim claim = new Claim(roles);
    try {
      for (Role role : roles) {
        // A file that nothing else reads: closing any handle on it would drop the lock (POSIX).
        Path lock = folder.resolve(role.word() + ".lock");
        FileChannel channel = FileChannel.open(
            lock, Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE), OWNER_ONLY);
        claim.held.put(role, channel);
        if (tryLock(channel).isEmpty()) {
          String there = address(role).map(address -> " at " + address).orElse("");
          throw new StartupError(
              "%s already runs in %s%s: stop that process, or use another folder (--data DIR)"
                  .formatted(role.word(), folder, there));
        }
      }
      return claim;
    } catch (IOException e) {
      claim.close();
      throw new StartupError(
          "cannot use the data folder %s (%s): name one that this user may write to (--data DIR)"
              .formatted(folder, e),
          e);
    } catch (StartupError e) {
      claim.close();
      throw e;
    }
  }

  /** Says that roles run here without claiming them: over a PostgreSQL any number of them may. */
  public Claim share(Set<Role> roles) {
    return new Claim(roles);
  }

  /** The internal address of the process that last ran a role here, and may run still. */
  public Optional<URI> address(Role role) {
    return secret(addressFile(role)).filter(text -> !text.isEmpty()).map(URI::create);
  }

  private Path addressFile(Role role) {
    return folder.resolve(role.word() + ".address");
  }

  private static Optional<FileLock> tryLock(FileChannel channel) throws IOException {
    try {
      return Optional.ofNullable(channel.tryLock());
    } catch (OverlappingFileLockException e) {
      return Optional.empty(); // this very process runs it
    }
  }

  /** The roles that this process runs over the folder. */
  public final class Claim implements AutoCloseable {
    private final Map<Role, FileChannel> held = new EnumMap<>(Role.class);
    private final Set<Role> roles;

    private Claim(Set<Role> roles) {
      this.roles = roles;
    }

    /** Records for the command line on which port this process listens. */
    public void announce(URI internal) {
      try {
        for (Role role : roles) {
          try (FileChannel channel = FileChannel.open(
              addressFile(role),
              Set.of(
                  StandardOpenOption.CREATE,
                  StandardOpenOption.TRUNCATE_EXISTING,
                  StandardOpenOption.WRITE),
              OWNER_ONLY)) {
            channel.write(ByteBuffer.wrap((internal + "\n").getBytes(UTF_8)));
          }
        }
      } catch (IOException e) {
        throw new StartupError("cannot write to the data folder " + folder + ": " + e, e);
      }
    }

    @Override
    public void close() {
      for (FileChannel channel : held.values()) {
        try {
          channel.close();
        } catch (IOException e) {
          // The lock goes with the process anyway.
        }
      }
    }
  }
}

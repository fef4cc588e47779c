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
import java.nio.file.attribute.PosixFileAttributes;
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
 * The folder of an instance: a database file for each role, the secrets, and the locks and
 * addresses of the processes that run over it.
 *
 * <p>Only their owner can read databases and secrets. Processes with different roles can share a
 * folder; each role runs once over its files.
 */
public final class DataFolder {
  private static final FileAttribute<Set<PosixFilePermission>> OWNER_ONLY =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  /** A file that is in the folder while a backup is being restored to it. */
  public static final String UNFINISHED_RESTORE = "unfinished-restore";

  private final Path folder;

  private DataFolder(Path folder) {
    this.folder = folder;
  }

  /** The folder; creates it if it is missing. */
  public static DataFolder create(Path folder) {
    try {
      if (!Files.isDirectory(folder)) {
        Files.createDirectories(
            folder,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      }
      checkPermissions(folder, "chmod 700 " + folder);
      return new DataFolder(folder);
    } catch (IOException | UnsupportedOperationException e) {
      throw new StartupError(
          ("cannot create the data folder %s (%s): name one that this user can write to (--data DIR), or"
                  + " let root create it: install -d -o %s -m 0700 %s")
              .formatted(folder, e, System.getProperty("user.name"), folder.toAbsolutePath()),
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
          "this user cannot use the data folder %s: run the command as the user that runs Parlour"
              .formatted(folder));
    }
    return new DataFolder(folder);
  }

  /** The text of a secret file: mostly one line. */
  public static Optional<String> secret(Path file) {
    try {
      if (!Files.exists(file)) {
        return Optional.empty();
      }
      checkPermissions(file, "chmod 600 " + file);
      return Optional.of(Files.readString(file).strip());
    } catch (IOException e) {
      throw new StartupError("cannot read the secret file " + file + ": " + e, e);
    }
  }

  /**
   * Fails if every user can change a secret or its folder; warns if every user can read a secret.
   * That is accepted because container platforms mount secrets that way.
   */
  private static void checkPermissions(Path path, String remedy) throws IOException {
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

  /** The one line of a secret file. Creates a missing file, readable by its owner only. */
  public static String secretOrNew(Path file, Supplier<String> newSecret) {
    Optional<String> present = secret(file);
    if (present.isPresent()) {
      return present.get();
    }
    try {
      Path beside = Files.createTempFile(
          file.toAbsolutePath().getParent(), "." + file.getFileName(), ".new", OWNER_ONLY);
      try (FileChannel channel = FileChannel.open(beside, StandardOpenOption.WRITE)) {
        channel.write(ByteBuffer.wrap((newSecret.get() + "\n").getBytes(UTF_8)));
        channel.force(true);
      }
      try {
        // A link fails if another process has created the file meanwhile; a move would replace it.
        Files.createLink(file, beside);
      } catch (FileAlreadyExistsException e) {
        // The secret of the other process counts.
      } catch (FileSystemException | UnsupportedOperationException e) {
        // A file system without links.
        Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE);
      } finally {
        Files.deleteIfExists(beside);
      }
    } catch (IOException e) {
      throw new StartupError("cannot create the secret file " + file + ": " + e, e);
    }
    return secret(file).orElseThrow();
  }

  /**
   * Replaces the text of a secret file in one step, so that a process that reads it, or a crash,
   * finds the one before or the new one. Its owner and its permissions stay.
   */
  public static void replaceSecret(Path file, String text) {
    try {
      Path real = file.toRealPath();
      Path beside =
          Files.createTempFile(real.getParent(), "." + real.getFileName(), ".new", OWNER_ONLY);
      try {
        try (FileChannel channel = FileChannel.open(beside, StandardOpenOption.WRITE)) {
          channel.write(ByteBuffer.wrap((text + "\n").getBytes(UTF_8)));
          channel.force(true);
        }
        PosixFileAttributes before = Files.readAttributes(real, PosixFileAttributes.class);
        PosixFileAttributeView view =
            Files.getFileAttributeView(beside, PosixFileAttributeView.class);
        view.setOwner(before.owner());
        view.setGroup(before.group());
        view.setPermissions(before.permissions());
        Files.move(beside, real, StandardCopyOption.ATOMIC_MOVE);
      } finally {
        Files.deleteIfExists(beside);
      }
      try (FileChannel folder = FileChannel.open(real.getParent(), StandardOpenOption.READ)) {
        folder.force(true);
      }
    } catch (IOException e) {
      throw new StartupError(
          "cannot replace the secret file %s (%s): run this as its owner, or as root"
              .formatted(file, e),
          e);
    }
  }

  /**
   * Runs one command at a time that replaces a secret file.
   *
   * @throws StartupError if another process runs one
   */
  public static void alone(Path file, Runnable command) {
    Path lock = file.resolveSibling(file.getFileName() + ".lock");
    try (FileChannel channel = FileChannel.open(
        lock, Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE), OWNER_ONLY)) {
      if (tryLock(channel).isEmpty()) {
        throw new StartupError("another command replaces %s now: wait for its end".formatted(file));
      }
      command.run();
    } catch (IOException e) {
      throw new StartupError("cannot lock the secret file " + file + ": " + e, e);
    }
  }

  /** Writes a file of one line, unless it has this content already. */
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
   * Locks roles for this process until it ends, so that no role runs twice over the same files.
   *
   * @throws StartupError if another process runs one of them; it names that process. Also if a
   *     restore was cut off: one store is there, and another would begin empty
   */
  public Claim claim(Set<Role> roles) {
    if (Files.exists(folder.resolve(UNFINISHED_RESTORE))) {
      throw new StartupError(
          "a restore to %s was cut off: move that folder away, and restore the backup again into a new one"
              .formatted(folder));
    }
    Claim claim = new Claim(roles);
    try {
      for (Role role : roles) {
        // No other code opens this file: closing any handle of it would release the lock (POSIX).
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
          "cannot use the data folder %s (%s): name one that this user can write to (--data DIR)"
              .formatted(folder, e),
          e);
    } catch (StartupError e) {
      claim.close();
      throw e;
    }
  }

  /** Announces roles without locking them: over PostgreSQL any number of processes can run each. */
  public Claim share(Set<Role> roles) {
    return new Claim(roles);
  }

  /** The internal address of the process that last ran a role over this folder. */
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
      return Optional.empty(); // this process holds the lock itself
    }
  }

  /** The roles that this process runs over the folder. */
  public final class Claim implements AutoCloseable {
    private final Map<Role, FileChannel> held = new EnumMap<>(Role.class);
    private final Set<Role> roles;

    private Claim(Set<Role> roles) {
      this.roles = roles;
    }

    /** Records the internal address of this process for the command line. */
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
          // The operating system releases the lock when the process ends.
        }
      }
    }
  }
}

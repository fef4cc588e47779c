package parlour.cli;

import static java.nio.file.attribute.PosixFilePermissions.asFileAttribute;
import static java.nio.file.attribute.PosixFilePermissions.fromString;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import parlour.Sha256;
import parlour.Sid;
import parlour.config.DataFolder;
import parlour.config.Role;
import parlour.http.json.Json;
import parlour.media.FilesOfCopy;
import parlour.store.DiskSpace;
import parlour.store.SqliteBackup;

/**
 * A folder with a backup. Its contents list names each file with its length and digest. It is written
 * last, so a backup that was cut off has none.
 */
record BackupFolder(Path path, FreeSpace space) {
  static final String CONTENTS = "backup.json";
  static final String MASTER_KEY = "master.key";

  /** The folder with the files of conversations. */
  static final String FILES = "media";

  /** The file beside the master key that names the installation that uses it. */
  static final String MASTER_KEY_USE = "master.key.installation-id";

  static final String INTERNAL_SECRET = "internal-secret";
  private static final int BUFFER = 1 << 16;

  /**
   * @param name the path below the folder, with slashes
   */
  record Item(String name, long bytes, String sha256) {}

  /**
   * @param bucket the bucket with the files of conversations, which are not in the backup then
   */
  record Contents(
      Instant created, String installation, Optional<String> bucket, List<Item> files) {}

  /** A folder that exists. */
  static BackupFolder at(Path path) {
    return new BackupFolder(path, FreeSpace.UNKNOWN);
  }

  /**
   * Creates the folder, which only its owner can read.
   *
   * @param disks reads the space of the disk that holds a folder
   */
  static BackupFolder create(Path path, Function<Path, DiskSpace.Source> disks) {
    try {
      if (Files.exists(path)) {
        throw new UserError(path + " exists already: name a folder that does not"
            + (Files.exists(path.resolve(CONTENTS))
                ? ""
                : ", or delete it, if it is a backup that was cut off (it has no %s)"
                    .formatted(CONTENTS)));
      }
      Path parent = path.toAbsolutePath().getParent();
      if (parent != null) {
        Files.createDirectories(parent);
      }
      return new BackupFolder(
          Files.createDirectory(path, asFileAttribute(fromString("rwx------"))),
          new FreeSpace(path, disks.apply(path)));
    } catch (IOException e) {
      throw failed("the folder " + path + " cannot be created", e);
    }
  }

  /** Copies a file or a folder below a name; what vanishes meanwhile was deleted, and is left out. */
  void add(Path source, String name) {
    if (!Files.exists(source)) {
      return;
    }
    try {
      addAll(source.toRealPath(), name); // a walk follows no link, not even this one
    } catch (IOException | UncheckedIOException e) {
      throw failed("%s cannot be copied".formatted(source), e);
    }
  }

  private void addAll(Path source, String name) throws IOException {
    for (Path file : files(source)) {
      Path relative = source.relativize(file);
      Path target = path.resolve(name).resolve(relative.toString());
      space.demand(file.toFile().length());
      copy(file, relative.toString().isEmpty() ? path.resolve(name) : target);
    }
  }

  /** The bytes of a file, or of all files of a folder; 0 if there is none. */
  static long bytes(Path source) {
    try {
      return Files.exists(source)
          ? files(source.toRealPath()).stream()
              .mapToLong(file -> file.toFile().length())
              .sum()
          : 0;
    } catch (IOException e) {
      throw failed("%s cannot be read".formatted(source), e);
    }
  }

  /** The regular files. An entry that is deleted while its folder is listed is left out. */
  private static List<Path> files(Path source) throws IOException {
    List<Path> found = new ArrayList<>();
    Files.walkFileTree(source, new SimpleFileVisitor<>() {
      @Override
      public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
        if (attributes.isRegularFile()) {
          found.add(file);
        }
        return FileVisitResult.CONTINUE;
      }

      @Override
      public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
        if (failure instanceof NoSuchFileException) {
          return FileVisitResult.CONTINUE;
        }
        throw failure;
      }

      @Override
      public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException failure)
          throws IOException {
        if (failure == null || failure instanceof NoSuchFileException) {
          return FileVisitResult.CONTINUE;
        }
        throw failure;
      }
    });
    return found;
  }

  /**
   * Deletes an unfinished backup, which has stores and can have the master key. A failure to delete is
   * added to the error that is being reported.
   */
  void discard(Throwable why) {
    try {
      Files.walkFileTree(path, new SimpleFileVisitor<>() {
        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
            throws IOException {
          Files.delete(file);
          return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException failure)
            throws IOException {
          Files.delete(folder);
          return FileVisitResult.CONTINUE;
        }
      });
    } catch (IOException e) {
      throw new UserError(
          "%s\nthe unfinished backup %s cannot be deleted (%s): delete it, because it can have the master key"
              .formatted(why instanceof UserError ? why.getMessage() : why, path, e),
          why);
    }
  }

  /** Copies a file. Only its owner can read the copy from its first byte on. */
  private static void copy(Path file, Path target) throws IOException {
    Path parent = target.getParent();
    if (parent != null) {
      Files.createDirectories(parent, asFileAttribute(fromString("rwx------")));
    }
    try (FileChannel from = FileChannel.open(file, StandardOpenOption.READ);
        FileChannel to = FileChannel.open(
            target,
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            asFileAttribute(fromString("rw-------")))) {
      long copied = 0;
      while (copied < from.size()) {
        copied += from.transferTo(copied, from.size() - copied, to);
      }
    } catch (NoSuchFileException deleted) {
      // it was deleted since the folder was listed
    }
  }

  /** Writes the list of contents, after all files are on the disk. */
  Contents finish(Instant now, String installation, Optional<String> bucket) {
    try (Stream<Path> found = Files.walk(path)) {
      List<Item> files = new ArrayList<>();
      for (Path file : found.filter(Files::isRegularFile).sorted().toList()) {
        onlyForOwner(file);
        sync(file);
        files.add(item(file, path.relativize(file).toString()));
      }
      Contents contents = new Contents(now, installation, bucket, files);
      Path written = path.resolve(CONTENTS + ".new");
      Files.write(written, Json.write(contents));
      sync(written);
      Files.move(written, path.resolve(CONTENTS), StandardCopyOption.ATOMIC_MOVE);
      sync(path); // the new name
      return contents;
    } catch (IOException | UncheckedIOException e) {
      throw failed("the backup cannot be finished", e);
    }
  }

  private static void onlyForOwner(Path file) throws IOException {
    if (file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      Files.setPosixFilePermissions(file, fromString("rw-------"));
    }
  }

  private static void sync(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  private static Item item(Path file, String name) throws IOException {
    MessageDigest digest = Sha256.begin();
    long bytes = 0;
    byte[] buffer = new byte[BUFFER];
    try (InputStream content = Files.newInputStream(file)) {
      for (int read = content.read(buffer); read >= 0; read = content.read(buffer)) {
        digest.update(buffer, 0, read);
        bytes += read;
      }
    }
    return new Item(name.replace('\\', '/'), bytes, HexFormat.of().formatHex(digest.digest()));
  }

  /**
   * Compares the files of conversations in the backup with the copy of their database.
   *
   * @return what is missing; empty if all files are there, or belong into a bucket
   * @throws UserError if it has no files, although messages have some
   */
  Optional<String> missingFiles(Optional<String> bucket) {
    Path database = path.resolve(Role.CONVERSATIONS.word() + ".db");
    if (bucket.isPresent() || !Files.exists(database)) {
      return Optional.empty();
    }
    FilesOfCopy files = new FilesOfCopy(database, path.resolve(FILES));
    if (!files.isTheirFolder()) {
      throw new UserError(
          ("the backup %s has no files of conversations, but messages have some: make a new one,"
                  + " with the volume of the folder %s mounted")
              .formatted(path, FILES));
    }
    List<Sid.Media> missing = files.missing();
    return missing.isEmpty()
        ? Optional.empty()
        : Optional.of(("the backup lacks %d of the files of conversations, such as %s: they were"
                + " deleted while it was made, or were missing before")
            .formatted(missing.size(), missing.getFirst().text()));
  }

  /**
   * Reads everything and compares it with the list of contents.
   *
   * @throws UserError if the backup cannot be used
   */
  Contents verified() {
    Path list = path.resolve(CONTENTS);
    if (!Files.exists(list)) {
      throw new UserError(
          "%s has no %s: the backup was cut off, or this is another folder; make a new one"
              .formatted(path, CONTENTS));
    }
    try {
      Contents contents = Json.read(Files.readAllBytes(list), Contents.class);
      List<String> faults = new ArrayList<>();
      for (Item wanted : contents.files()) {
        fault(wanted).ifPresent(why -> faults.add(wanted.name() + ": " + why));
      }
      if (!faults.isEmpty()) {
        throw new UserError("the backup %s is damaged, use another one:\n%s"
            .formatted(path, String.join("\n", faults)));
      }
      return contents;
    } catch (IOException | Json.Malformed e) {
      throw failed("%s cannot be read".formatted(list), e);
    }
  }

  private Optional<String> fault(Item wanted) throws IOException {
    Path file = path.resolve(wanted.name()).normalize();
    if (!file.startsWith(path.normalize())) {
      return Optional.of("it is outside of the backup");
    }
    if (!Files.isRegularFile(file)) {
      return Optional.of("it is missing");
    }
    Item found = item(file, wanted.name());
    if (found.bytes() != wanted.bytes()) {
      return Optional.of("it has %d bytes, not %d".formatted(found.bytes(), wanted.bytes()));
    }
    if (!found.sha256().equals(wanted.sha256())) {
      return Optional.of("its content has changed");
    }
    return wanted.name().endsWith(".db") ? SqliteBackup.fault(file) : Optional.empty();
  }

  /**
   * Copies everything into a data folder. A process refuses to start over it until all is there.
   *
   * @param space of the data folder
   * @param places where the files with these names belong; all others belong into the folder
   * @param complain receives a complaint if the disk will be nearly full
   * @throws UserError if one of the files exists there with another content, or the disk has no room
   */
  void restoreTo(
      FreeSpace space, Contents contents, Map<String, Path> places, Consumer<String> complain) {
    Path data = space.folder();
    Map<Item, Path> targets = new LinkedHashMap<>();
    contents
        .files()
        .forEach(
            file -> targets.put(file, places.getOrDefault(file.name(), data.resolve(file.name()))));
    try {
      for (Map.Entry<Item, Path> file : targets.entrySet()) {
        demandSameOrMissing(file.getValue(), file.getKey());
      }
      space.demandBytesAlone(missingBytes(targets)).ifPresent(complain);
      Path unfinished = Files.createFile(data.resolve(DataFolder.UNFINISHED_RESTORE));
      sync(data);
      for (Map.Entry<Item, Path> file : targets.entrySet()) {
        if (!Files.exists(file.getValue())) {
          copy(path.resolve(file.getKey().name()), file.getValue());
          sync(file.getValue());
        }
      }
      for (Path target : targets.values()) {
        sync(target.resolveSibling(".")); // the new names
      }
      Files.delete(unfinished);
      sync(data);
    } catch (IOException | UncheckedIOException e) {
      throw failed("the backup cannot be restored to " + data, e);
    }
  }

  private static long missingBytes(Map<Item, Path> targets) {
    return targets.entrySet().stream()
        .filter(file -> !Files.exists(file.getValue()))
        .mapToLong(file -> file.getKey().bytes())
        .sum();
  }

  private static void demandSameOrMissing(Path target, Item wanted) throws IOException {
    if (Files.exists(target) && !item(target, wanted.name()).equals(wanted)) {
      throw new UserError(
          "%s is not the file of this backup: move it away, if nothing needs it, and restore again"
              .formatted(target));
    }
  }

  private static UserError failed(String what, Exception e) {
    return new UserError("%s: %s".formatted(what, e));
  }
}

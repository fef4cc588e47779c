package parlour.store;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import parlour.Limits;

/**
 * Whether a disk of this process has room: that of its stores for new chats, and that of the files, if it is
 * another one, for uploads. If it has not, running chats continue: a flood must not take the last free
 * bytes from them.
 */
public final class DiskSpace {
  private static final Logger log = LoggerFactory.getLogger(DiskSpace.class);

  private final Source source;
  private final Use use;

  /** The disk of the stores, if this is the one of the files: an upload needs room on both. */
  private final @Nullable DiskSpace stores;

  private volatile boolean scarce;
  private volatile @Nullable Space last;

  /** The log's words for a disk. */
  private enum Use {
    STORES("the disk", "running chats. No new chat can begin", "new chats can begin"),
    FILES(
        "the disk of the folder of files (media)",
        "the uploads of running chats. No file can be uploaded",
        "files can be uploaded");

    private final String disk;
    private final String consequence;
    private final String end;

    Use(String disk, String consequence, String end) {
      this.disk = disk;
      this.consequence = consequence;
      this.end = end;
    }
  }

  /** Free and total space in bytes. */
  public record Space(long free, long total) {}

  /** Reads the free space. */
  @FunctionalInterface
  public interface Source {
    /** Reads the space; empty if it cannot be known, because the stores are in a PostgreSQL. */
    Optional<Space> read() throws IOException;
  }

  public DiskSpace(Source source) {
    this(source, Use.STORES, null);
  }

  private DiskSpace(Source source, Use use, @Nullable DiskSpace stores) {
    this.source = source;
    this.use = use;
    this.stores = stores;
  }

  /** The space of a disk that this process cannot read; it never counts as scarce. */
  public static DiskSpace unknown() {
    return new DiskSpace(Optional::empty);
  }

  /** The space of the disk that holds a folder. */
  public static DiskSpace of(Path folder) {
    return new DiskSpace(source(folder));
  }

  /**
   * The space for files on a disk of their own; it counts as scarce also while that of the stores does.
   */
  public static DiskSpace ofFiles(Source source, DiskSpace stores) {
    return new DiskSpace(source, Use.FILES, stores);
  }

  /** Whether two folders are on different disks; false if that cannot be known. */
  public static boolean areApart(Path one, Path other) {
    try {
      return !Files.getFileStore(one).equals(Files.getFileStore(other));
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * Reads the space of the disk that holds a folder. A {@link java.nio.file.FileStore} needs the place where
   * the disk is mounted, which a process below a {@code chroot} does not see.
   */
  public static Source source(Path folder) {
    return () -> {
      File place = folder.toFile();
      long total = place.getTotalSpace();
      if (total == 0) {
        throw new IOException("the operating system reports no size for the file system of "
            + folder + "; check that it is mounted and that this user can read it");
      }
      return Optional.of(new Space(place.getUsableSpace(), total));
    };
  }

  /** Whether no new chat may begin, or no file may be uploaded. */
  public boolean isScarce() {
    return scarce || (stores != null && stores.isScarce());
  }

  /** Whether this disk itself is the scarce one. */
  public boolean isFull() {
    return scarce;
  }

  /** The space as it was read last; empty if it was never known. */
  public Optional<Space> last() {
    return Optional.ofNullable(last);
  }

  /**
   * Reads the space again. The result changes to scarce at once, and back only with some margin.
   */
  public void check() {
    Optional<Space> space;
    try {
      space = source.read();
    } catch (IOException e) {
      log.warn("the free space of {} cannot be read: {}", use.disk, e.toString());
      return;
    }
    if (space.isEmpty()) {
      return;
    }
    last = space.get();
    long free = space.get().free();
    long watermark = watermark(space.get().total());
    if (!scarce && free < watermark) {
      scarce = true;
      log.error(
          "{} is nearly full: {} MiB are free of the {} MiB reserved for {} until more is free:"
              + " delete other files, enlarge the disk, or keep conversations for a shorter time"
              + " (docs/operating.md, \"The disk\")",
          use.disk,
          free >> 20,
          watermark >> 20,
          use.consequence);
    } else if (scarce && free >= watermark + watermark / 10) {
      scarce = false;
      log.info("{} has {} MiB free again: {}", use.disk, free >> 20, use.end);
    }
  }

  /**
   * The watermark: a twentieth of the disk, but bounded on a large disk, and enough on a small one.
   */
  public static long watermark(long total) {
    return Math.max(
        Limits.MIN_DISK_RESERVE,
        Math.min(total / Limits.DISK_RESERVE_PART, Limits.MAX_DISK_RESERVE));
  }
}

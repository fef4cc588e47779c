package parlour.store;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import parlour.Limits;

/**
 * Whether the disk of this process's stores has room for new chats. If it has not, running chats
 * continue: a flood must not take the last free bytes from them.
 */
public final class DiskSpace {
  private static final Logger log = LoggerFactory.getLogger(DiskSpace.class);

  private final Source source;
  private volatile boolean scarce;

  /** Free and total space in bytes. */
  public record Space(long free, long total) {}

  /** Reads the free space. */
  @FunctionalInterface
  public interface Source {
    /** Reads the space; empty if it cannot be known, because the stores are in a PostgreSQL. */
    Optional<Space> read() throws IOException;
  }

  public DiskSpace(Source source) {
    this.source = source;
  }

  /** The space of a disk that this process cannot read; it never counts as scarce. */
  public static DiskSpace unknown() {
    return new DiskSpace(Optional::empty);
  }

  /** The space of the disk that holds a folder. */
  public static DiskSpace of(Path folder) {
    return new DiskSpace(source(folder));
  }

  /** Reads the space of the disk that holds a folder. */
  public static Source source(Path folder) {
    return () -> {
      FileStore disk = Files.getFileStore(folder);
      return Optional.of(new Space(disk.getUsableSpace(), disk.getTotalSpace()));
    };
  }

  /** Whether no new chat may begin. */
  public boolean isScarce() {
    return scarce;
  }

  /**
   * Reads the space again. The result changes to scarce at once, and back only with some margin.
   */
  public void check() {
    Optional<Space> space;
    try {
      space = source.read();
    } catch (IOException e) {
      log.warn("the free space of the data folder's disk cannot be read: {}", e.toString());
      return;
    }
    if (space.isEmpty()) {
      return;
    }
    long free = space.get().free();
    long watermark = watermark(space.get().total());
    if (!scarce && free < watermark) {
      scarce = true;
      log.error(
          "the disk is nearly full: {} MiB are free of the {} MiB reserved for running chats. No"
              + " new chat can begin until more is free: delete other files, enlarge the disk, or"
              + " keep conversations for a shorter time (docs/operating.md, \"The disk\")",
          free >> 20,
          watermark >> 20);
    } else if (scarce && free >= watermark + watermark / 10) {
      scarce = false;
      log.info("the disk has {} MiB free again: new chats can begin", free >> 20);
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

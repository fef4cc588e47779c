package parlour;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether the disk under this process's stores has room for new chats. While it has not, those who
 * chat already go on: a flood must not take the last bytes from them.
 */
public final class DiskSpace {
  private static final Logger log = LoggerFactory.getLogger(DiskSpace.class);

  private final Source source;
  private volatile boolean scarce;

  /** What is free and what there is, in bytes. */
  public record Space(long free, long total) {}

  /** Reads it. */
  @FunctionalInterface
  public interface Source {
    /** Empty where it can not be known: the stores are in a PostgreSQL. */
    Optional<Space> read() throws IOException;
  }

  public DiskSpace(Source source) {
    this.source = source;
  }

  /** Of a disk that can not be seen from here; it never counts as scarce. */
  public static DiskSpace unknown() {
    return new DiskSpace(Optional::empty);
  }

  /** Of the disk that a folder is on. */
  public static DiskSpace of(Path folder) {
    return new DiskSpace(() -> {
      FileStore disk = Files.getFileStore(folder);
      return Optional.of(new Space(disk.getUsableSpace(), disk.getTotalSpace()));
    });
  }

  /** Whether no new chat may begin. */
  public boolean isScarce() {
    return scarce;
  }

  /** Reads it again. What it says changes at once to worse, and to better only with some margin. */
  public void check() {
    Optional<Space> space;
    try {
      space = source.read();
    } catch (IOException e) {
      log.warn("the free space of the data folder's disk can not be read: {}", e.toString());
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
          "the disk is nearly full: {} MiB are free of the {} MiB that are kept for running chats. No"
              + " new chat begins until there is more: remove what is not needed, enlarge it, or keep"
              + " conversations for less long (docs/operating.md, \"The disk\")",
          free >> 20,
          watermark >> 20);
    } else if (scarce && free >= watermark + watermark / 10) {
      scarce = false;
      log.info("the disk has {} MiB free again: new chats begin", free >> 20);
    }
  }

  /** A twentieth, but of a large disk no more than is of use, and of a small one enough. */
  static long watermark(long total) {
    return Math.max(
        Limits.DISK_FREE_LEAST, Math.min(total / Limits.DISK_FREE_PART, Limits.DISK_FREE_ENOUGH));
  }
}

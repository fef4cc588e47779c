package parlour.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import parlour.store.DiskSpace;

/**
 * The free space for the copies of a command. The reserve for running chats stays free, because the
 * disk is often that of a running instance, in which every change fails on a full disk.
 *
 * @param folder the folder that the copies are written to
 * @param disk reads the space of its disk
 */
record FreeSpace(Path folder, DiskSpace.Source disk) {
  /** The space of a folder to which nothing is written. */
  static final FreeSpace UNKNOWN = new FreeSpace(Path.of(""), Optional::empty);

  /**
   * Fails if the disk has no room.
   *
   * @param bytes how many bytes will be written
   * @throws UserError if the reserve for running chats would not stay free
   */
  void demand(long bytes) {
    read().filter(space -> takesReserve(space, bytes)).ifPresent(space -> {
      throw new UserError(
          ("there is no room on the disk of %s: %s are free, %s must be written, and %s are"
                  + " reserved for running chats. Name a folder on another disk, or delete other"
                  + " files")
              .formatted(folder, free(space), mebibytes(bytes), reserve(space)));
    });
  }

  /**
   * Fails only if the disk has no room for the bytes alone: a restore ends an outage, and Parlour runs
   * without the reserve, too.
   *
   * @param bytes how many bytes will be written
   * @return a complaint, if the reserve for running chats will not stay free
   * @throws UserError if the bytes have no room
   */
  Optional<String> demandBytesAlone(long bytes) {
    Optional<DiskSpace.Space> found = read();
    found.filter(space -> space.free() < bytes).ifPresent(space -> {
      throw new UserError(
          ("there is no room on the disk of %s: %s are free, and %s must be written. Name a folder"
                  + " on another disk, or delete other files")
              .formatted(folder, free(space), mebibytes(bytes)));
    });
    return found
        .filter(space -> takesReserve(space, bytes))
        .map(space -> ("the disk of %s is nearly full: %s are free, %s will be written, and %s are"
                + " reserved for running chats. No new chat can begin until you delete other files")
            .formatted(folder, free(space), mebibytes(bytes), reserve(space)));
  }

  private Optional<DiskSpace.Space> read() {
    try {
      return disk.read();
    } catch (IOException e) {
      throw new UserError("the free space of %s cannot be read: %s".formatted(folder, e));
    }
  }

  private static boolean takesReserve(DiskSpace.Space space, long bytes) {
    return space.free() - bytes < DiskSpace.watermark(space.total());
  }

  private static String free(DiskSpace.Space space) {
    return mebibytes(space.free());
  }

  private static String reserve(DiskSpace.Space space) {
    return mebibytes(DiskSpace.watermark(space.total()));
  }

  private static String mebibytes(long bytes) {
    return "%,d MiB".formatted((bytes >> 20) + 1);
  }
}

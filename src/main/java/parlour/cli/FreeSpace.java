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
    try {
      disk.read()
          .filter(space -> space.free() - bytes < DiskSpace.watermark(space.total()))
          .ifPresent(space -> {
            throw new UserError(
                ("there is no room on the disk of %s: %s are free, %s must be written, and %s are"
                        + " reserved for running chats. Name a folder on another disk, or delete other"
                        + " files")
                    .formatted(
                        folder,
                        mebibytes(space.free()),
                        mebibytes(bytes),
                        mebibytes(DiskSpace.watermark(space.total()))));
          });
    } catch (IOException e) {
      throw new UserError("the free space of %s cannot be read: %s".formatted(folder, e));
    }
  }

  private static String mebibytes(long bytes) {
    return "%,d MiB".formatted((bytes >> 20) + 1);
  }
}

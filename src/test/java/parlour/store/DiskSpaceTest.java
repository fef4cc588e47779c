package parlour.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import parlour.Limits;

class DiskSpaceTest {
  private static final long TOTAL = 20L << 30;
  private static final long WATERMARK = 1L << 30; // a twentieth

  private long free = TOTAL;
  private final DiskSpace disk = new DiskSpace(() -> Optional.of(new DiskSpace.Space(free, TOTAL)));

  @Test
  void space_is_scarce_below_a_twentieth_until_some_margin_above_it() {
    assertThat(scarceWith(WATERMARK)).isFalse();
    assertThat(scarceWith(WATERMARK - 1)).isTrue();
    assertThat(scarceWith(WATERMARK + 1))
        .isTrue(); // it does not change back and forth with each message
    assertThat(scarceWith(WATERMARK + WATERMARK / 10)).isFalse();
    assertThat(scarceWith(WATERMARK)).isFalse();
  }

  @Test
  void the_watermark_is_bounded_on_a_large_disk_and_enough_on_a_small_one() {
    assertThat(DiskSpace.watermark(1L << 30)).isEqualTo(Limits.MIN_DISK_RESERVE);
    assertThat(DiskSpace.watermark(TOTAL)).isEqualTo(WATERMARK);
    assertThat(DiskSpace.watermark(10L << 40)).isEqualTo(Limits.MAX_DISK_RESERVE);
  }

  @Test
  void an_unreadable_disk_changes_nothing(@TempDir Path folder) {
    DiskSpace unreadable = new DiskSpace(() -> {
      throw new IOException("no such disk");
    });
    unreadable.check();
    assertThat(unreadable.isScarce()).isFalse();
    DiskSpace unknown = DiskSpace.unknown();
    unknown.check();
    assertThat(unknown.isScarce()).isFalse();
    DiskSpace gone = DiskSpace.of(folder.resolve("not there"));
    gone.check();
    assertThat(gone.isScarce()).isFalse();
  }

  @Test
  void a_full_disk_of_files_stops_uploads_only_and_a_full_disk_of_stores_stops_both() {
    long[] ofFiles = {TOTAL};
    DiskSpace files =
        DiskSpace.ofFiles(() -> Optional.of(new DiskSpace.Space(ofFiles[0], TOTAL)), disk);
    files.check();
    assertThat(scarceWith(TOTAL)).isFalse();
    assertThat(files.isScarce()).isFalse();

    ofFiles[0] = WATERMARK - 1;
    files.check();
    assertThat(files.isScarce()).isTrue();
    assertThat(files.isFull()).isTrue();
    assertThat(disk.isScarce()).as("chats begin").isFalse();
    assertThat(files.last()).contains(new DiskSpace.Space(WATERMARK - 1, TOTAL));

    ofFiles[0] = TOTAL;
    files.check();
    assertThat(files.isScarce()).isFalse();
    assertThat(scarceWith(WATERMARK - 1)).isTrue();
    assertThat(files.isScarce()).as("an upload needs a row in the store, too").isTrue();
    assertThat(files.isFull()).isFalse();
  }

  @Test
  void the_space_of_a_folder_is_that_of_its_disk(@TempDir Path folder) throws IOException {
    FileStore disk = Files.getFileStore(folder);
    DiskSpace.Space space = DiskSpace.source(folder).read().orElseThrow();
    assertThat(space.total()).isEqualTo(disk.getTotalSpace());
    assertThat(space.free()).isPositive().isLessThanOrEqualTo(disk.getTotalSpace());
  }

  @Test
  void only_folders_on_two_disks_are_apart(@TempDir Path folder) {
    assertThat(DiskSpace.areApart(folder, folder)).isFalse();
    assertThat(DiskSpace.areApart(folder, folder.resolve("not there"))).isFalse();
    Path kernel = Path.of("/proc"); // a disk of its own wherever it is
    assumeTrue(Files.isDirectory(kernel));
    assertThat(DiskSpace.areApart(folder, kernel)).isTrue();
  }

  private boolean scarceWith(long bytes) {
    free = bytes;
    disk.check();
    return disk.isScarce();
  }
}

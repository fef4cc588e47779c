package parlour.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import parlour.Limits;
import parlour.Sid;
import parlour.StartupError;
import parlour.Unavailable;
import parlour.conversations.SqlConversationStore;
import parlour.media.MediaFile.Part;
import parlour.store.Database;
import parlour.store.DiskSpace;
import parlour.store.Sqlite;

class FolderMediaTest extends MediaContract {
  private static final byte[] TEXT = "Hello\n".getBytes(StandardCharsets.UTF_8);

  @TempDir
  Path folder;

  @Override
  protected Database open() {
    return Sqlite.open(folder.resolve("conversations.db"), SqlConversationStore.SCHEMA);
  }

  @Override
  protected MediaService media(Database database, DiskSpace disk) {
    return MediaService.inFolder(files(), database, disk, this::now);
  }

  private Path files() {
    return folder.resolve("media");
  }

  @Override
  protected boolean hasBytes() {
    return !bytes().isEmpty();
  }

  private List<Path> bytes() {
    try (Stream<Path> found = Files.walk(files())) {
      return found
          .filter(Files::isRegularFile)
          .filter(path -> !path.endsWith(FolderBytes.MARKER))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  protected void lose(Sid.Media file) {
    for (Path path : bytes()) {
      if (path.getFileName().toString().startsWith(file.text())) {
        try {
          Files.delete(path);
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    }
  }

  @Override
  protected void writeLate(Sid.Media file) {
    new FolderBytes(files()).write(file, Part.ORIGINAL, 0, new Chunk(TEXT));
  }

  @Test
  void files_that_cannot_be_deleted_keep_no_other_file_from_the_sweep() throws IOException {
    List<Sid.Media> files = new ArrayList<>();
    for (int i = 0; i < 2 * Limits.MEDIA_SWEEP_FAILURES + 2; i++) {
      files.add(stored(i + ".txt", TEXT).sid());
    }
    files.sort(Comparator.comparing(Sid.Media::text));
    List<Sid.Media> stuck = files.subList(0, 2 * Limits.MEDIA_SWEEP_FAILURES);
    for (Path path : bytes()) {
      if (stuck.stream().anyMatch(file -> path.toString().contains(file.text()))) {
        Files.delete(path);
        Files.createDirectories(path.resolve("in-the-way"));
      }
    }
    database.write(sql -> sql.update("UPDATE media SET state = 'deleted'"));
    for (int sweep = 0; sweep < 3; sweep++) {
      media.sweep();
    }
    assertThat(bytes()).isEmpty();
    assertThat(used()).isEqualTo((long) stuck.size() * TEXT.length);
    for (Sid.Media file : stuck) {
      Path path = files().resolve(file.text().substring(2, 4)).resolve(file.text() + ".original");
      Files.delete(path.resolve("in-the-way"));
    }
    for (int sweep = 0; sweep < 3; sweep++) {
      media.sweep();
    }
    assertThat(used()).isZero();
  }

  /** Leaves the empty folder on which a volume would be mounted. */
  private Path unmount() throws IOException {
    Path elsewhere = Files.move(files(), folder.resolve("elsewhere"));
    Files.createDirectory(files());
    return elsewhere;
  }

  private void mount(Path volume) throws IOException {
    Files.delete(files()); // fails unless nothing was written into it
    Files.move(volume, files());
  }

  @Test
  void while_the_volume_is_not_mounted_nothing_counts_as_deleted_and_nothing_is_written()
      throws IOException {
    MediaFile kept = stored("kept.txt", TEXT);
    MediaFile deleted = stored("deleted.txt", TEXT);
    Sid.Media arriving = begun(TEXT.length);
    media.append(arriving, 0, new Chunk(TEXT));
    database.write(sql -> sql.update(
        "UPDATE media SET state = 'deleted' WHERE sid = ?", deleted.sid().text()));
    long used = used();

    Path volume = unmount();
    assertThatThrownBy(() -> media.read(kept.sid(), Part.ORIGINAL, 0))
        .isInstanceOf(Unavailable.class)
        .hasMessageContaining("is a volume not mounted?");
    assertThatThrownBy(() -> media.append(arriving, 0, new Chunk(TEXT)))
        .isInstanceOf(Unavailable.class);
    assertThatThrownBy(() -> media.finish(arriving, "arriving.txt", ""))
        .as("neither empty nor stored")
        .isInstanceOf(Unavailable.class);
    media.sweep();
    assertThat(used()).isEqualTo(used);

    mount(volume);
    assertThat(read(kept.sid(), Part.ORIGINAL)).isEqualTo(TEXT);
    assertThat(media.finish(arriving, "arriving.txt", ""))
        .isInstanceOf(Media.Finished.Stored.class);
    media.sweep();
    assertThat(bytes()).noneMatch(path -> path.toString().contains(deleted.sid().text()));
  }

  @Test
  void a_start_over_a_folder_without_its_files_is_refused_with_the_remedy() throws IOException {
    MediaFile kept = stored("kept.txt", TEXT);
    Path volume = unmount();
    Files.createDirectory(files().resolve("lost+found"));
    assertThatThrownBy(() -> media(database, DiskSpace.unknown()))
        .isInstanceOf(StartupError.class)
        .hasMessageContaining(files().toString())
        .hasMessageContaining("a volume is not mounted")
        .hasMessageContaining("touch " + files().resolve(FolderBytes.MARKER));
    Files.delete(files().resolve("lost+found"));
    mount(volume);
    Files.delete(files().resolve(FolderBytes.MARKER)); // as an earlier version left it
    media = media(database, DiskSpace.unknown());
    assertThat(read(kept.sid(), Part.ORIGINAL)).isEqualTo(TEXT);
    assertThat(files().resolve(FolderBytes.MARKER)).exists();
  }
}

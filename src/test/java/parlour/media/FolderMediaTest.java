package parlour.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
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
    assertThatThrownBy(() -> media.finish(arriving, "arriving.txt"))
        .as("neither empty nor stored")
        .isInstanceOf(Unavailable.class);
    media.sweep();
    assertThat(used()).isEqualTo(used);

    mount(volume);
    assertThat(read(kept.sid(), Part.ORIGINAL)).isEqualTo(TEXT);
    assertThat(media.finish(arriving, "arriving.txt")).isInstanceOf(Media.Finished.Stored.class);
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

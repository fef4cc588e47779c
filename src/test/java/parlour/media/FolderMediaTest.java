package parlour.media;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import parlour.conversations.SqlConversationStore;
import parlour.store.Database;
import parlour.store.DiskSpace;
import parlour.store.Sqlite;

class FolderMediaTest extends MediaContract {
  @TempDir
  Path folder;

  @Override
  protected Database open() {
    return Sqlite.open(folder.resolve("conversations.db"), SqlConversationStore.SCHEMA);
  }

  @Override
  protected MediaService media(Database database, DiskSpace disk) {
    return MediaService.inFolder(folder.resolve("media"), database, disk, this::now);
  }

  @Override
  protected boolean hasBytes() {
    Path media = folder.resolve("media");
    if (!Files.exists(media)) {
      return false;
    }
    try (Stream<Path> found = Files.walk(media)) {
      return found.anyMatch(Files::isRegularFile);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

package parlour.media;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import parlour.conversations.SqlConversationStore;
import parlour.store.Database;
import parlour.store.Sqlite;

class FolderBucketMediaTest extends BucketMediaContract {
  @TempDir
  Path folder;

  @Override
  protected Database open() {
    return Sqlite.open(folder.resolve("conversations.db"), SqlConversationStore.SCHEMA);
  }

  @Override
  protected Optional<Path> folder() {
    return Optional.of(folder.resolve("media"));
  }

  @Override
  protected boolean hasLocalBytes() {
    try (Stream<Path> found = Files.walk(folder.resolve("media"))) {
      return found
          .filter(Files::isRegularFile)
          .anyMatch(path -> !path.endsWith(FolderBytes.MARKER));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

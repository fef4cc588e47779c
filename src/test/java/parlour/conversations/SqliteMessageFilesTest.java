package parlour.conversations;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import parlour.store.Database;
import parlour.store.SqliteDatabase;

class SqliteMessageFilesTest extends MessageFilesContract {
  @TempDir
  Path folder;

  @Override
  protected Database open() {
    return SqliteDatabase.open(folder.resolve("conversations.db"), SqlConversationStore.SCHEMA);
  }
}

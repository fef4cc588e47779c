package parlour.conversations;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import parlour.store.Database;
import parlour.store.SqliteDatabase;

class SqliteMessageLogTest extends MessageLogContract {
  @TempDir
  Path folder;

  @Override
  protected Database open() {
    return SqliteDatabase.open(folder.resolve("conversations.db"), SqlConversationStore.SCHEMA);
  }
}

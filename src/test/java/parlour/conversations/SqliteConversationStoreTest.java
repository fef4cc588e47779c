package parlour.conversations;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import parlour.store.Database;
import parlour.store.SqliteDatabase;

class SqliteConversationStoreTest extends ConversationStoreContract {
  @TempDir
  Path folder;

  @Override
  protected Database open() {
    return SqliteDatabase.open(folder.resolve("conversations.db"), SqlConversationStore.SCHEMA);
  }
}

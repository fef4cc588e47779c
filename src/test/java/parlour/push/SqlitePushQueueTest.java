package parlour.push;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import parlour.conversations.SqlConversationStore;
import parlour.store.Database;
import parlour.store.Sqlite;

class SqlitePushQueueTest extends PushQueueContract {
  @TempDir
  Path folder;

  @Override
  protected Database open() {
    return Sqlite.open(folder.resolve("conversations.db"), SqlConversationStore.SCHEMA);
  }
}

package parlour.conversations;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import parlour.store.Database;
import parlour.store.Sqlite;

class SqliteTeamStoreTest extends TeamStoreContract {
  @TempDir
  Path folder;

  @Override
  protected Database open() {
    return Sqlite.open(folder.resolve("conversations.db"), SqlConversationStore.SCHEMA);
  }
}

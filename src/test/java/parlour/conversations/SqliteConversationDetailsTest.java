package parlour.conversations;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import parlour.store.Database;
import parlour.store.Schema;
import parlour.store.Sqlite;

class SqliteConversationDetailsTest extends ConversationDetailsContract {
  @TempDir
  private Path folder;

  private String file = "conversations.db";

  @Override
  protected Database open(Schema schema) {
    return Sqlite.open(folder.resolve(file), schema);
  }

  @Override
  protected void emptied() {
    file = "another.db";
  }
}

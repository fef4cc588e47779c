package parlour.scopedauth;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import parlour.store.Database;
import parlour.store.Sqlite;

class SqliteKeysTest extends KeysContract {
  @TempDir
  Path folder;

  @Override
  protected Database open() {
    return Sqlite.open(folder.resolve("scoped-auth.db"), SqlSessions.SCHEMA);
  }
}

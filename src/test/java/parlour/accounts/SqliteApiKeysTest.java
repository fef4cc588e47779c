package parlour.accounts;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import parlour.store.Database;
import parlour.store.Sqlite;

class SqliteApiKeysTest extends ApiKeysContract {
  @TempDir
  Path folder;

  @Override
  protected Database open() {
    return Sqlite.open(folder.resolve("orchestrator.db"), SqlAccounts.SCHEMA);
  }
}

package parlour.accounts;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import parlour.store.Database;
import parlour.store.SqliteDatabase;

class SqliteAccountsTest extends AccountsContract {
  @TempDir
  Path folder;

  @Override
  protected Database open() {
    return SqliteDatabase.open(folder.resolve("orchestrator.db"), SqlAccounts.SCHEMA);
  }
}

package parlour.inbox;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import parlour.accounts.SqlAccounts;
import parlour.store.Database;
import parlour.store.Sqlite;

class SqliteAgentRosterTest extends AgentRosterContract {
  @TempDir
  Path folder;

  @Override
  protected Database open() {
    return Sqlite.open(folder.resolve("orchestrator.db"), SqlAccounts.SCHEMA);
  }
}

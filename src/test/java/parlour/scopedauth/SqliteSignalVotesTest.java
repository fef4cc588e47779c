package parlour.scopedauth;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import parlour.store.Database;
import parlour.store.SqliteDatabase;

class SqliteSignalVotesTest extends SignalVotesContract {
  @TempDir
  Path folder;

  @Override
  protected Database open() {
    return SqliteDatabase.open(folder.resolve("scoped-auth.db"), SqlSessions.SCHEMA);
  }
}

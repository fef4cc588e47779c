package parlour.samples;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import parlour.scopedauth.SqlSessions;
import parlour.store.Database;
import parlour.store.Sqlite;

class SqliteSamplesTest extends SamplesContract {
  @TempDir
  Path folder;

  @Override
  protected Database open() {
    return Sqlite.open(folder.resolve("scoped-auth.db"), SqlSessions.SCHEMA);
  }
}

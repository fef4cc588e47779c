package parlour.store;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

final class SqliteDatabaseTest extends DatabaseContract {
  @TempDir
  Path folder;

  @Override
  Database open() {
    return SqliteDatabase.open(
        folder.resolve("storetest.db"), THINGS, MigrationMode.APPLY, StoreLimits.DEFAULT);
  }
}

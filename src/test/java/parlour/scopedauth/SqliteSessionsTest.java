package parlour.scopedauth;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import org.junit.jupiter.api.io.TempDir;
import parlour.store.Database;
import parlour.store.Sqlite;

class SqliteSessionsTest extends SessionsContract {
  @TempDir
  Path folder;

  @Override
  protected Database open() {
    return open("scoped-auth.db");
  }

  private Database open(String file) {
    return Sqlite.open(folder.resolve(file), SqlSessions.SCHEMA);
  }

  @Override
  protected Connection connection() throws SQLException {
    open("plans.db").close(); // this process must not open a file in use in another way
    return DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("plans.db"));
  }

  @Override
  protected String wholeTable() {
    return "SCAN guest_session";
  }
}

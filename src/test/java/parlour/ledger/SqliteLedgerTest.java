package parlour.ledger;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import org.junit.jupiter.api.io.TempDir;
import parlour.scopedauth.SqlSessions;
import parlour.store.Database;
import parlour.store.Sqlite;

class SqliteLedgerTest extends LedgerContract {
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
    return "SCAN ledger_entry";
  }

  @Override
  protected String sorting() {
    return "USE TEMP B-TREE";
  }
}

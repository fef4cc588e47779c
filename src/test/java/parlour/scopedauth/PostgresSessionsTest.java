package parlour.scopedauth;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import parlour.store.Database;
import parlour.store.Postgres;
import parlour.store.PostgresServer;

class PostgresSessionsTest extends SessionsContract {
  private final PostgresServer server = Postgres.with(SqlSessions.SCHEMA);

  @Override
  protected Database open() {
    return Postgres.open(server, SqlSessions.SCHEMA);
  }

  @Override
  protected Connection connection() throws SQLException {
    Connection connection = Postgres.operator(server.database());
    try (Statement setting = connection.createStatement()) {
      setting.execute("SET search_path TO parlour_scoped_auth");
      setting.execute("SET enable_seqscan TO off"); // it is faster while the table is empty
    }
    return connection;
  }

  @Override
  protected String wholeTable() {
    return "Seq Scan";
  }
}

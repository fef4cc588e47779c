package parlour.scopedauth;

import parlour.store.Database;
import parlour.store.Postgres;
import parlour.store.PostgresServer;

class PostgresKeysTest extends KeysContract {
  private final PostgresServer server = Postgres.with(SqlSessions.SCHEMA);

  @Override
  protected Database open() {
    return Postgres.open(server, SqlSessions.SCHEMA);
  }
}

package parlour.samples;

import parlour.scopedauth.SqlSessions;
import parlour.store.Database;
import parlour.store.Postgres;
import parlour.store.PostgresServer;

class PostgresSamplesTest extends SamplesContract {
  private final PostgresServer server = Postgres.with(SqlSessions.SCHEMA);

  @Override
  protected Database open() {
    return Postgres.open(server, SqlSessions.SCHEMA);
  }
}

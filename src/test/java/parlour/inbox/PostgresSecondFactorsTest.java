package parlour.inbox;

import parlour.accounts.SqlAccounts;
import parlour.store.Database;
import parlour.store.Postgres;
import parlour.store.PostgresServer;

class PostgresSecondFactorsTest extends SecondFactorsContract {
  private final PostgresServer server = Postgres.with(SqlAccounts.SCHEMA);

  @Override
  protected Database open() {
    return Postgres.open(server, SqlAccounts.SCHEMA);
  }
}

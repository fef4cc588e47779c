package parlour.accounts;

import parlour.store.Database;
import parlour.store.Postgres;
import parlour.store.PostgresServer;

class PostgresAccountsTest extends AccountsContract {
  private final PostgresServer server = Postgres.with(SqlAccounts.SCHEMA);

  @Override
  protected Database open() {
    return Postgres.open(server, SqlAccounts.SCHEMA);
  }
}

package parlour.conversations;

import parlour.store.Database;
import parlour.store.Postgres;
import parlour.store.PostgresServer;
import parlour.store.Schema;

class PostgresSearchTest extends SearchContract {
  private final PostgresServer server = Postgres.fresh();
  private final PostgresServer another = Postgres.fresh();

  @Override
  protected Database open(Schema schema) {
    return Postgres.open(server, schema);
  }

  @Override
  protected Database openAnother(Schema schema) {
    return Postgres.open(another, schema);
  }
}

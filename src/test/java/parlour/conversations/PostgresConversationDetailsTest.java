package parlour.conversations;

import parlour.store.Database;
import parlour.store.Postgres;
import parlour.store.PostgresServer;
import parlour.store.Schema;

class PostgresConversationDetailsTest extends ConversationDetailsContract {
  private PostgresServer server = Postgres.fresh();

  @Override
  protected Database open(Schema schema) {
    return Postgres.open(server, schema);
  }

  @Override
  protected void emptied() {
    server = Postgres.fresh();
  }
}

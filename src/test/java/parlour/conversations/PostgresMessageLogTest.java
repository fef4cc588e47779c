package parlour.conversations;

import parlour.store.Database;
import parlour.store.Postgres;
import parlour.store.PostgresServer;

class PostgresMessageLogTest extends MessageLogContract {
  private final PostgresServer server = Postgres.with(SqlConversationStore.SCHEMA);

  @Override
  protected Database open() {
    return Postgres.open(server, SqlConversationStore.SCHEMA);
  }
}

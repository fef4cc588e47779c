package parlour.media;

import java.nio.file.Path;
import java.util.Optional;
import parlour.LongForm;
import parlour.conversations.SqlConversationStore;
import parlour.store.Database;
import parlour.store.Postgres;
import parlour.store.PostgresServer;

@LongForm(instead = "FolderBucketMediaTest and DatabaseMediaTest")
class DatabaseBucketMediaTest extends BucketMediaContract {
  private final PostgresServer server = Postgres.fresh();

  @Override
  protected Database open() {
    return Postgres.open(server, SqlConversationStore.SCHEMA);
  }

  @Override
  protected Optional<Path> folder() {
    return Optional.empty();
  }

  @Override
  protected boolean hasLocalBytes() {
    return database
        .readOne(sql -> sql.first("SELECT 1 FROM media_chunk LIMIT 1", row -> true))
        .isPresent();
  }
}

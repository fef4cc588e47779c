package parlour.media;

import parlour.Sid;
import parlour.conversations.SqlConversationStore;
import parlour.store.Database;
import parlour.store.DiskSpace;
import parlour.store.Postgres;
import parlour.store.PostgresServer;

class DatabaseMediaTest extends MediaContract {
  private final PostgresServer server = Postgres.with(SqlConversationStore.SCHEMA);

  @Override
  protected Database open() {
    return Postgres.open(server, SqlConversationStore.SCHEMA);
  }

  @Override
  protected MediaService media(Database database, DiskSpace disk) {
    return MediaService.inDatabase(database, disk, this::now);
  }

  @Override
  protected void writeLate(Sid.Media file) {
    new SqlBytes(database)
        .write(file, MediaFile.Part.ORIGINAL, 0, new Chunk(new byte[] {'a', '\n'}));
  }

  @Override
  protected void lose(Sid.Media file) {
    database.write(sql -> sql.update("DELETE FROM media_chunk WHERE media_sid = ?", file.text()));
  }

  @Override
  protected boolean hasBytes() {
    try (Database database = open()) {
      return database
          .readOne(sql -> sql.first("SELECT 1 FROM media_chunk LIMIT 1", row -> true))
          .isPresent();
    }
  }
}

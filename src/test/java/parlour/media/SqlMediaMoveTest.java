package parlour.media;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import parlour.Limits;
import parlour.Sid;
import parlour.conversations.SqlConversationStore;
import parlour.media.MediaFile.Part;
import parlour.store.DataCopy;
import parlour.store.Database;
import parlour.store.DiskSpace;
import parlour.store.Postgres;
import parlour.store.PostgresDatabase;
import parlour.store.PostgresServer;
import parlour.store.SqliteDatabase;

class SqlMediaMoveTest {
  private static final SecureRandom random = new SecureRandom();
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  @TempDir
  Path folder;

  private final Sid.Account account = Sid.Account.random(random);

  @Test
  void files_can_be_read_where_their_records_were_moved_to() throws IOException {
    Path file = folder.resolve("conversations.db");
    Path media = folder.resolve("media");
    byte[] longText = "0123456789".repeat(Limits.MEDIA_CHUNK / 4).getBytes(StandardCharsets.UTF_8);
    byte[] image = Images.encoded(Images.redAndBlue(20, 10), "png");
    MediaFile text;
    MediaFile picture;
    MediaFile lost;
    try (Database database = SqliteDatabase.open(file, SqlConversationStore.SCHEMA)) {
      Media before = MediaService.inFolder(media, database, DiskSpace.unknown(), () -> NOW);
      text = uploaded(before, "long.txt", longText);
      picture = uploaded(before, "picture.png", image);
      lost = uploaded(before, "lost.txt", image);
    }
    remove(media, lost);
    PostgresServer server = Postgres.with(SqlConversationStore.SCHEMA);
    DataCopy copy = new DataCopy(file, server, SqlConversationStore.SCHEMA);
    copy.copy("a folder", _ -> {});
    assertThat(SqlMediaMove.move(media, copy)).isEqualTo(new SqlMediaMove.Moved(2, 1));
    assertThat(SqlMediaMove.move(media, copy))
        .as("repeated")
        .isEqualTo(new SqlMediaMove.Moved(2, 1));
    DataCopy.finish(List.of(copy));
    try (Database database = PostgresDatabase.open(server, SqlConversationStore.SCHEMA)) {
      Media after = MediaService.inDatabase(database, DiskSpace.unknown(), () -> NOW);
      assertThat(after.find(account, text.sid())).contains(text);
      assertThat(after.read(text.sid(), Part.ORIGINAL, Limits.MEDIA_CHUNK))
          .contains(
              new Chunk(Arrays.copyOfRange(longText, Limits.MEDIA_CHUNK, 2 * Limits.MEDIA_CHUNK)));
      assertThat(after.read(picture.sid(), Part.ORIGINAL, 0)).contains(new Chunk(image));
      assertThat(after.read(picture.sid(), Part.PREVIEW, 0).orElseThrow().length())
          .isEqualTo(
              (int) picture.content().orElseThrow().preview().orElseThrow().bytes());
    }
  }

  private static void remove(Path media, MediaFile file) throws IOException {
    try (Stream<Path> found = Files.walk(media)) {
      for (Path path : found.filter(Files::isRegularFile).toList()) {
        if (path.getFileName().toString().startsWith(file.sid().text())) {
          Files.delete(path);
        }
      }
    }
  }

  private MediaFile uploaded(Media media, String name, byte[] bytes) {
    Sid.Media sid = Sid.Media.random(random);
    media.begin(new Media.NewFile(
        sid,
        new MediaFile.Owner(account, Optional.empty(), MediaFile.Owner.SERVER),
        Optional.empty(),
        MediaFile.CATEGORY,
        bytes.length));
    for (int from = 0; from < bytes.length; from += Limits.MEDIA_CHUNK) {
      int to = Math.min(bytes.length, from + Limits.MEDIA_CHUNK);
      media.append(sid, from, new Chunk(Arrays.copyOfRange(bytes, from, to)));
    }
    return ((Media.Finished.Stored) media.finish(sid, name, "")).file();
  }
}

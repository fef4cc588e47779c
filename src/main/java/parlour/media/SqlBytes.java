package parlour.media;

import java.util.Locale;
import java.util.Optional;
import parlour.Limits;
import parlour.Sid;
import parlour.store.Database;

/** The bytes of files in the database itself, which all nodes share. */
final class SqlBytes implements MediaBytes {
  /** Writes one chunk, again if it is written twice. */
  static final String WRITE = """
      INSERT INTO media_chunk (media_sid, part, number, bytes) VALUES (?, ?, ?, ?)
      ON CONFLICT (media_sid, part, number) DO UPDATE SET bytes = excluded.bytes
      """;

  private final Database database;

  SqlBytes(Database database) {
    this.database = database;
  }

  @Override
  public void open(boolean isUsed) {
    // The bytes are beside their records.
  }

  @Override
  public void write(Sid.Media file, MediaFile.Part part, long offset, Chunk chunk) {
    database.write(sql ->
        sql.update(WRITE, file.text(), word(part), offset / Limits.MEDIA_CHUNK, chunk.bytes()));
  }

  @Override
  public long arrived(Sid.Media file) {
    return length(file, MediaFile.Part.ORIGINAL);
  }

  @Override
  public long sync(Sid.Media file, MediaFile.Part part) {
    return length(file, part); // each write was durable when it returned
  }

  private long length(Sid.Media file, MediaFile.Part part) {
    return database
        .readOne(sql -> sql.first("""
            SELECT COALESCE(SUM(LENGTH(bytes)), 0) AS length FROM media_chunk
            WHERE media_sid = ? AND part = ?
            """, row -> row.getLong("length"), file.text(), word(part)))
        .orElseThrow();
  }

  @Override
  public Optional<Chunk> read(Sid.Media file, MediaFile.Part part, long offset) {
    return database.readOne(sql -> sql.first(
        "SELECT bytes FROM media_chunk WHERE media_sid = ? AND part = ? AND number = ?",
        row -> new Chunk(row.getBytes("bytes")),
        file.text(),
        word(part),
        offset / Limits.MEDIA_CHUNK));
  }

  @Override
  public void delete(Sid.Media file, MediaFile.Part part) {
    database.write(sql -> sql.update(
        "DELETE FROM media_chunk WHERE media_sid = ? AND part = ?", file.text(), word(part)));
    database.scrubSoon();
  }

  static String word(MediaFile.Part part) {
    return part.name().toLowerCase(Locale.ROOT);
  }
}

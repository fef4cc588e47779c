package parlour.media;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import parlour.Limits;
import parlour.Sid;
import parlour.media.Media.Begun;
import parlour.store.Sql;

/** The records of files. They are in the database of conversations, beside the messages. */
public final class SqlMedia {
  private static final String COLUMNS = """
      sid, account_sid, conversation_sid, author, message_sid, file_name, category, state, \
      content_type, file_bytes, preview_type, preview_bytes, created_at""";

  private SqlMedia() {}

  /**
   * A record, with what only this package needs.
   *
   * @param room the bytes that are reserved for the file, apart from those for a preview
   */
  record Row(MediaFile file, State state, long room) {
    boolean isStored() {
      return state == State.STORED;
    }
  }

  /** How far an upload is. A deleted one is not read. */
  enum State {
    ARRIVING,
    CHECKING,
    STORED
  }

  /** A file whose bytes can be deleted, and then its record. */
  record Deleted(Sid.Media file, Sid.Account account) {}

  /** See {@link Media#begin}. */
  static Begun begin(Sql sql, Media.NewFile file, Instant now) throws SQLException {
    if (find(sql, file.sid()).isPresent()) {
      return new Begun.Accepted(); // the call was repeated
    }
    Sid.Account account = file.owner().account();
    sql.update(
        "INSERT INTO media_usage (account_sid, bytes) VALUES (?, 0) ON CONFLICT DO NOTHING",
        account.text());
    // There must be room for all of the file, but only the room of its first bytes is taken.
    long room = Limits.MEDIA_ROOM_STEP;
    long max = room(Math.max(1, file.maxBytes())) + Limits.MEDIA_PREVIEW_BYTES;
    if (!take(sql, account, room + Limits.MEDIA_PREVIEW_BYTES, max)) {
      return new Begun.Full(Begun.Scope.ACCOUNT);
    }
    Optional<Begun> refusal = file.owner().conversation().isPresent()
        ? refusal(sql, file, max, file.owner().conversation().get())
        : Optional.empty();
    if (refusal.isPresent()) {
      use(sql, account, -room - Limits.MEDIA_PREVIEW_BYTES);
      return refusal.get();
    }
    sql.update(
        """
            INSERT INTO media (sid, account_sid, conversation_sid, author, client_id, file_name,
              category, state, file_bytes, preview_bytes, created_at)
            VALUES (?, ?, ?, ?, ?, '', ?, 'arriving', ?, ?, ?)
            """,
        file.sid().text(),
        account.text(),
        file.owner().conversation().map(Sid.Conversation::text).orElse(null),
        file.owner().author(),
        file.clientId().orElse(null),
        file.category(),
        room,
        Limits.MEDIA_PREVIEW_BYTES,
        now);
    return new Begun.Accepted();
  }

  /** The room for so many bytes: whole steps, so that few chunks of a file need more. */
  private static long room(long bytes) {
    long steps = (bytes + Limits.MEDIA_ROOM_STEP - 1) / Limits.MEDIA_ROOM_STEP;
    return steps * Limits.MEDIA_ROOM_STEP;
  }

  /**
   * Takes room of an account, and locks its row first, so that two uploads cannot use the same
   * room.
   *
   * @param max the room that must be free
   * @return false if it is not; nothing is changed then
   */
  private static boolean take(Sql sql, Sid.Account account, long room, long max)
      throws SQLException {
    return sql.update(
            "UPDATE media_usage SET bytes = bytes + ? WHERE account_sid = ? AND bytes <= ?",
            room,
            account.text(),
            Limits.MEDIA_ACCOUNT_BYTES - max)
        > 0;
  }

  /**
   * Takes more room for an upload, if it still arrives and does not have it.
   *
   * @param bytes of the file that will have arrived
   * @return the scope that lacks room (conversation or account), in which case nothing was changed;
   *     empty if the room was taken
   */
  static Optional<Begun.Scope> grow(Sql sql, MediaFile file, long bytes) throws SQLException {
    Sid.Account account = file.owner().account();
    use(sql, account, 0); // locks the account's row first, as a new upload does
    Optional<Row> arriving = find(sql, file.sid()).filter(row -> row.state() == State.ARRIVING);
    long more = room(bytes) - arriving.map(Row::room).orElse(Long.MAX_VALUE);
    if (more <= 0) {
      return Optional.empty();
    }
    if (!take(sql, account, more, more)) {
      return Optional.of(Begun.Scope.ACCOUNT);
    }
    Optional<Sid.Conversation> conversation = file.owner().conversation();
    if (conversation.isPresent()
        && usage(sql, conversation.get(), file.owner().author()).bytes() + more
            > Limits.MEDIA_CONVERSATION_BYTES) {
      use(sql, account, -more);
      return Optional.of(Begun.Scope.CONVERSATION);
    }
    int changed = sql.update(
        "UPDATE media SET file_bytes = file_bytes + ? WHERE sid = ? AND state = 'arriving'",
        more,
        file.sid().text());
    if (changed == 0) { // deleted meanwhile
      use(sql, account, -more);
    }
    return Optional.empty();
  }

  private static Optional<Begun> refusal(
      Sql sql, Media.NewFile file, long max, Sid.Conversation conversation) throws SQLException {
    Usage usage = usage(sql, conversation, file.owner().author());
    if (usage.unsent() >= Limits.MEDIA_UNSENT) {
      return Optional.of(new Begun.TooManyUnsent());
    }
    return usage.bytes() + max > Limits.MEDIA_CONVERSATION_BYTES
        ? Optional.of(new Begun.Full(Begun.Scope.CONVERSATION))
        : Optional.empty();
  }

  /**
   * The files of a conversation.
   *
   * @param bytes that they have, or that are reserved for them
   * @param unsent the files of one author that no message has taken
   */
  private record Usage(long bytes, long unsent) {}

  private static Usage usage(Sql sql, Sid.Conversation conversation, String author)
      throws SQLException {
    return sql.first(
            """
            SELECT COALESCE(SUM(file_bytes + preview_bytes), 0) AS bytes,
              COALESCE(SUM(CASE
                WHEN message_sid IS NULL AND author = ? AND state <> 'deleted' THEN 1
                ELSE 0 END), 0) AS unsent
            FROM media WHERE conversation_sid = ?
            """,
            row -> new Usage(row.getLong("bytes"), row.getLong("unsent")),
            author,
            conversation.text())
        .orElseThrow();
  }

  /** One file, if there is any whose bytes have arrived, and may not have been deleted yet. */
  static final String ARRIVED = """
      SELECT sid FROM media
      WHERE state <> 'arriving' AND file_bytes + preview_bytes > 0 LIMIT 1
      """;

  static Optional<Boolean> hasArrived(Sql sql) throws SQLException {
    return sql.first(ARRIVED, _ -> true);
  }

  static Optional<Row> find(Sql sql, Sid.Media file) throws SQLException {
    return sql.first(
        "SELECT " + COLUMNS + " FROM media WHERE sid = ? AND state <> 'deleted'",
        SqlMedia::row,
        file.text());
  }

  /** Ends the arriving of bytes; empty if the attempt was deleted. */
  static Optional<Row> check(Sql sql, Sid.Media file) throws SQLException {
    sql.update(
        "UPDATE media SET state = 'checking' WHERE sid = ? AND state = 'arriving'", file.text());
    return find(sql, file);
  }

  /**
   * Stores what the checks of an attempt have found.
   *
   * @return the stored file: that of an earlier attempt with the same client id, if there is one;
   *     empty if this attempt was deleted meanwhile
   */
  static Optional<MediaFile> finish(Sql sql, Row row, String fileName, MediaFile.Content content)
      throws SQLException {
    long previewBytes = content.preview().map(MediaFile.Preview::bytes).orElse(0L);
    // Locks the account's row first, so that two attempts of one file end one after the other.
    use(
        sql,
        row.file().owner().account(),
        content.bytes() + previewBytes - row.room() - Limits.MEDIA_PREVIEW_BYTES);
    Optional<MediaFile> earlier = earlier(sql, row.file().sid());
    int changed = sql.update(
        """
            UPDATE media
            SET state = ?, file_name = ?, content_type = ?, file_bytes = ?, preview_type = ?,
              preview_bytes = ?
            WHERE sid = ? AND state = 'checking'
            """,
        earlier.isPresent() ? "deleted" : "stored",
        fileName,
        content.type(),
        content.bytes(),
        content.preview().map(MediaFile.Preview::type).orElse(null),
        previewBytes,
        row.file().sid().text());
    if (changed == 0) { // deleted with the room that it had reserved
      use(
          sql,
          row.file().owner().account(),
          row.room() + Limits.MEDIA_PREVIEW_BYTES - content.bytes() - previewBytes);
      return Optional.empty();
    }
    return earlier.isPresent() ? earlier : find(sql, row.file().sid()).map(Row::file);
  }

  /** The file that an earlier attempt with the same client id has stored. */
  private static Optional<MediaFile> earlier(Sql sql, Sid.Media attempt) throws SQLException {
    return sql.first("SELECT " + COLUMNS + """
             FROM media
            WHERE state = 'stored' AND (conversation_sid, author, client_id) = (
              SELECT conversation_sid, author, client_id FROM media WHERE sid = ?)
            """, SqlMedia::row, attempt.text()).map(Row::file);
  }

  /**
   * Gives stored files to a message, in the transaction that adds it.
   *
   * @return the files in the given order; fewer if one of them is not stored, was sent before, or
   *     belongs to somebody else: then the caller must not commit
   */
  public static List<MediaFile> take(
      Sql sql, MediaFile.Owner owner, Sid.Message message, List<Sid.Media> files)
      throws SQLException {
    var taken = new ArrayList<MediaFile>();
    String conversation = owner.conversation().orElseThrow().text();
    for (Sid.Media file : files) {
      sql.first(
              """
              UPDATE media SET message_sid = ?, conversation_sid = ?
              WHERE sid = ? AND account_sid = ? AND author = ? AND state = 'stored'
                AND message_sid IS NULL AND (conversation_sid IS NULL OR conversation_sid = ?)
              RETURNING
              """ + COLUMNS,
              SqlMedia::row,
              message.text(),
              conversation,
              file.text(),
              owner.account().text(),
              owner.author(),
              conversation)
          .ifPresent(row -> taken.add(row.file()));
    }
    return taken;
  }

  /** Takes the files from a message that was not added after all, in the same transaction. */
  public static void giveBack(Sql sql, Sid.Message message) throws SQLException {
    sql.update("""
            UPDATE media
            SET message_sid = NULL,
              conversation_sid = CASE WHEN author = '' THEN NULL ELSE conversation_sid END
            WHERE message_sid = ?
            """, message.text());
  }

  /**
   * Marks an attempt for deletion, if it has not stored its file, and keeps room only for what
   * arrived. Otherwise clients that announce long files, and send nothing, would fill an account
   * between two sweeps.
   *
   * @param arrived bytes of the file, which the next sweep deletes
   */
  static void discard(Sql sql, Sid.Media file, long arrived) throws SQLException {
    Optional<Row> found = find(sql, file).filter(row -> !row.isStored());
    if (found.isEmpty()) {
      return;
    }
    Sid.Account account = found.get().file().owner().account();
    use(sql, account, 0); // locks the account's row first, so that the room does not grow meanwhile
    long room = find(sql, file).map(Row::room).orElse(0L);
    long kept = Math.max(1, arrived); // a sweep deletes the bytes of files that have room
    long less = room + Limits.MEDIA_PREVIEW_BYTES - kept;
    use(sql, account, -less);
    int changed = sql.update("""
            UPDATE media SET state = 'deleted', file_bytes = ?, preview_bytes = 0
            WHERE sid = ? AND state IN ('arriving', 'checking')
            """, kept, file.text());
    if (changed == 0) { // stored, or deleted with the room that it had reserved
      use(sql, account, less);
    }
  }

  /** Marks the files of a message for deletion, in the transaction that removes it. */
  public static void deleteOf(Sql sql, Sid.Message message) throws SQLException {
    sql.update("UPDATE media SET state = 'deleted' WHERE message_sid = ?", message.text());
  }

  /** Marks the files of a conversation for deletion, in the transaction that erases it. */
  public static void deleteOf(Sql sql, Sid.Conversation conversation) throws SQLException {
    sql.update(
        "UPDATE media SET state = 'deleted' WHERE conversation_sid = ?", conversation.text());
  }

  /** Marks old files that no message has taken. */
  static int deleteUnsent(Sql sql, Instant before) throws SQLException {
    return sql.update("""
            UPDATE media SET state = 'deleted'
            WHERE message_sid IS NULL AND state <> 'deleted' AND created_at < ?
            """, before);
  }

  /** Stored files in the order of their sids. */
  static List<MediaFile> stored(Sql sql, String after, int limit) throws SQLException {
    return sql.list(
        "SELECT " + COLUMNS + " FROM media WHERE state = 'stored' AND sid > ? ORDER BY sid LIMIT ?",
        row -> row(row).file(),
        after,
        limit);
  }

  /**
   * Uploads that are being checked, or whose checks were broken off, in the order of their sids.
   */
  static List<Sid.Media> checking(Sql sql, String after, int limit) throws SQLException {
    return sql.list(
        "SELECT sid FROM media WHERE state = 'checking' AND sid > ? ORDER BY sid LIMIT ?",
        row -> new Sid.Media(row.getString("sid")),
        after,
        limit);
  }

  /**
   * Deleted files in the order of their sids: those whose bytes were never deleted, and those whose
   * record can be forgotten.
   *
   * @param before uploads that began earlier have ended
   */
  static List<Deleted> deleted(Sql sql, Instant before, String after, int limit)
      throws SQLException {
    return sql.list(
        """
            SELECT sid, account_sid FROM media
            WHERE state = 'deleted' AND sid > ?
              AND (file_bytes + preview_bytes > 0 OR created_at < ?)
            ORDER BY sid LIMIT ?
            """,
        row -> new Deleted(
            new Sid.Media(row.getString("sid")), new Sid.Account(row.getString("account_sid"))),
        after,
        before,
        limit);
  }

  /** All deleted files in the order of their sids. */
  static List<Sid.Media> allDeleted(Sql sql, String after, int limit) throws SQLException {
    return sql.list(
        "SELECT sid FROM media WHERE state = 'deleted' AND sid > ? ORDER BY sid LIMIT ?",
        row -> new Sid.Media(row.getString("sid")),
        after,
        limit);
  }

  /**
   * Gives back the room of a file whose bytes were deleted, and deletes its record if its upload has ended.
   * Otherwise a call of the upload can still write bytes, such as a store that completes a write
   * after its deadline: they are deleted after that end.
   *
   * @param before uploads that began earlier have ended
   */
  static void deleteRecord(Sql sql, Deleted deleted, Instant before) throws SQLException {
    use(sql, deleted.account(), 0); // locks the account's row first, as an upload does
    Optional<Long> bytes =
        sql.first("""
            SELECT file_bytes + preview_bytes AS bytes FROM media WHERE sid = ? AND state = 'deleted'
            """, row -> row.getLong("bytes"), deleted.file().text());
    if (bytes.isEmpty()) {
      return;
    }
    use(sql, deleted.account(), -bytes.get());
    int forgotten = sql.update(
        "DELETE FROM media WHERE sid = ? AND state = 'deleted' AND created_at < ?",
        deleted.file().text(),
        before);
    if (forgotten == 0) {
      sql.update(
          "UPDATE media SET file_bytes = 0, preview_bytes = 0 WHERE sid = ?",
          deleted.file().text());
    }
  }

  private static void use(Sql sql, Sid.Account account, long more) throws SQLException {
    sql.update(
        "UPDATE media_usage SET bytes = bytes + ? WHERE account_sid = ?", more, account.text());
  }

  private static Optional<MediaFile.Preview> preview(ResultSet row) throws SQLException {
    String type = row.getString("preview_type");
    return type == null
        ? Optional.empty()
        : Optional.of(new MediaFile.Preview(type, row.getLong("preview_bytes")));
  }

  private static Row row(ResultSet row) throws SQLException {
    State state = State.valueOf(row.getString("state").toUpperCase(Locale.ROOT));
    long bytes = row.getLong("file_bytes");
    return new Row(
        new MediaFile(
            new Sid.Media(row.getString("sid")),
            new MediaFile.Owner(
                new Sid.Account(row.getString("account_sid")),
                Optional.ofNullable(row.getString("conversation_sid")).map(Sid.Conversation::new),
                row.getString("author")),
            Optional.ofNullable(row.getString("message_sid")).map(Sid.Message::new),
            row.getString("file_name"),
            row.getString("category"),
            state != State.STORED
                ? Optional.empty()
                : Optional.of(
                    new MediaFile.Content(row.getString("content_type"), bytes, preview(row))),
            Sql.instant(row, "created_at")),
        state,
        bytes);
  }
}

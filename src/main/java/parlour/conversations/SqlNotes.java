package parlour.conversations;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import parlour.Identity;
import parlour.Limits;
import parlour.Sid;
import parlour.store.Sql;

/** Notes about conversations. */
final class SqlNotes {
  private static final String NOTE = """
      SELECT added_revision, note.revision, author, author_name, body, note.created_at, removed
      FROM note JOIN conversation ON conversation.sid = note.conversation_sid
      WHERE conversation.sid = ? AND account_sid = ?""";

  private static final String OF_CONVERSATION = """
      SELECT added_revision, revision, author, author_name, body, created_at, removed
      FROM note WHERE conversation_sid = ?""";

  private SqlNotes() {}

  /** See {@link TeamStore#addNote}. */
  static NoteOutcome add(
      Sql sql,
      Sid.Account account,
      Sid.Conversation conversation,
      TeamConversations.NewNote note,
      Instant now)
      throws SQLException {
    Optional<Revision> taken = SqlRevisions.take(sql, account, conversation);
    if (taken.isEmpty()) {
      return new NoteOutcome.NotFound();
    }
    boolean isAdded = sql.update(
            """
            INSERT INTO note (conversation_sid, added_revision, revision, author, author_name, body,
              client_id, created_at)
            SELECT sid, revision, revision, ?, ?, ?, ?, ? FROM conversation WHERE sid = ? AND
              (SELECT count(*) FROM note WHERE conversation_sid = ?) < ?
            ON CONFLICT (conversation_sid, author, client_id) DO NOTHING
            """,
            note.author().text(),
            note.authorName(),
            note.body(),
            note.clientId(),
            now,
            conversation.text(),
            conversation.text(),
            Limits.NOTES_OF_A_CONVERSATION)
        == 1;
    SqlRevisions.settle(isAdded, sql, conversation, now);
    return sql.first(
            NOTE + " AND author = ? AND client_id = ?",
            SqlNotes::note,
            conversation.text(),
            account.text(),
            note.author().text(),
            note.clientId())
        .<NoteOutcome>map(NoteOutcome.Added::new)
        .orElseGet(NoteOutcome.Full::new);
  }

  /** See {@link TeamStore#removeNote}. */
  static boolean remove(
      Sql sql,
      Sid.Account account,
      Sid.Conversation conversation,
      Revision added,
      Identity author,
      Instant now)
      throws SQLException {
    Optional<Revision> taken = SqlRevisions.take(sql, account, conversation);
    if (taken.isEmpty()) {
      return false;
    }
    boolean isRemoved =
        sql.update("""
            UPDATE note SET removed = TRUE, body = '', revision = ?
            WHERE conversation_sid = ? AND added_revision = ? AND author = ? AND NOT removed
            """, taken.get().number(), conversation.text(), added.number(), author.text())
            == 1;
    SqlSearchIndex.remove(sql, conversation, SqlSearch.Kind.NOTE, added.number());
    SqlRevisions.settle(isRemoved, sql, conversation, now);
    return isRemoved;
  }

  /** See {@link TeamStore#notes}. */
  static Page<Note> after(
      Sql sql, Sid.Account account, Sid.Conversation conversation, Revision after)
      throws SQLException {
    List<Note> notes = new ArrayList<>(sql.list(
        NOTE + " AND note.revision > ? ORDER BY note.revision LIMIT ?",
        SqlNotes::note,
        conversation.text(),
        account.text(),
        after.number(),
        Limits.NOTES_READ + 1));
    boolean more = notes.size() > Limits.NOTES_READ;
    return new Page<>(more ? List.copyOf(notes.subList(0, Limits.NOTES_READ)) : notes, more);
  }

  /** A note, which can be removed. */
  static Optional<Note> find(Sql sql, Sid.Conversation conversation, Revision added)
      throws SQLException {
    return sql.first(
        OF_CONVERSATION + " AND added_revision = ?",
        SqlNotes::note,
        conversation.text(),
        added.number());
  }

  private static Note note(ResultSet row) throws SQLException {
    return new Note(
        new Revision(row.getLong("added_revision")),
        new Revision(row.getLong("revision")),
        new Identity(row.getString("author")),
        row.getString("author_name"),
        row.getString("body"),
        Sql.instant(row, "created_at"),
        row.getBoolean("removed"));
  }
}

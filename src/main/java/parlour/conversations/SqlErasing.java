package parlour.conversations;

import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import parlour.Sid;
import parlour.media.SqlMedia;
import parlour.store.Sql;

/** Finds quiet conversations, and erases a conversation with everything that belongs to it. */
final class SqlErasing {
  /** Later than every change. */
  static final Instant FOREVER = Instant.ofEpochMilli(Long.MAX_VALUE);

  private SqlErasing() {}

  /** See {@link ConversationStore#eraseQuiet}. */
  static boolean eraseQuiet(
      Sql sql, Sid.Account account, Sid.Conversation conversation, Instant since, Instant now)
      throws SQLException {
    // Locks first the row that every change of the conversation locks, and so waits for them.
    int quiet = sql.update("""
            UPDATE conversation SET revision = revision + 1
            WHERE sid = ? AND account_sid = ? AND updated_at < ?
            """, conversation.text(), account.text(), since);
    if (quiet == 0) {
      return false;
    }
    sql.update("""
              INSERT INTO erased_conversation (sid, account_sid, revision, erased_at)
              SELECT sid, account_sid, revision, ? FROM conversation WHERE sid = ?
              ON CONFLICT (sid) DO NOTHING
              """, now, conversation.text());
    SqlMedia.deleteOf(sql, conversation);
    sql.update("DELETE FROM message WHERE conversation_sid = ?", conversation.text());
    sql.update("DELETE FROM note WHERE conversation_sid = ?", conversation.text());
    sql.update("DELETE FROM conversation_event WHERE conversation_sid = ?", conversation.text());
    sql.update("DELETE FROM conversation_label WHERE conversation_sid = ?", conversation.text());
    sql.update("DELETE FROM participant WHERE conversation_sid = ?", conversation.text());
    // SqlSearchIndex has removed the texts from the index. The database deletes those that its task
    // added since then (ON DELETE CASCADE).
    return sql.update("DELETE FROM conversation WHERE sid = ?", conversation.text()) == 1;
  }

  /** See {@link ConversationStore#wasErased}. */
  static boolean wasErased(Sql sql, Sid.Account account, Sid.Conversation conversation)
      throws SQLException {
    return sql.first(
            "SELECT sid FROM erased_conversation WHERE sid = ? AND account_sid = ?",
            row -> row.getString("sid"),
            conversation.text(),
            account.text())
        .isPresent();
  }

  /** See {@link ConversationStore#deleteErasureRecords}. */
  static int deleteRecords(Sql sql, Instant before) throws SQLException {
    return sql.update("DELETE FROM erased_conversation WHERE erased_at < ?", before);
  }

  /** See {@link ConversationStore#quiet}. */
  static List<Sid.Conversation> quiet(
      Sql sql, Sid.Account account, Sid.Deployment deployment, Instant since, int limit)
      throws SQLException {
    return quiet(sql, "deployment_key", deployment, account, since, limit);
  }

  /** See {@link ConversationStore#quiet}. */
  static List<Sid.Conversation> quiet(
      Sql sql, Sid.Account account, Sid.Address address, Instant since, int limit)
      throws SQLException {
    return quiet(sql, "address_sid", address, account, since, limit);
  }

  /**
   * The account is in an expression, which no index has, because SQLite could otherwise read all
   * conversations of the account.
   */
  private static List<Sid.Conversation> quiet(
      Sql sql, String column, Sid whose, Sid.Account account, Instant since, int limit)
      throws SQLException {
    return sql.list(
        "SELECT sid FROM conversation WHERE " + column + " = ?" + """
             AND created_at < ? AND updated_at < ? AND account_sid || '' = ?
            ORDER BY created_at LIMIT ?
            """,
        row -> new Sid.Conversation(row.getString("sid")),
        whose.text(),
        since, // a conversation that began later has not been quiet for so long
        since,
        account.text(),
        limit);
  }
}

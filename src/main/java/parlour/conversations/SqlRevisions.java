package parlour.conversations;

import java.sql.SQLException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import parlour.Limits;
import parlour.Sid;
import parlour.store.RowChange;
import parlour.store.Sql;

/**
 * Gives each change of a conversation its revision. A change first takes the next revision, which
 * locks the conversation's row, and at its end keeps it or gives it back. Also reads revisions.
 */
final class SqlRevisions {
  private static final RowChange<Revision> TAKE = new RowChange<>(
      "UPDATE conversation SET revision = revision + 1 WHERE sid = ? AND account_sid = ?",
      "conversation",
      "sid",
      "revision",
      row -> new Revision(row.getLong("revision")));

  private static final String OF_THESE =
      "SELECT sid, revision FROM conversation WHERE sid IN " + Sql.places(Limits.WAKE_UP_CHECKS);

  private SqlRevisions() {}

  /** See {@link ConversationStore#revisions}. */
  static Map<Sid.Conversation, Revision> of(Sql sql, List<Sid.Conversation> conversations)
      throws SQLException {
    Map<Sid.Conversation, Revision> revisions = new HashMap<>();
    sql.list(
            OF_THESE,
            row -> Map.entry(
                new Sid.Conversation(Sql.text(row, "sid")), new Revision(row.getLong("revision"))),
            Sql.padded(conversations, Limits.WAKE_UP_CHECKS))
        .forEach(one -> revisions.put(one.getKey(), one.getValue()));
    return revisions;
  }

  /** Empty if the account has no such conversation. */
  static Optional<Revision> take(Sql sql, Sid.Account account, Sid.Conversation conversation)
      throws SQLException {
    return sql.change(TAKE, conversation.text(), conversation.text(), account.text());
  }

  /**
   * Dates the change that took the last revision, or gives the revision back.
   *
   * @param changed whether anything was changed
   */
  static void settle(boolean changed, Sql sql, Sid.Conversation conversation, Instant now)
      throws SQLException {
    if (changed) {
      sql.update("UPDATE conversation SET updated_at = ? WHERE sid = ?", now, conversation.text());
    } else { // nobody has seen it: this transaction locks the row until it ends
      sql.update(
          "UPDATE conversation SET revision = revision - 1 WHERE sid = ?", conversation.text());
    }
  }
}

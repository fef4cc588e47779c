package parlour.conversations;

import java.sql.SQLException;
import java.time.Instant;
import java.util.Optional;
import parlour.Limits;
import parlour.Sid;
import parlour.store.Sql;

/** How a message comes to the end of its conversation's log. */
final class SqlSending {
  private SqlSending() {}

  static Sent send(Sql sql, Sid.Message sid, Conversations.NewMessage message, Instant now)
      throws SQLException {
    Optional<Sent> known = sentBefore(sql, message);
    if (known.isPresent()) {
      return known.get();
    }
    long bytes = utf8(message.body()) + utf8(message.attributes());
    // Whoever holds the conversation's row is the only one who gives out its numbers.
    Optional<Numbers> taken = sql.first(
        """
              UPDATE conversation
              SET revision = revision + 1, next_index = next_index + 1, updated_at = ?,
                last_activity_at = ?, guest_spoke = (guest_spoke OR ?),
                message_bytes = message_bytes + ?
              WHERE sid = ? AND state = 'active' AND next_index < ? AND message_bytes <= ?
                AND NOT EXISTS (
                SELECT 1 FROM participant
                WHERE conversation_sid = ? AND identity = ? AND left_at IS NOT NULL
                  AND ? = 'guest')
              RETURNING revision, next_index - 1 AS message_index
              """,
        row -> new Numbers(row.getLong("revision"), row.getLong("message_index")),
        now,
        now,
        message.authorKind() == Kind.GUEST,
        bytes,
        message.conversation().text(),
        Limits.CONVERSATION_MESSAGES,
        Limits.CONVERSATION_BYTES - bytes,
        message.conversation().text(),
        message.author(),
        message.authorKind().word());
    if (taken.isEmpty()) {
      return notTaken(sql, message);
    }
    // Once more: where that statement waited for the row, it saw the participants from before.
    if (isRemovedGuest(sql, message)) {
      giveBack(sql, message.conversation(), bytes);
      return new Sent.Closed();
    }
    Numbers numbers = taken.get();
    int added = sql.update(
        """
              INSERT INTO message (sid, conversation_sid, message_index, author, author_kind,
                author_name, body, attributes, client_id, created_at, updated_at, added_revision,
                revision, removed)
              VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
              ON CONFLICT DO NOTHING
              """,
        sid.text(),
        message.conversation().text(),
        numbers.index(),
        message.author(),
        message.authorKind().word(),
        message.authorName(),
        message.body(),
        message.attributes(),
        message.clientId().orElse(null),
        now,
        now,
        numbers.revision(),
        numbers.revision(),
        false);
    if (added == 0) {
      giveBack(sql, message.conversation(), bytes);
      return sentBefore(sql, message)
          .orElseThrow(() -> new SQLException("a message was neither added nor there before"));
    }
    return new Sent.Added(new Message(
        sid,
        message.conversation(),
        numbers.index(),
        message.author(),
        message.authorKind(),
        message.authorName(),
        message.body(),
        message.attributes(),
        message.clientId(),
        now,
        now,
        numbers.revision(),
        numbers.revision(),
        false));
  }

  private record Numbers(long revision, long index) {}

  private static Sent notTaken(Sql sql, Conversations.NewMessage message) throws SQLException {
    Optional<Conversation> found = SqlConversationStore.find(sql, message.conversation());
    if (found.isEmpty()) {
      return new Sent.Nowhere();
    }
    return found.get().state() == Conversation.State.CLOSED || isRemovedGuest(sql, message)
        ? new Sent.Closed()
        : new Sent.Full();
  }

  private static boolean isRemovedGuest(Sql sql, Conversations.NewMessage message)
      throws SQLException {
    return message.authorKind() == Kind.GUEST
        && SqlConversationStore.participant(sql, message.conversation(), message.author())
            .filter(author -> !author.joined())
            .isPresent();
  }

  /** Nobody has seen the numbers: the row is locked by this transaction until it ends. */
  private static void giveBack(Sql sql, Sid.Conversation conversation, long bytes)
      throws SQLException {
    sql.update("""
              UPDATE conversation
              SET revision = revision - 1, next_index = next_index - 1,
                message_bytes = message_bytes - ?,
                last_activity_at = COALESCE(
                  (SELECT created_at FROM message
                   WHERE conversation_sid = conversation.sid
                     AND message_index = conversation.next_index - 2),
                  created_at)
              WHERE sid = ?
              """, bytes, conversation.text());
  }

  private static long utf8(String text) {
    long bytes = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      bytes += c < 0x80 ? 1 : c < 0x800 || Character.isSurrogate(c) ? 2 : 3;
    }
    return bytes;
  }

  private static Optional<Sent> sentBefore(Sql sql, Conversations.NewMessage message)
      throws SQLException {
    return sql.first(
        "SELECT " + SqlRows.MESSAGE
            + " FROM message WHERE conversation_sid = ? AND author = ? AND client_id = ?",
        row -> new Sent.Before(SqlRows.message(row)),
        message.conversation().text(),
        message.author(),
        message.clientId().orElse(null));
  }
}

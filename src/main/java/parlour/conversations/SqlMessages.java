package parlour.conversations;

import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import parlour.Limits;
import parlour.Sid;
import parlour.http.json.JsonText;
import parlour.media.SqlMedia;
import parlour.store.Sql;

/** Reads messages, and edits or removes them. {@link SqlSending} adds them. */
final class SqlMessages {
  private SqlMessages() {}

  /** See {@link ConversationStore#message}. */
  static Optional<Message> find(
      Sql sql, Sid.Account account, Sid.Conversation conversation, Sid.Message message)
      throws SQLException {
    return sql.first(
        "SELECT " + SqlRows.MESSAGE + " FROM message WHERE sid = ? AND conversation_sid = ?"
            + SqlRows.OF_ACCOUNT,
        SqlRows::message,
        message.text(),
        conversation.text(),
        account.text());
  }

  /** See {@link ConversationStore#messages}. */
  static Page<Message> page(Sql sql, Sid.Conversation conversation, PageOfMessages page)
      throws SQLException {
    String which = switch (page.removed()) {
      case SHOWN -> "";
      case PASSED_OVER -> " AND NOT removed";
    };
    return switch (page) {
      case PageOfMessages.Before(MessageIndex index, int limit, var _) -> {
        Page<Message> backwards = page(
            sql,
            which + " AND message_index < ? ORDER BY message_index DESC LIMIT ?",
            conversation,
            index.number(),
            limit,
            Amount.PAGE.room());
        yield new Page<>(backwards.items().reversed(), backwards.more());
      }
      case PageOfMessages.After(MessageIndex index, int limit, var _) ->
        page(
            sql,
            which + " AND message_index > ? ORDER BY message_index LIMIT ?",
            conversation,
            index.number(),
            limit,
            Amount.PAGE.room());
    };
  }

  /**
   * Reads messages as long as there is room for them; one more than the page has, to know whether there is one.
   *
   * @param which the rest of the statement, with places for {@code from} and for a limit
   */
  static Page<Message> page(
      Sql sql, String which, Sid.Conversation conversation, long from, int limit, Room room)
      throws SQLException {
    List<Message> messages = new ArrayList<>();
    boolean[] more = {false};
    sql.listWhile(
        "SELECT " + SqlRows.MESSAGE + " FROM message WHERE conversation_sid = ?" + which,
        SqlRows::message,
        message -> {
          if (messages.size() == limit || !room.takes(message)) {
            more[0] = true;
            return false;
          }
          messages.add(message);
          return true;
        },
        conversation.text(),
        from,
        limit + 1);
    return new Page<>(messages, more[0]);
  }

  /** See {@link ConversationStore#messagesUntil}. */
  static ConversationStore.MessagesUntil until(
      Sql sql, Sid.Conversation conversation, Revision revision) throws SQLException {
    return sql.first(
            """
            SELECT COALESCE(MAX(message_index), -1) + 1 AS next_index,
              COUNT(CASE WHEN revision <= ? AND NOT removed THEN 1 END) AS message_count
            FROM message WHERE conversation_sid = ? AND added_revision <= ?
            """,
            row -> new ConversationStore.MessagesUntil(
                new MessageIndex(row.getLong("next_index")), row.getInt("message_count")),
            revision.number(),
            conversation.text(),
            revision.number())
        .orElseThrow();
  }

  /** See {@link ConversationStore#unread}. Reads few messages also of a long conversation. */
  static Optional<Integer> unread(
      Sql sql, Sid.Conversation conversation, MessageIndex after, Optional<Revision> until)
      throws SQLException {
    return sql.first(
            """
            SELECT COUNT(*) AS later, COUNT(CASE WHEN revision <= ? AND NOT removed THEN 1 END) AS unread
            FROM message WHERE conversation_sid = ? AND message_index > ? AND message_index <= ?
            """,
            row -> row.getInt("later") > Limits.UNREAD_COUNTED
                ? Optional.<Integer>empty()
                : Optional.of(row.getInt("unread")),
            until.map(Revision::number).orElse(Long.MAX_VALUE),
            conversation.text(),
            after.number(),
            after.number() + Limits.UNREAD_COUNTED + 1)
        .orElseThrow();
  }

  /** See {@link ConversationStore#speakers}. */
  static List<GuestConversations.Speaker> speakers(Sql sql, Sid.Conversation conversation)
      throws SQLException {
    return sql.list(
        """
            SELECT author, author_kind, author_name, added_revision FROM message
            WHERE conversation_sid = ? AND message_index IN (
              SELECT MIN(message_index) FROM message WHERE conversation_sid = ? GROUP BY author)
            ORDER BY message_index DESC LIMIT ?
            """,
        row -> new GuestConversations.Speaker(
            SqlRows.author(row), new Revision(row.getLong("added_revision"))),
        conversation.text(),
        conversation.text(),
        Limits.SPEAKERS);
  }

  /** See {@link ConversationStore#edit}. */
  static Optional<Message> edit(
      Sql sql,
      Sid.Account account,
      Sid.Conversation conversation,
      Sid.Message message,
      Optional<String> body,
      Optional<JsonText> attributes,
      Instant now)
      throws SQLException {
    Optional<Revision> revision = SqlRevisions.take(sql, account, conversation);
    if (revision.isEmpty()) {
      return Optional.empty();
    }
    Version version = new Version(revision.get(), now);
    Optional<Message> edited = edit(sql, conversation, message, body, attributes, version);
    SqlRevisions.settle(edited.isPresent(), sql, conversation, now);
    return edited;
  }

  /** Edits it at a revision that was taken. */
  static Optional<Message> edit(
      Sql sql,
      Sid.Conversation conversation,
      Sid.Message message,
      Optional<String> body,
      Optional<JsonText> attributes,
      Version version)
      throws SQLException {
    Optional<Message> edited = sql.first(
        """
            UPDATE message
            SET body = COALESCE(?, body), attributes = COALESCE(?, attributes), updated_at = ?,
              revision = ?
            WHERE sid = ? AND conversation_sid = ? AND NOT removed
            RETURNING
            """ + SqlRows.MESSAGE,
        SqlRows::message,
        body.orElse(null),
        attributes.map(JsonText::text).orElse(null),
        version.at(),
        version.revision().number(),
        message.text(),
        conversation.text());
    if (edited.isPresent()) {
      removeFromIndex(sql, edited.get());
    }
    return edited;
  }

  private static void removeFromIndex(Sql sql, Message message) throws SQLException {
    SqlSearchIndex.remove(
        sql, message.conversation(), SqlSearch.Kind.MESSAGE, message.index().number());
  }

  /** See {@link ConversationStore#remove}. */
  static Optional<Message> remove(
      Sql sql, Sid.Account account, Sid.Conversation conversation, Sid.Message message, Instant now)
      throws SQLException {
    Optional<Revision> revision = SqlRevisions.take(sql, account, conversation);
    if (revision.isEmpty()) {
      return Optional.empty();
    }
    Optional<Message> removed =
        remove(sql, conversation, message, new Version(revision.get(), now));
    SqlRevisions.settle(removed.isPresent(), sql, conversation, now);
    return removed;
  }

  /** Removes its content at a revision that was taken. */
  static Optional<Message> remove(
      Sql sql, Sid.Conversation conversation, Sid.Message message, Version version)
      throws SQLException {
    Optional<Message> removed = sql.first(
        """
            UPDATE message
            SET body = ?, attributes = ?, files = NULL, removed = TRUE, updated_at = ?,
              revision = ?
            WHERE sid = ? AND conversation_sid = ? AND NOT removed
            RETURNING
            """ + SqlRows.MESSAGE,
        SqlRows::message,
        Message.Content.NONE.body(),
        Message.Content.NONE.attributes().text(),
        version.at(),
        version.revision().number(),
        message.text(),
        conversation.text());
    if (removed.isPresent()) {
      SqlMedia.deleteOf(sql, message);
      removeFromIndex(sql, removed.get());
      sql.update(
          "UPDATE conversation SET message_count = message_count - 1 WHERE sid = ?",
          conversation.text());
    }
    return removed;
  }
}

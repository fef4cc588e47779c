package parlour.conversations;

import java.sql.SQLException;
import java.time.Instant;
import java.util.Optional;
import parlour.Identity;
import parlour.Limits;
import parlour.Sid;
import parlour.http.json.JsonText;
import parlour.store.Sql;

/** Edits and removes messages for the guest who wrote them. {@link SqlMessages} does it for others. */
final class SqlOwnMessages {
  private SqlOwnMessages() {}

  /** See {@link ConversationStore#editOwn}. */
  static EditOutcome edit(
      Sql sql,
      Sid.Account account,
      Sid.Conversation conversation,
      Identity author,
      Sid.Message message,
      Optional<String> body,
      Optional<JsonText> attributes,
      Instant now)
      throws SQLException {
    return change(sql, account, conversation, author, message, now, (own, version) -> {
      if (own.removed()) {
        return new EditOutcome.NotFound();
      }
      long growth = body.map(text -> grown(text, own.body())).orElse(0L)
          + attributes.map(json -> grown(json.text(), own.attributes().text())).orElse(0L);
      if (growth > 0 && !counts(sql, conversation, growth)) {
        return new EditOutcome.Full();
      }
      return SqlMessages.edit(sql, conversation, message, body, attributes, version)
          .<EditOutcome>map(EditOutcome.Done::new)
          .orElseGet(EditOutcome.NotFound::new);
    });
  }

  private static long grown(String text, String before) {
    return SqlSending.utf8(text) - SqlSending.utf8(before);
  }

  /** Counts the bytes that an edited message is longer; false if they are too many. */
  private static boolean counts(Sql sql, Sid.Conversation conversation, long bytes)
      throws SQLException {
    return sql.update("""
            UPDATE conversation SET message_bytes = message_bytes + ?
            WHERE sid = ? AND message_bytes <= ?
            """, bytes, conversation.text(), Limits.CONVERSATION_BYTES - bytes) == 1;
  }

  /** See {@link ConversationStore#removeOwn}. */
  static EditOutcome remove(
      Sql sql,
      Sid.Account account,
      Sid.Conversation conversation,
      Identity author,
      Sid.Message message,
      Instant now)
      throws SQLException {
    return change(
        sql,
        account,
        conversation,
        author,
        message,
        now,
        (own, version) -> own.removed()
            ? new EditOutcome.Done(own)
            : SqlMessages.remove(sql, conversation, message, version)
                .<EditOutcome>map(EditOutcome.Done::new)
                .orElseGet(EditOutcome.NotFound::new));
  }

  @FunctionalInterface
  private interface SqlEdit {
    EditOutcome of(Message own, Version version) throws SQLException;
  }

  /** Locks first the row that closing, leaving and each other change lock. */
  private static EditOutcome change(
      Sql sql,
      Sid.Account account,
      Sid.Conversation conversation,
      Identity author,
      Sid.Message message,
      Instant now,
      SqlEdit edit)
      throws SQLException {
    Optional<Revision> taken = SqlRevisions.take(sql, account, conversation);
    if (taken.isEmpty()) {
      return new EditOutcome.NotFound();
    }
    Version version = new Version(taken.get(), now);
    EditOutcome outcome = allowed(sql, account, conversation, author)
        ? ofOwn(sql, account, conversation, author, message, version, edit)
        : new EditOutcome.Closed();
    boolean changed = outcome instanceof EditOutcome.Done(Message after)
        && after.revision().equals(version.revision());
    SqlRevisions.settle(changed, sql, conversation, now);
    return outcome;
  }

  private static boolean allowed(
      Sql sql, Sid.Account account, Sid.Conversation conversation, Identity author)
      throws SQLException {
    return SqlConversationRows.find(sql, account, conversation)
            .filter(one -> one.state() == Conversation.State.ACTIVE)
            .isPresent()
        && SqlParticipants.find(sql, account, conversation, author)
            .filter(Participant::joined)
            .isPresent();
  }

  private static EditOutcome ofOwn(
      Sql sql,
      Sid.Account account,
      Sid.Conversation conversation,
      Identity author,
      Sid.Message message,
      Version version,
      SqlEdit edit)
      throws SQLException {
    Optional<Message> own = SqlMessages.find(sql, account, conversation, message)
        .filter(one ->
            one.author().identity().equals(author) && one.author().kind() == ParticipantKind.GUEST);
    return own.isPresent() ? edit.of(own.get(), version) : new EditOutcome.NotFound();
  }
}

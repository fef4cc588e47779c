package parlour.conversations;

import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import parlour.Sid;
import parlour.conversations.ConversationStore.Changed;
import parlour.store.Sql;

/** Reads what changed: in one conversation after a revision, and in an account after an instant. */
final class SqlChanges {
  private SqlChanges() {}

  /** See {@link ConversationStore#changes}. */
  static Optional<Changes> of(
      Sql sql,
      Sid.Account account,
      Sid.Conversation conversation,
      Revision after,
      int limit,
      Amount amount)
      throws SQLException {
    Optional<Conversation> found = SqlConversationRows.find(sql, account, conversation);
    if (found.isEmpty()) {
      return Optional.empty();
    }
    Conversation now = found.get();
    if (!now.revision().isAfter(after)) { // the usual result of a poll without an event
      return Optional.of(new Changes(List.of(), now.revision(), false));
    }
    Conversation.Details details = now.details();
    boolean detailsChanged = details.revision().isAfter(after.laterOf(Revision.CREATED));
    if (detailsChanged && !amount.room().takes(details)) {
      return Optional.of(new Changes(List.of(), after, true));
    }
    Page<Message> page = SqlMessages.page(
        sql,
        " AND revision > ? ORDER BY revision LIMIT ?",
        conversation,
        after.number(),
        limit,
        amount.room());
    List<Message> messages = page.items();
    Revision read = messages.isEmpty() ? after : messages.getLast().revision();
    Revision upTo = page.more() ? read : now.revision();
    List<Changes.Change> changes = new ArrayList<>();
    messages.forEach(message -> changes.add(new Changes.Change.OfMessage(message)));
    sql.list(
            "SELECT " + SqlRows.PARTICIPANT
                + " FROM participant WHERE conversation_sid = ? AND revision > ?",
            SqlRows::participant,
            conversation.text(),
            after.number())
        .forEach(participant -> changes.add(new Changes.Change.OfParticipant(participant)));
    Revision stateRevision = now.status().since().revision();
    if (stateRevision.isAfter(after)) {
      changes.add(Changes.Change.OfState.of(now, stateRevision));
    }
    if (detailsChanged) {
      changes.add(new Changes.Change.OfConversation(
          details.attributes(),
          details.inboxReadIndex(),
          new Version(details.revision(), now.updated())));
    }
    changes.removeIf(change -> change.revision().isAfter(upTo));
    changes.sort(Comparator.comparing(Changes.Change::revision));
    return Optional.of(new Changes(List.copyOf(changes), upTo, page.more()));
  }

  /** See {@link ConversationStore#changed}. */
  static List<Changed> ofAccount(
      Sql sql, Sid.Account account, Conversations.Place after, Instant until, int limit)
      throws SQLException {
    return sql.list(
        """
            SELECT sid, revision, updated_at, FALSE AS erased FROM conversation
            WHERE account_sid = ? AND (updated_at, sid) > (?, ?) AND updated_at <= ?
            UNION ALL
            SELECT sid, revision, erased_at AS updated_at, TRUE AS erased FROM erased_conversation
            WHERE account_sid = ? AND (erased_at, sid) > (?, ?) AND erased_at <= ?
            ORDER BY updated_at, sid LIMIT ?
            """,
        row -> new Changed(
            new Sid.Conversation(Sql.text(row, "sid")),
            new Revision(row.getLong("revision")),
            Sql.instant(row, "updated_at"),
            row.getBoolean("erased")),
        account.text(),
        after.at(),
        after.sid().text(),
        until,
        account.text(),
        after.at(),
        after.sid().text(),
        until,
        limit);
  }
}

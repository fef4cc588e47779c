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

/** The history of conversations. Each entry is added in the transaction of its change. */
final class SqlHistory {
  private static final String NOBODY = "";
  private static final String OF_LABEL = "kind IN ('labelled', 'unlabelled')";

  private SqlHistory() {}

  /** Adds the change that made the conversation's present revision, and deletes the oldest. */
  static void add(
      Sql sql,
      Sid.Conversation conversation,
      TeamEvent.Kind kind,
      Optional<Identity> by,
      Optional<Identity> about,
      Instant now)
      throws SQLException {
    add(sql, conversation, kind, by, about.map(Identity::text).orElse(NOBODY), now);
  }

  /**
   * See the other method.
   *
   * @param about an identity, or the label of a change of one
   */
  static void add(
      Sql sql,
      Sid.Conversation conversation,
      TeamEvent.Kind kind,
      Optional<Identity> by,
      String about,
      Instant now)
      throws SQLException {
    String actor = by.map(Identity::text).orElse(NOBODY);
    sql.update("""
        INSERT INTO conversation_event (conversation_sid, revision, kind, done_by, about, created_at)
        SELECT sid, revision, ?, ?, ?, ? FROM conversation WHERE sid = ?
        """, kind.word(), actor, about, now, conversation.text());
    String ofKind = kind.isOfLabel() ? OF_LABEL : "NOT " + OF_LABEL;
    sql.update(
        """
        DELETE FROM conversation_event WHERE conversation_sid = ? AND (
          revision <= (SELECT revision FROM conversation_event WHERE conversation_sid = ?
            ORDER BY revision DESC LIMIT 1 OFFSET ?)
          OR done_by = ? AND %1$s AND revision <= (SELECT revision FROM conversation_event
            WHERE conversation_sid = ? AND done_by = ? AND %1$s
            ORDER BY revision DESC LIMIT 1 OFFSET ?))
        """.formatted(ofKind),
        conversation.text(),
        conversation.text(),
        Limits.EVENTS_OF_A_CONVERSATION,
        actor,
        conversation.text(),
        actor,
        Limits.EVENTS_OF_ONE);
  }

  /** See {@link TeamStore#history}. */
  static Page<TeamEvent> after(
      Sql sql, Sid.Account account, Sid.Conversation conversation, Revision after)
      throws SQLException {
    List<TeamEvent> events = new ArrayList<>(sql.list(
        """
            SELECT conversation_event.revision, kind, done_by, about, conversation_event.created_at
            FROM conversation_event
            JOIN conversation ON conversation.sid = conversation_event.conversation_sid
            WHERE conversation.sid = ? AND account_sid = ? AND conversation_event.revision > ?
            ORDER BY conversation_event.revision LIMIT ?
            """,
        SqlHistory::event,
        conversation.text(),
        account.text(),
        after.number(),
        Limits.EVENTS_READ + 1));
    boolean more = events.size() > Limits.EVENTS_READ;
    return new Page<>(more ? List.copyOf(events.subList(0, Limits.EVENTS_READ)) : events, more);
  }

  private static TeamEvent event(ResultSet row) throws SQLException {
    TeamEvent.Kind kind = TeamEvent.Kind.of(Sql.text(row, "kind"));
    String about = Sql.text(row, "about");
    return new TeamEvent(
        new Revision(row.getLong("revision")),
        kind,
        identity(Sql.text(row, "done_by")),
        kind.isOfLabel() ? Optional.empty() : identity(about),
        kind.isOfLabel() ? Optional.of(about) : Optional.empty(),
        Sql.instant(row, "created_at"));
  }

  private static Optional<Identity> identity(String column) {
    return column.equals(NOBODY) ? Optional.empty() : Optional.of(new Identity(column));
  }
}

package parlour.conversations;

import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import parlour.Limits;
import parlour.Sid;
import parlour.store.Sql;

/** Lists of conversations, and the overview of each in a list. */
final class SqlOverviews {
  /** Later than every change, so that a page that begins here begins with the newest. */
  private static final Instant FOREVER = Instant.ofEpochMilli(Long.MAX_VALUE);

  private SqlOverviews() {}

  /** See {@link ConversationStore#list}. */
  static Page<Conversations.Overview> list(
      Sql sql,
      Sid.Account account,
      Optional<Conversation.State> state,
      Optional<Conversations.Place> after,
      int limit)
      throws SQLException {
    return page(
        sql,
        " FROM conversation WHERE account_sid = ?"
            + (state.isPresent() ? " AND state = ?" : "")
            + " AND (created_at, sid) < (?, ?) ORDER BY created_at DESC, sid DESC LIMIT ?",
        account,
        state,
        after,
        limit);
  }

  /** See {@link ConversationStore#inbox}. */
  static Page<Conversations.Overview> inbox(
      Sql sql,
      Sid.Account account,
      Conversation.State state,
      Optional<Conversations.Place> after,
      int limit)
      throws SQLException {
    return page(
        sql,
        " FROM conversation WHERE guest_spoke AND account_sid = ? AND state = ?"
            + " AND (last_activity_at, sid) < (?, ?)"
            + " ORDER BY last_activity_at DESC, sid DESC LIMIT ?",
        account,
        Optional.of(state),
        after,
        limit);
  }

  private static Page<Conversations.Overview> page(
      Sql sql,
      String from,
      Sid.Account account,
      Optional<Conversation.State> state,
      Optional<Conversations.Place> after,
      int limit)
      throws SQLException {
    List<Object> parameters = new ArrayList<>();
    parameters.add(account.text());
    state.ifPresent(one -> parameters.add(one.word()));
    parameters.add(after.map(Conversations.Place::at).orElse(FOREVER));
    parameters.add(after.map(place -> place.sid().text()).orElse(""));
    parameters.add(limit + 1);
    return of(
        sql,
        sql.list(
            "SELECT " + SqlRows.CONVERSATION + from, SqlRows::conversation, parameters.toArray()),
        limit);
  }

  /** See {@link ConversationStore#othersOf}. */
  static Page<Conversations.Overview> othersOf(
      Sql sql, Sid.Account account, Sid.Conversation conversation, int limit) throws SQLException {
    return of(
        sql,
        sql.list(
            "SELECT " + SqlRows.CONVERSATION + """
                 FROM conversation
                WHERE account_sid = ? AND guest_spoke AND sid IN (
                  SELECT other.conversation_sid FROM participant AS one
                  JOIN participant AS other ON other.identity = one.identity
                  WHERE one.conversation_sid = ? AND one.kind = 'guest' AND other.kind = 'guest'
                    AND other.conversation_sid <> one.conversation_sid)
                ORDER BY created_at DESC, sid DESC LIMIT ?
                """,
            SqlRows::conversation,
            account.text(),
            conversation.text(),
            limit + 1),
        limit);
  }

  private static Page<Conversations.Overview> of(
      Sql sql, List<Conversation> conversations, int limit) throws SQLException {
    Room room = Amount.PAGE.room();
    List<Conversations.Overview> overviews = new ArrayList<>();
    for (Conversation conversation : conversations) {
      Conversations.Overview overview = of(sql, conversation);
      if (overviews.size() == limit || !room.takes(overview)) {
        return new Page<>(overviews, true);
      }
      overviews.add(overview);
    }
    return new Page<>(overviews, false);
  }

  /** See {@link ConversationStore#overview}. */
  static Optional<Conversations.Overview> find(
      Sql sql, Sid.Account account, Sid.Conversation conversation) throws SQLException {
    Optional<Conversation> found = SqlConversations.find(sql, account, conversation);
    return found.isEmpty() ? Optional.empty() : Optional.of(of(sql, found.get()));
  }

  private static Conversations.Overview of(Sql sql, Conversation conversation) throws SQLException {
    Optional<Participant> guest = sql.first(
        "SELECT " + SqlRows.PARTICIPANT
            + " FROM participant WHERE conversation_sid = ? AND kind = 'guest'"
            + " ORDER BY joined_at LIMIT 1",
        SqlRows::participant,
        conversation.sid().text());
    Optional<Message> last = sql.first(
        "SELECT " + SqlRows.MESSAGE + " FROM message WHERE conversation_sid = ?"
            + " ORDER BY message_index DESC LIMIT 1",
        SqlRows::message,
        conversation.sid().text());
    long unread = sql.first(
            """
            SELECT count(*) AS unread FROM (
              SELECT 1 FROM message
              WHERE conversation_sid = ? AND message_index > ? AND author_kind = 'guest'
                AND NOT removed
              LIMIT ?) AS counted
            """,
            row -> row.getLong("unread"),
            conversation.sid().text(),
            conversation.details().inboxReadIndex().number(),
            Limits.UNREAD_COUNTED)
        .orElse(0L);
    return new Conversations.Overview(conversation, guest, last, unread);
  }
}

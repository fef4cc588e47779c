package parlour.push;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import parlour.Identity;
import parlour.Limits;
import parlour.Sid;
import parlour.store.Database;
import parlour.store.Sql;

/**
 * {@link PushQueue} and {@link PushRecords} in the database of Conversations, in SQL that SQLite
 * and PostgreSQL both accept.
 */
public final class SqlPushQueue extends SqlWaitingPushes<PushQueue.Owner>
    implements PushQueue, PushRecords {
  /** Its text is always the same, so that it is prepared once. */
  private static final String WANT = """
      UPDATE push_subscription
      SET wanted = wanted + 1,
        due_at = COALESCE(due_at, CASE WHEN quiet_until > ? THEN quiet_until ELSE ? END)
      WHERE conversation_sid IN %s
      """.formatted(Sql.places(Limits.PUSH_STATEMENT));

  /** Deletes the subscriptions of some sessions. */
  private static final String UNSUBSCRIBE =
      "DELETE FROM push_subscription WHERE session_sid IN " + Sql.places(Limits.PUSH_STATEMENT);

  /**
   * @param database with the schema of Conversations
   */
  public SqlPushQueue(Database database) {
    super(database, "push_subscription", "session_sid", "account_sid, conversation_sid, identity");
  }

  /**
   * Asks for pushes to the guests of conversations, in the transaction that adds a message of
   * somebody else to each. They are due after a pause, in which a guest who has the page open reads
   * the message.
   */
  public static void messagesAdded(Sql sql, List<Sid.Conversation> conversations, Instant now)
      throws SQLException {
    Instant due = now.plus(Limits.PUSH_DELAY);
    for (int from = 0; from < conversations.size(); from += Limits.PUSH_STATEMENT) {
      @Nullable Object[] arguments = new Object[2 + Limits.PUSH_STATEMENT]; // the rest stays null
      arguments[0] = due;
      arguments[1] = due;
      for (int i = from; i < Math.min(conversations.size(), from + Limits.PUSH_STATEMENT); i++) {
        arguments[2 + i - from] = conversations.get(i).text();
      }
      sql.update(WANT, arguments);
    }
  }

  @Override
  public boolean subscribe(
      Owner owner, PushSubscription subscription, String service, Instant now) {
    return database.write(sql -> {
      // Before the deletion: an earlier session of this browser may be the only one at the host.
      String known = known(sql, subscription.endpoint(), service);
      sql.update(
          """
          DELETE FROM push_subscription
          WHERE endpoint = ? AND session_sid <> ? AND account_sid = ?
          """, subscription.endpoint(), owner.session().text(), owner.account().text());
      return sql.update(
              """
              INSERT INTO push_subscription (session_sid, account_sid, conversation_sid, identity,
                endpoint, service, browser_key, auth, title, body, created_at, checked_at, wanted,
                quiet_until, failures)
              SELECT ?, account_sid, sid, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, 0
              FROM conversation WHERE sid = ? AND account_sid = ?
              ON CONFLICT (session_sid) DO UPDATE
              SET endpoint = excluded.endpoint, service = excluded.service,
                browser_key = excluded.browser_key, auth = excluded.auth, title = excluded.title,
                body = excluded.body, checked_at = excluded.checked_at, failures = 0,
                unanswered = 0, failing_since = NULL, lease = NULL
              """,
              owner.session().text(),
              owner.identity().text(),
              subscription.endpoint(),
              known,
              subscription.browserKey(),
              subscription.auth(),
              subscription.title(),
              subscription.text(),
              now,
              now,
              now,
              owner.conversation().text(),
              owner.account().text())
          == 1;
    });
  }

  @Override
  public boolean isSubscribed(Sid.Session session) {
    return database.readOne(sql -> sql.first(
            "SELECT 1 FROM push_subscription WHERE session_sid = ?", _ -> true, session.text())
        .isPresent());
  }

  @Override
  public boolean unsubscribe(Sid.Session session) {
    return database.write(sql ->
            sql.update("DELETE FROM push_subscription WHERE session_sid = ?", session.text()))
        == 1;
  }

  @Override
  public void unsubscribe(List<Sid.Session> sessions) {
    for (int from = 0; from < sessions.size(); from += Limits.PUSH_STATEMENT) {
      List<Sid.Session> some =
          sessions.subList(from, Math.min(sessions.size(), from + Limits.PUSH_STATEMENT));
      database.write(sql -> sql.update(UNSUBSCRIBE, Sql.padded(some, Limits.PUSH_STATEMENT)));
    }
  }

  @Override
  public void unsubscribeAll(Sid.Conversation conversation) {
    database.write(sql -> sql.update(
        "DELETE FROM push_subscription WHERE conversation_sid = ?", conversation.text()));
  }

  @Override
  public List<PushRecord> ofConversation(Sid.Account account, Sid.Conversation conversation) {
    return database.readOne(sql -> sql.list(
        """
        SELECT session_sid, endpoint, browser_key, title, body, created_at FROM push_subscription
        WHERE conversation_sid = ? AND account_sid = ? ORDER BY created_at, session_sid LIMIT ?
        """,
        row -> new PushRecord(
            new Sid.Session(row.getString("session_sid")),
            row.getString("endpoint"),
            row.getString("browser_key"),
            row.getString("title"),
            row.getString("body"),
            Sql.instant(row, "created_at")),
        conversation.text(),
        account.text(),
        Limits.SESSIONS_OF_A_CONVERSATION));
  }

  @Override
  protected Owner owner(ResultSet row, Instant now) throws SQLException {
    return new Owner(
        new Sid.Session(row.getString("session_sid")),
        new Sid.Account(row.getString("account_sid")),
        new Sid.Conversation(row.getString("conversation_sid")),
        new Identity(row.getString("identity")));
  }

  @Override
  protected String keyOf(Owner owner) {
    return owner.session().text();
  }

  @Override
  public boolean isUnread(Owner owner) {
    return database.readOne(sql -> sql.first(
            """
            SELECT 1 FROM participant JOIN message
              ON message.conversation_sid = participant.conversation_sid
                AND message.message_index > participant.read_index
            WHERE participant.conversation_sid = ? AND participant.identity = ?
              AND participant.left_at IS NULL
              AND message.author_kind <> 'guest' AND NOT message.removed
            LIMIT 1
            """, _ -> true, owner.conversation().text(), owner.identity().text())
        .isPresent());
  }

  @Override
  public List<Sid.Session> claimUnchecked(Instant before, Instant until, int limit) {
    return database.write(sql -> sql.list(
        """
        WITH found AS (SELECT session_sid FROM push_subscription
          WHERE checked_at < ? ORDER BY checked_at LIMIT ? %s)
        UPDATE push_subscription SET checked_at = ?
        WHERE session_sid IN (SELECT session_sid FROM found) AND checked_at < ?
        RETURNING session_sid
        """.formatted(sql.skippingLocked()),
        row -> new Sid.Session(row.getString("session_sid")),
        before,
        limit,
        until,
        before));
  }

  @Override
  public void checked(Sid.Session session, Instant now) {
    database.write(sql -> sql.update(
        "UPDATE push_subscription SET checked_at = ? WHERE session_sid = ?", now, session.text()));
  }

  @Override
  public int deleteMadeBefore(Instant before, int limit) {
    return database.write(sql -> sql.update("""
        WITH found AS (SELECT session_sid FROM push_subscription
          WHERE created_at < ? ORDER BY created_at LIMIT ? %s)
        DELETE FROM push_subscription WHERE session_sid IN (SELECT session_sid FROM found)
        """.formatted(sql.skippingLocked()), before, limit));
  }
}

package parlour.inbox;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import parlour.Identity;
import parlour.Limits;
import parlour.Sid;
import parlour.push.PushSubscription;
import parlour.push.SqlWaitingPushes;
import parlour.store.Database;
import parlour.store.Sql;

/** {@link AgentPushes} in SQL that both SQLite and PostgreSQL accept. */
public final class SqlAgentPushes extends SqlWaitingPushes<AgentPushes.Owner>
    implements AgentPushes {

  private static final String AGENT_OF_BROWSER =
      "(SELECT agent_name FROM agent_session WHERE digest = ?)";

  /**
   * @param database the orchestrator's database, with {@link parlour.accounts.SqlAccounts#SCHEMA}
   */
  public SqlAgentPushes(Database database) {
    super(database, "agent_push", "digest", "decided_until");
  }

  @Override
  protected Owner owner(ResultSet row, Instant now) throws SQLException {
    return new Owner(Sql.text(row, "digest"), Sql.instant(row, "decided_until"), now);
  }

  @Override
  protected String keyOf(Owner owner) {
    return owner.digest();
  }

  @Override
  public Outcome subscribe(
      String digest, PushSubscription subscription, String service, Instant now) {
    return database.write(sql -> {
      // Locks the agent, so that two browsers do not exceed the limit together.
      if (sql.update("UPDATE agent SET name = name WHERE name = " + AGENT_OF_BROWSER, digest)
          == 0) {
        return Outcome.SIGNED_OUT;
      }
      // Before the deletion: an earlier session of this browser may be the only one at the host.
      String known = known(sql, subscription.endpoint(), service);
      deleteOthersOf(sql, digest, subscription.endpoint());
      return insert(sql, digest, subscription, known, now) == 1
          ? Outcome.SUBSCRIBED
          : Outcome.TOO_MANY;
    });
  }

  private static void deleteOthersOf(Sql sql, String digest, String endpoint) throws SQLException {
    sql.update("""
        DELETE FROM agent_push WHERE endpoint = ? AND digest <> ? AND digest IN (
          SELECT digest FROM agent_session JOIN agent ON agent.name = agent_name
          WHERE account_sid = (SELECT account_sid FROM agent WHERE name = %s))
        """.formatted(AGENT_OF_BROWSER), endpoint, digest, digest);
  }

  private static int insert(
      Sql sql, String digest, PushSubscription subscription, String service, Instant now)
      throws SQLException {
    return sql.update(
        """
        INSERT INTO agent_push (digest, endpoint, service, browser_key, auth, title, body,
          created_at, decided_until, wanted, quiet_until, failures, unanswered)
        SELECT digest, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, 0, 0
        FROM agent_session WHERE digest = ? AND (SELECT COUNT(*) FROM agent_push
          JOIN agent_session AS other ON other.digest = agent_push.digest
          WHERE other.agent_name = agent_session.agent_name
            AND other.digest <> agent_session.digest) < ?
        ON CONFLICT (digest) DO UPDATE
        SET endpoint = excluded.endpoint, service = excluded.service,
          browser_key = excluded.browser_key, auth = excluded.auth, title = excluded.title,
          body = excluded.body, failures = 0, unanswered = 0, failing_since = NULL, lease = NULL
        """,
        subscription.endpoint(),
        service,
        subscription.browserKey(),
        subscription.auth(),
        subscription.title(),
        subscription.text(),
        now,
        now,
        now,
        digest,
        Limits.AGENT_PUSH_BROWSERS);
  }

  @Override
  public boolean isSubscribed(String digest) {
    return database.readOne(
        sql -> sql.first("SELECT 1 FROM agent_push WHERE digest = ?", _ -> true, digest)
            .isPresent());
  }

  @Override
  public void unsubscribe(String digest) {
    database.write(sql -> sql.update("DELETE FROM agent_push WHERE digest = ?", digest));
  }

  @Override
  public Map<Sid.Account, Instant> accounts() {
    Map<Sid.Account, Instant> accounts = new LinkedHashMap<>();
    database
        .readOne(sql -> sql.list(
            """
            SELECT account_sid, MIN(agent_push.created_at) AS first_at
            FROM agent_push JOIN agent_session ON agent_session.digest = agent_push.digest
              JOIN agent ON agent.name = agent_session.agent_name
            GROUP BY account_sid
            """,
            row -> Map.entry(
                new Sid.Account(Sql.text(row, "account_sid")), Sql.instant(row, "first_at"))))
        .forEach(entry -> accounts.put(entry.getKey(), entry.getValue()));
    return accounts;
  }

  @Override
  public Optional<Instant> recordedUntil(Sid.Account account) {
    return database.readOne(sql -> sql.first(
        "SELECT since FROM agent_push_watch WHERE account_sid = ?",
        row -> Sql.instant(row, "since"),
        account.text()));
  }

  @Override
  public void record(
      Sid.Account account,
      Instant until,
      List<GuestMessage> messages,
      List<Sid.Conversation> erased,
      Instant now) {
    database.write(sql -> {
      // First, so that two processes do not wait for subscriptions that the other one has locked.
      sql.update("""
          INSERT INTO agent_push_watch (account_sid, since) VALUES (?, ?)
          ON CONFLICT (account_sid) DO UPDATE SET since = CASE
            WHEN agent_push_watch.since < excluded.since THEN excluded.since
            ELSE agent_push_watch.since END
          """, account.text(), until);
      for (GuestMessage one : messages) {
        if (isNew(sql, account, one, now)) {
          ask(sql, account, one, now);
        }
      }
      for (Sid.Conversation one : erased) {
        sql.update("DELETE FROM agent_push_message WHERE conversation_sid = ?", one.text());
      }
      return messages.size();
    });
  }

  private static boolean isNew(Sql sql, Sid.Account account, GuestMessage message, Instant now)
      throws SQLException {
    return sql.update(
            """
            INSERT INTO agent_push_message (
              conversation_sid, account_sid, address_sid, assignee, mark, recorded_at)
            VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (conversation_sid) DO UPDATE
            SET assignee = excluded.assignee, mark = excluded.mark,
              recorded_at = excluded.recorded_at
            WHERE agent_push_message.mark < excluded.mark
            """,
            message.conversation().text(),
            account.text(),
            message.desk().text(),
            assignee(message),
            message.mark(),
            now)
        == 1;
  }

  private static String assignee(GuestMessage message) {
    return message.assignee().map(Identity::text).orElse("");
  }

  private static void ask(Sql sql, Sid.Account account, GuestMessage message, Instant now)
      throws SQLException {
    Instant due = now.plus(Limits.PUSH_DELAY);
    String assignee = assignee(message);
    sql.update(
        """
        UPDATE agent_push
        SET wanted = wanted + 1,
          due_at = COALESCE(due_at, CASE WHEN quiet_until > ? THEN quiet_until ELSE ? END)
        WHERE created_at <= ? AND digest IN (
          SELECT agent_session.digest FROM agent_session
            JOIN agent ON agent.name = agent_session.agent_name
            JOIN address ON address.sid = ?
          WHERE agent.account_sid = ? AND (? = '' OR agent.identity = ?) AND %s)
        """.formatted(SqlDeskMembers.AGENT_SEES_ADDRESS),
        due,
        due,
        message.sent(),
        message.desk().text(),
        account.text(),
        assignee,
        assignee);
  }

  @Override
  public List<Candidate> candidates(
      Identity agent, Instant after, Optional<Candidate> before, int limit) {
    String last = before.map(one -> one.conversation().text()).orElse("");
    Instant until = before.map(Candidate::recorded).orElse(after);
    return database.readOne(sql -> sql.list(
        """
        SELECT conversation_sid, address.name AS desk, recorded_at FROM agent_push_message
          JOIN agent ON agent.account_sid = agent_push_message.account_sid
          JOIN address ON address.sid = agent_push_message.address_sid
        WHERE agent.identity = ? AND recorded_at > ?
          AND (assignee = '' OR assignee = agent.identity) AND %s
          AND (? = '' OR recorded_at < ? OR (recorded_at = ? AND conversation_sid < ?))
        ORDER BY recorded_at DESC, conversation_sid DESC LIMIT ?
        """.formatted(SqlDeskMembers.AGENT_SEES_ADDRESS),
        row -> new Candidate(
            new Sid.Conversation(Sql.text(row, "conversation_sid")),
            Sql.text(row, "desk"),
            Sql.instant(row, "recorded_at")),
        agent.text(),
        after,
        last,
        until,
        until,
        last,
        limit));
  }

  @Override
  public Optional<Instant> lastOpen(String digest) {
    return database.readOne(sql -> sql.first(
        "SELECT connected_at FROM agent_session WHERE digest = ? AND connected_at IS NOT NULL",
        row -> Sql.instant(row, "connected_at"),
        digest));
  }

  @Override
  public void done(Claim<Owner> claim, String service, Instant quietUntil) {
    database.write(sql -> {
      sql.update(
          "UPDATE agent_push SET decided_until = ? WHERE digest = ? AND lease = ?",
          claim.owner().claimed(),
          claim.owner().digest(),
          claim.lease());
      return done(sql, claim, service, quietUntil);
    });
  }

  @Override
  public int sweep(Instant recordedBefore, int limit) {
    return database.write(
        sql -> sql.update("""
        WITH found AS (SELECT conversation_sid FROM agent_push_message
          WHERE recorded_at < ? ORDER BY recorded_at LIMIT ? %s)
        DELETE FROM agent_push_message
        WHERE conversation_sid IN (SELECT conversation_sid FROM found)
        """.formatted(sql.skippingLocked()), recordedBefore, limit));
  }
}

package parlour.inbox;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import parlour.Identity;
import parlour.Limits;
import parlour.Sid;
import parlour.accounts.SqlAccounts;
import parlour.store.Database;
import parlour.store.Sql;

/** {@link Agents} in SQL that both SQLite and PostgreSQL accept. */
public final class SqlAgents implements Agents {
  static final String COLUMNS = "agent.name, agent.account_sid, agent.identity,"
      + " agent.display_name, agent.agent_role, agent.created_at";

  /**
   * Names a session among those of its agent: the first digits of its digest, from which nobody can
   * find the cookie.
   */
  private static final String SESSION_ID = "substr(digest, 1, 32)";

  private static final String SAME_AGENT =
      "agent_name = (SELECT agent_name FROM agent_session WHERE digest = ?)";

  private final Database database;

  /**
   * @param database the orchestrator's database, with {@link SqlAccounts#SCHEMA}
   */
  public SqlAgents(Database database) {
    this.database = database;
  }

  @Override
  public boolean create(Agent agent, byte[] passwordDigest) {
    return database.write(sql -> create(sql, agent, passwordDigest));
  }

  /** Creates an agent in the caller's transaction; false if the name is taken. */
  static boolean create(Sql sql, Agent agent, byte[] passwordDigest) throws SQLException {
    return sql.update(
            """
            INSERT INTO agent (
              name, identity, display_name, agent_role, account_sid, password_digest, created_at)
            SELECT ?, ?, ?, ?, sid, ?, ? FROM account WHERE sid = ?
            ON CONFLICT (name) DO NOTHING
            """,
            agent.name(),
            agent.identity().text(),
            agent.displayName(),
            agent.role().word(),
            passwordDigest,
            agent.created(),
            agent.account().text())
        == 1;
  }

  @Override
  public boolean reset(String name, byte[] passwordDigest) {
    return database.write(sql -> reset(sql, name, passwordDigest));
  }

  /** Replaces a password in the caller's transaction; false if the agent has none. */
  static boolean reset(Sql sql, String name, byte[] passwordDigest) throws SQLException {
    int replaced = sql.update(
        "UPDATE agent SET password_digest = ? WHERE name = ? AND NOT "
            + SqlAgentLogins.IS_OF_PROVIDER,
        passwordDigest,
        name);
    if (replaced == 0) {
      return false;
    }
    sql.update("DELETE FROM agent_session WHERE agent_name = ?", name);
    SqlSecondFactors.removeOf(sql, name);
    return true;
  }

  @Override
  public boolean replacePassword(String digest, byte[] oldDigest, byte[] newDigest) {
    return database.write(sql -> {
      int replaced = sql.update("""
          UPDATE agent SET password_digest = ?
          WHERE name = (SELECT agent_name FROM agent_session WHERE digest = ?)
            AND password_digest = ?
          """, newDigest, digest, oldDigest);
      if (replaced == 1) {
        var _ = endOthers(sql, digest);
      }
      return replaced == 1;
    });
  }

  @Override
  public boolean update(String name, Optional<String> displayName, Optional<Role> role) {
    return database.write(sql ->
            sql.update("""
            UPDATE agent SET display_name = COALESCE(?, display_name),
              agent_role = COALESCE(?, agent_role)
            WHERE name = ?
            """, displayName.orElse(null), role.map(Role::word).orElse(null), name))
        == 1;
  }

  @Override
  public boolean remove(String name) {
    return database.write(sql -> remove(sql, name));
  }

  /**
   * Removes an agent in the caller's transaction, except the only member of a desk. Locks the row of the account, as a removal of a
   * member of a desk does: at the same time, each would leave the other's agent as the last member.
   */
  static boolean remove(Sql sql, String name) throws SQLException {
    sql.update("""
        UPDATE account SET name = name WHERE sid = (SELECT account_sid FROM agent WHERE name = ?)
        """, name);
    if (!SqlDeskMembers.onlyMemberOf(sql, name).isEmpty()) {
      return false;
    }
    SqlAgentLogins.lock(sql, name);
    sql.update("DELETE FROM agent_session WHERE agent_name = ?", name);
    SqlSecondFactors.removeOf(sql, name);
    sql.update("""
        DELETE FROM desk_member
        WHERE agent_identity IN (SELECT identity FROM agent WHERE name = ?)
        """, name);
    return sql.update("DELETE FROM agent WHERE name = ?", name) == 1;
  }

  @Override
  public List<Agent> agents() {
    return database.read(
        sql -> sql.list("SELECT " + COLUMNS + " FROM agent ORDER BY name", SqlAgents::agent));
  }

  @Override
  public Optional<Agent> find(String name) {
    return database.read(sql ->
        sql.first("SELECT " + COLUMNS + " FROM agent WHERE name = ?", SqlAgents::agent, name));
  }

  @Override
  public List<Agent> agentsOf(Sid.Account account, int limit) {
    return database.read(sql -> sql.list(
        "SELECT " + COLUMNS + " FROM agent WHERE account_sid = ? ORDER BY name LIMIT ?",
        SqlAgents::agent,
        account.text(),
        limit));
  }

  @Override
  public Optional<Agent> findByIdentity(Sid.Account account, Identity identity) {
    return database.read(sql -> sql.first(
        "SELECT " + COLUMNS + " FROM agent WHERE account_sid = ? AND identity = ?",
        SqlAgents::agent,
        account.text(),
        identity.text()));
  }

  @Override
  public Optional<byte[]> passwordDigest(String name) {
    return database.read(sql -> sql.first(
        "SELECT password_digest FROM agent WHERE name = ?",
        row -> row.getBytes("password_digest"),
        name));
  }

  @Override
  public boolean signIn(
      String digest,
      String agent,
      byte[] passwordDigest,
      Optional<String> sealed,
      String browser,
      Instant now) {
    return database.write(sql ->
            sql.update("""
            INSERT INTO agent_session (digest, agent_name, browser, created_at, seen_at)
            SELECT ?, name, ?, ?, ? FROM agent WHERE name = ? AND password_digest = ?
              AND COALESCE((SELECT sealed FROM second_factor
                WHERE second_factor.agent_identity = agent.identity), '') = ?
            """, digest, browser, now, now, agent, passwordDigest, sealed.orElse("")))
        == 1;
  }

  @Override
  public Optional<SignedIn> signedIn(String digest, Instant createdAfter, Instant usedAfter) {
    return database.read(sql -> sql.first(
        "SELECT " + COLUMNS + ", agent_session.seen_at, account.second_factor, "
            + SqlSecondFactors.IS_ACTIVE + " AS has_factor, "
            + SqlAgentLogins.IS_OF_PROVIDER + """
             AS is_of_provider FROM agent_session
            JOIN agent ON agent.name = agent_session.agent_name
            JOIN account ON account.sid = agent.account_sid
            WHERE digest = ? AND agent_session.created_at - ends_sooner > ? AND seen_at > ?
            """,
        SqlAgents::signedIn,
        digest,
        createdAfter,
        usedAfter));
  }

  @Override
  public void recordUse(String digest, Instant now) {
    database.write(
        sql -> sql.update("UPDATE agent_session SET seen_at = ? WHERE digest = ?", now, digest));
  }

  @Override
  public void recordOpen(String digest, Instant now) {
    database.write(sql ->
        sql.update("UPDATE agent_session SET connected_at = ? WHERE digest = ?", now, digest));
  }

  @Override
  public Optional<Instant> lastOpen(Sid.Account account, Sid.Address desk, Instant now) {
    return database.read(sql -> sql.first(
        """
            SELECT COALESCE(MAX(COALESCE(connected_at,
              CASE WHEN agent_session.created_at - ends_sooner > ? AND seen_at > ?
                THEN ? END)), 0) AS last_open
            FROM agent LEFT JOIN agent_session ON agent_session.agent_name = agent.name
            WHERE account_sid = ? AND agent_role <> ? AND (agent_role = ?
              OR NOT EXISTS (SELECT 1 FROM desk_member WHERE address_sid = ?)
              OR EXISTS (SELECT 1 FROM desk_member
                WHERE address_sid = ? AND agent_identity = agent.identity))
            HAVING COUNT(*) > 0
            """,
        row -> Sql.instant(row, "last_open"),
        now.minus(Limits.AGENT_SESSION),
        now.minus(Limits.INBOX_UNKNOWN_TTL),
        now,
        account.text(),
        Role.AUDITOR.word(),
        Role.ADMIN.word(),
        desk.text(),
        desk.text()));
  }

  @Override
  public List<Session> sessions(String digest, Instant createdAfter, Instant usedAfter, int limit) {
    return database.read(sql -> sql.list(
        "SELECT " + SESSION_ID + " AS id, browser, created_at, seen_at, digest = ? AS current_one"
            + " FROM agent_session WHERE " + SAME_AGENT
            + " AND created_at - ends_sooner > ? AND seen_at > ? ORDER BY seen_at DESC, digest LIMIT ?",
        row -> new Session(
            row.getString("id"),
            row.getString("browser"),
            Sql.instant(row, "created_at"),
            Sql.instant(row, "seen_at"),
            row.getBoolean("current_one")),
        digest,
        digest,
        createdAfter,
        usedAfter,
        limit));
  }

  @Override
  public boolean end(String digest, String id) {
    return database.write(sql -> sql.update(
            "DELETE FROM agent_session WHERE " + SAME_AGENT + " AND " + SESSION_ID + " = ?",
            digest,
            id))
        == 1;
  }

  @Override
  public int endOthers(String digest) {
    return database.write(sql -> endOthers(sql, digest));
  }

  private static int endOthers(Sql sql, String digest) throws SQLException {
    return sql.update(
        "DELETE FROM agent_session WHERE " + SAME_AGENT + " AND digest <> ?", digest, digest);
  }

  @Override
  public int endAll(Sid.Account account, String name) {
    return database.write(sql -> sql.update(
        "DELETE FROM agent_session WHERE agent_name IN"
            + " (SELECT name FROM agent WHERE name = ? AND account_sid = ?)",
        name,
        account.text()));
  }

  @Override
  public void signOut(String digest) {
    database.write(sql -> sql.update("DELETE FROM agent_session WHERE digest = ?", digest));
  }

  @Override
  public int sweep(Instant usedBefore) {
    return database.write(
        sql -> sql.update("DELETE FROM agent_session WHERE seen_at < ?", usedBefore));
  }

  /** An agent who signs in at a provider has the second factor there. */
  private static SignedIn signedIn(ResultSet row) throws SQLException {
    boolean isOfProvider = row.getBoolean("is_of_provider");
    boolean lacksFactor = !row.getString("second_factor").equals("optional")
        && !row.getBoolean("has_factor")
        && !isOfProvider;
    return new SignedIn(agent(row), Sql.instant(row, "seen_at"), lacksFactor, isOfProvider);
  }

  static Agent agent(ResultSet row) throws SQLException {
    return new Agent(
        row.getString("name"),
        new Sid.Account(row.getString("account_sid")),
        new Identity(row.getString("identity")),
        row.getString("display_name"),
        Role.of(row.getString("agent_role")),
        Sql.instant(row, "created_at"));
  }
}

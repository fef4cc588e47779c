package parlour.inbox;

import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import parlour.Identity;
import parlour.Limits;
import parlour.accounts.SqlAccounts;
import parlour.store.Database;
import parlour.store.Sql;

/** {@link AgentLogins} in SQL that both SQLite and PostgreSQL accept. */
public final class SqlAgentLogins implements AgentLogins {
  /** Whether the agent of a row of {@code agent} signs in at a provider. */
  static final String IS_OF_PROVIDER = """
      EXISTS (SELECT 1 FROM agent_login WHERE agent_login.agent_identity = agent.identity)""";

  static final String IS_REMOVED = """
      NOT EXISTS (SELECT 1 FROM agent WHERE agent.identity = agent_login.agent_identity)""";

  private final Database database;

  /**
   * @param database the orchestrator's database, with {@link SqlAccounts#SCHEMA}
   */
  public SqlAgentLogins(Database database) {
    this.database = database;
  }

  @Override
  public Outcome signIn(Login login, Agents.Agent fresh, List<String> otherNames, Browser browser) {
    return database.write(sql -> {
      Instant now = fresh.created();
      int first = sql.update(
          "INSERT INTO agent_login_attempt (digest, used_at) VALUES (?, ?)"
              + " ON CONFLICT (digest) DO NOTHING",
          browser.attempt(),
          now);
      if (first == 0) {
        return Outcome.REPLAYED;
      }
      // Another node can create the same agent meanwhile: then the second change finds it.
      boolean isActive = use(sql, login, fresh, now)
          || create(sql, login, fresh, otherNames)
          || use(sql, login, fresh, now);
      return isActive && insertSession(sql, login, browser, now)
          ? Outcome.SIGNED_IN
          : Outcome.REMOVED;
    });
  }

  private static boolean use(Sql sql, Login login, Agents.Agent fresh, Instant now)
      throws SQLException {
    int used = sql.update(
        "UPDATE agent_login SET signed_in_at = ?"
            + " WHERE account_sid = ? AND issuer = ? AND subject = ?",
        now,
        login.account().text(),
        login.issuer(),
        login.subject());
    return used == 1
        && sql.update(
                "UPDATE agent SET agent_role = ? WHERE identity = (SELECT agent_identity"
                    + " FROM agent_login WHERE account_sid = ? AND issuer = ? AND subject = ?)",
                fresh.role().word(),
                login.account().text(),
                login.issuer(),
                login.subject())
            == 1;
  }

  private static boolean create(Sql sql, Login login, Agents.Agent fresh, List<String> otherNames)
      throws SQLException {
    int created = sql.update(
        """
        INSERT INTO agent_login
          (account_sid, issuer, subject, agent_identity, agent_name, signed_in_at)
        VALUES (?, ?, ?, ?, '', ?)
        ON CONFLICT (account_sid, issuer, subject) DO NOTHING
        """,
        login.account().text(),
        login.issuer(),
        login.subject(),
        fresh.identity().text(),
        fresh.created());
    if (created == 0) {
      return false;
    }
    List<String> names = new ArrayList<>(List.of(fresh.name()));
    names.addAll(otherNames);
    for (String name : names) {
      if (insert(sql, name, fresh)) {
        return sql.update(
                "UPDATE agent_login SET agent_name = ? WHERE agent_identity = ?",
                name,
                fresh.identity().text())
            == 1;
      }
    }
    throw new IllegalStateException("no name is free, or the account has just been removed");
  }

  /** No password has an empty digest. */
  private static boolean insert(Sql sql, String name, Agents.Agent fresh) throws SQLException {
    return sql.update(
            """
            INSERT INTO agent (
              name, identity, display_name, agent_role, account_sid, password_digest, created_at)
            SELECT ?, ?, ?, ?, sid, ?, ? FROM account
            WHERE sid = ? AND NOT EXISTS (SELECT 1 FROM agent_login WHERE agent_name = ?)
            ON CONFLICT (name) DO NOTHING
            """,
            name,
            fresh.identity().text(),
            fresh.displayName(),
            fresh.role().word(),
            new byte[0],
            fresh.created(),
            fresh.account().text(),
            name)
        == 1;
  }

  private static boolean insertSession(Sql sql, Login login, Browser browser, Instant now)
      throws SQLException {
    return sql.update(
            """
            INSERT INTO agent_session
              (digest, agent_name, browser, created_at, seen_at, ends_sooner)
            SELECT ?, name, ?, ?, ?, ? FROM agent WHERE identity = (SELECT agent_identity
              FROM agent_login WHERE account_sid = ? AND issuer = ? AND subject = ?)
            """,
            browser.digest(),
            browser.userAgent(),
            now,
            now,
            Limits.AGENT_SESSION.minus(Limits.OIDC_SESSION).toMillis(),
            login.account().text(),
            login.issuer(),
            login.subject())
        == 1;
  }

  @Override
  public int endAll(Login login) {
    return database.write(
        sql -> sql.update("""
        DELETE FROM agent_session WHERE agent_name IN (SELECT name FROM agent
          JOIN agent_login ON agent_login.agent_identity = agent.identity
          WHERE agent_login.account_sid = ? AND issuer = ? AND subject = ?)
        """, login.account().text(), login.issuer(), login.subject()));
  }

  @Override
  public Set<Identity> all() {
    return Set.copyOf(database.read(sql -> sql.list(
        "SELECT agent_identity FROM agent_login",
        row -> new Identity(row.getString("agent_identity")))));
  }

  @Override
  public List<String> removed() {
    return database.read(sql -> sql.list(
        "SELECT agent_name FROM agent_login WHERE " + IS_REMOVED + " ORDER BY agent_name",
        row -> row.getString("agent_name")));
  }

  @Override
  public boolean admit(String name) {
    return database.write(sql ->
            sql.update("DELETE FROM agent_login WHERE agent_name = ? AND " + IS_REMOVED, name))
        == 1;
  }

  /**
   * Begins the removal of an agent: locks the row that keeps the person out, so that a sign-in of the
   * same person comes before the removal or after it.
   */
  static void lock(Sql sql, String name) throws SQLException {
    sql.update(
        "UPDATE agent_login SET signed_in_at = signed_in_at WHERE agent_identity ="
            + " (SELECT identity FROM agent WHERE name = ?)",
        name);
  }

  @Override
  public int sweep(Instant usedBefore) {
    return database.write(
        sql -> sql.update("DELETE FROM agent_login_attempt WHERE used_at < ?", usedBefore));
  }
}

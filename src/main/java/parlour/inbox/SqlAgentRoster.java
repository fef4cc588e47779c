package parlour.inbox;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import parlour.Limits;
import parlour.Sid;
import parlour.accounts.SqlAccounts;
import parlour.store.Database;
import parlour.store.Sql;

/** {@link AgentRoster} in SQL that both SQLite and PostgreSQL accept. */
public final class SqlAgentRoster implements AgentRoster {
  private final Database database;

  /**
   * @param database the orchestrator's database, with {@link SqlAccounts#SCHEMA}
   */
  public SqlAgentRoster(Database database) {
    this.database = database;
  }

  @Override
  public List<Listed> list(Sid.Account account, int limit) {
    return database.read(sql -> sql.list(
        "SELECT " + SqlAgents.COLUMNS + ", " + SqlSecondFactors.IS_ACTIVE + " AS has_factor, "
            + SqlAgentLogins.IS_OF_PROVIDER + """
             AS is_of_provider,
              (SELECT MAX(agent_session.created_at) FROM agent_session
                WHERE agent_session.agent_name = agent.name) AS password_sign_in,
              (SELECT MAX(agent_login.signed_in_at) FROM agent_login
                WHERE agent_login.agent_identity = agent.identity) AS provider_sign_in
            FROM agent WHERE agent.account_sid = ? ORDER BY agent.name LIMIT ?
            """,
        SqlAgentRoster::listed,
        account.text(),
        limit));
  }

  private static Listed listed(ResultSet row) throws SQLException {
    Optional<Instant> byPassword = instant(row, "password_sign_in");
    Optional<Instant> atProvider = instant(row, "provider_sign_in");
    return new Listed(
        SqlAgents.agent(row),
        row.getBoolean("is_of_provider"),
        row.getBoolean("has_factor"),
        Stream.concat(byPassword.stream(), atProvider.stream()).max(Instant::compareTo));
  }

  private static Optional<Instant> instant(ResultSet row, String column) throws SQLException {
    return Optional.ofNullable(Sql.instantOrNull(row, column));
  }

  @Override
  public Optional<Agents.Agent> find(Sid.Account account, String name) {
    return database.read(sql -> sql.first(
        "SELECT " + SqlAgents.COLUMNS + " FROM agent WHERE account_sid = ? AND name = ?",
        SqlAgents::agent,
        account.text(),
        name));
  }

  @Override
  public List<String> removed(Sid.Account account, int limit) {
    return database.read(sql -> sql.list(
        "SELECT agent_name FROM agent_login WHERE account_sid = ? AND " + SqlAgentLogins.IS_REMOVED
            + " ORDER BY agent_name LIMIT ?",
        row -> row.getString("agent_name"),
        account.text(),
        limit));
  }

  @Override
  public Outcome create(String admin, Agents.Agent agent, byte[] passwordDigest) {
    return changing(agent.account(), admin, sql -> {
      long agents = sql.first(
              "SELECT count(*) AS counted FROM agent WHERE account_sid = ?",
              row -> row.getLong("counted"),
              agent.account().text())
          .orElse(0L);
      if (agents >= Limits.AGENTS_LISTED) {
        return Outcome.FULL;
      }
      return SqlAgents.create(sql, agent, passwordDigest) ? Outcome.DONE : Outcome.NAME_TAKEN;
    });
  }

  @Override
  public Outcome reset(Sid.Account account, String admin, String name, byte[] passwordDigest) {
    return changingOther(
        account,
        admin,
        name,
        sql -> SqlAgents.reset(sql, name, passwordDigest) ? Outcome.DONE : Outcome.OF_PROVIDER);
  }

  @Override
  public Outcome changeRole(Sid.Account account, String admin, String name, Agents.Role role) {
    return changingOther(account, admin, name, sql -> {
      sql.update("UPDATE agent SET agent_role = ? WHERE name = ?", role.word(), name);
      return Outcome.DONE;
    });
  }

  @Override
  public Outcome remove(Sid.Account account, String admin, String name) {
    return changingOther(
        account,
        admin,
        name,
        sql -> SqlAgents.remove(sql, name) ? Outcome.DONE : Outcome.ONLY_MEMBER);
  }

  @Override
  public Outcome admit(Sid.Account account, String admin, String name) {
    return changing(account, admin, sql -> {
      int admitted = sql.update(
          "DELETE FROM agent_login WHERE account_sid = ? AND agent_name = ? AND "
              + SqlAgentLogins.IS_REMOVED,
          account.text(),
          name);
      return admitted == 1 ? Outcome.DONE : Outcome.UNKNOWN;
    });
  }

  /**
   * Makes a change of another agent of the account, whose row no command changes meanwhile. A sign-in
   * at a provider locks in the same order.
   */
  private Outcome changingOther(
      Sid.Account account, String admin, String name, Database.Work<Outcome> change) {
    if (name.equals(admin)) {
      return Outcome.ONESELF;
    }
    return changing(account, admin, sql -> {
      SqlAgentLogins.lock(sql, name);
      int locked = sql.update(
          "UPDATE agent SET name = name WHERE name = ? AND account_sid = ?", name, account.text());
      return locked == 1 ? change.run(sql) : Outcome.UNKNOWN;
    });
  }

  /** Locks the row of the account first, so that a change sees the roles after all changes before it. */
  private Outcome changing(Sid.Account account, String admin, Database.Work<Outcome> change) {
    return database.write(sql -> {
      sql.update("UPDATE account SET name = name WHERE sid = ?", account.text());
      boolean isAdmin = sql.first(
              "SELECT name FROM agent WHERE name = ? AND account_sid = ? AND agent_role = ?",
              row -> row.getString("name"),
              admin,
              account.text(),
              Agents.Role.ADMIN.word())
          .isPresent();
      return isAdmin ? change.run(sql) : Outcome.NOT_ADMIN;
    });
  }
}

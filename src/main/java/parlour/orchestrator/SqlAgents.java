package parlour.orchestrator;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import parlour.Limits;
import parlour.Sid;
import parlour.store.Database;
import parlour.store.Sql;

/** {@link Agents} in SQL that SQLite and PostgreSQL both speak. */
public final class SqlAgents implements Agents {
  private static final String COLUMNS = "agent.name, agent.account_sid, agent.created_at";

  private final Database database;

  /**
   * @param database the orchestrator's, of {@link SqlAccounts#MIGRATIONS}
   */
  public SqlAgents(Database database) {
    this.database = database;
  }

  @Override
  public boolean create(Agent agent, byte[] passwordDigest) {
    return database.write(sql -> sql.update(
            """
                INSERT INTO agent (name, account_sid, password_digest, created_at)
                SELECT ?, sid, ?, ? FROM account WHERE sid = ?
                ON CONFLICT (name) DO NOTHING
                """, agent.name(), passwordDigest, agent.created(), agent.account().text()))
        == 1;
  }

  @Override
  public boolean reset(String name, byte[] passwordDigest) {
    return database.write(sql -> {
      sql.update("DELETE FROM agent_session WHERE agent_name = ?", name);
      return sql.update("UPDATE agent SET password_digest = ? WHERE name = ?", passwordDigest, name)
          == 1;
    });
  }

  @Override
  public boolean remove(String name) {
    return database.write(sql -> {
      sql.update("DELETE FROM agent_session WHERE agent_name = ?", name);
      return sql.update("DELETE FROM agent WHERE name = ?", name) == 1;
    });
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
  public Optional<byte[]> passwordDigest(String name) {
    return database.read(sql -> sql.first(
        "SELECT password_digest FROM agent WHERE name = ?",
        row -> row.getBytes("password_digest"),
        name));
  }

  @Override
  public boolean signIn(String digest, String agent, byte[] passwordDigest, Instant now) {
    return database.write(sql -> sql.update("""
                INSERT INTO agent_session (digest, agent_name, created_at, seen_at)
                SELECT ?, name, ?, ? FROM agent WHERE name = ? AND password_digest = ?
                """, digest, now, now, agent, passwordDigest)) == 1;
  }

  private record Seen(Agent agent, Instant at) {}

  @Override
  public Optional<Agent> signedIn(
      String digest, Instant createdAfter, Instant seenAfter, Instant now) {
    Optional<Seen> found = database.read(sql -> sql.first(
        "SELECT " + COLUMNS + """
                , agent_session.seen_at FROM agent_session
                JOIN agent ON agent.name = agent_session.agent_name
                WHERE digest = ? AND agent_session.created_at > ? AND seen_at > ?
                """,
        row -> new Seen(agent(row), Sql.instant(row, "seen_at")),
        digest,
        createdAfter,
        seenAfter));
    // Noted now and then, and not with each call: it is a matter of hours.
    found
        .filter(seen -> Duration.between(seen.at(), now).compareTo(Limits.AGENT_SEEN_NOTED) > 0)
        .ifPresent(seen -> database.write(sql ->
            sql.update("UPDATE agent_session SET seen_at = ? WHERE digest = ?", now, digest)));
    return found.map(Seen::agent);
  }

  @Override
  public void signOut(String digest) {
    database.write(sql -> sql.update("DELETE FROM agent_session WHERE digest = ?", digest));
  }

  @Override
  public int sweep(Instant seenBefore) {
    return database.write(
        sql -> sql.update("DELETE FROM agent_session WHERE seen_at < ?", seenBefore));
  }

  private static Agent agent(ResultSet row) throws SQLException {
    return new Agent(
        row.getString("name"),
        new Sid.Account(row.getString("account_sid")),
        Sql.instant(row, "created_at"));
  }
}

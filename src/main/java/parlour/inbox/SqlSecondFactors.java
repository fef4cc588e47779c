package parlour.inbox;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import parlour.Identity;
import parlour.Limits;
import parlour.accounts.SqlAccounts;
import parlour.store.Database;
import parlour.store.Sql;

/** {@link SecondFactors} in SQL that both SQLite and PostgreSQL accept. */
public final class SqlSecondFactors implements SecondFactors {
  /** Whether the agent of a row of {@code agent} has a second factor. */
  static final String IS_ACTIVE = """
      EXISTS (SELECT 1 FROM second_factor
        WHERE second_factor.agent_identity = agent.identity AND sealed IS NOT NULL)""";

  private final Database database;

  /**
   * @param database the orchestrator's database, with {@link SqlAccounts#SCHEMA}
   */
  public SqlSecondFactors(Database database) {
    this.database = database;
  }

  @Override
  public Factor find(Identity agent) {
    return database
        .read(sql -> sql.first("""
            SELECT pending, pending_since, sealed, (SELECT COUNT(*) FROM recovery_code
                WHERE recovery_code.agent_identity = second_factor.agent_identity) AS codes
            FROM second_factor WHERE agent_identity = ?
            """, SqlSecondFactors::factor, agent.text()))
        .orElse(Factor.NONE);
  }

  private static Factor factor(ResultSet row) throws SQLException {
    Instant since = Sql.instant(row, "pending_since");
    return new Factor(
        Optional.ofNullable(row.getString("pending")).map(secret -> new Pending(secret, since)),
        Optional.ofNullable(row.getString("sealed")),
        row.getInt("codes"));
  }

  @Override
  public Set<Identity> active() {
    return Set.copyOf(database.read(sql -> sql.list(
        "SELECT agent_identity FROM second_factor WHERE sealed IS NOT NULL",
        row -> new Identity(row.getString("agent_identity")))));
  }

  @Override
  public void begin(Identity agent, String sealed, Instant now) {
    database.write(sql -> sql.update("""
        INSERT INTO second_factor
          (agent_identity, pending, pending_since, last_step, tries, tries_since)
        VALUES (?, ?, ?, 0, 0, 0)
        ON CONFLICT (agent_identity) DO UPDATE
          SET pending = excluded.pending, pending_since = excluded.pending_since
        """, agent.text(), sealed, now));
  }

  @Override
  public boolean confirm(
      Identity agent,
      String pending,
      long step,
      List<String> recoveryDigests,
      String browserDigest) {
    return database.write(sql -> {
      int confirmed = sql.update("""
          UPDATE second_factor
          SET sealed = pending, pending = NULL, last_step = ?, tries = 0, tries_since = 0
          WHERE agent_identity = ? AND pending = ?
          """, step, agent.text(), pending);
      if (confirmed == 0) {
        return false;
      }
      sql.update("DELETE FROM recovery_code WHERE agent_identity = ?", agent.text());
      for (String digest : recoveryDigests) {
        sql.update(
            "INSERT INTO recovery_code (agent_identity, digest) VALUES (?, ?)",
            agent.text(),
            digest);
      }
      sql.update("""
          DELETE FROM agent_session
          WHERE agent_name = (SELECT name FROM agent WHERE identity = ?) AND digest <> ?
          """, agent.text(), browserDigest);
      return true;
    });
  }

  @Override
  public boolean tryCode(Identity agent, Instant now) {
    Instant begin = now.minus(Limits.SECOND_FACTOR_WINDOW);
    // A begin in the future was written while the clock was ahead.
    return database.write(sql -> sql.update(
            """
            UPDATE second_factor
            SET tries = CASE WHEN tries_since <= ? OR tries_since > ? THEN 1 ELSE tries + 1 END,
              tries_since = CASE WHEN tries_since <= ? OR tries_since > ? THEN ? ELSE tries_since END
            WHERE agent_identity = ? AND (tries_since <= ? OR tries_since > ? OR tries < ?)
            """, begin, now, begin, now, now, agent.text(), begin, now, Limits.SECOND_FACTOR_TRIES))
        == 1;
  }

  @Override
  public boolean useCode(Identity agent, String sealed, long step) {
    return database.write(sql -> sql.update("""
        UPDATE second_factor SET last_step = ?, tries = 0, tries_since = 0
        WHERE agent_identity = ? AND sealed = ? AND last_step < ?
        """, step, agent.text(), sealed, step)) == 1;
  }

  @Override
  public boolean useRecoveryCode(Identity agent, String digest) {
    return database.write(sql -> sql.update(
            "DELETE FROM recovery_code WHERE agent_identity = ? AND digest = ?",
            agent.text(),
            digest))
        == 1;
  }

  @Override
  public boolean remove(Identity agent) {
    return database.write(sql -> remove(sql, "?", agent.text()) == 1);
  }

  /** Removes the factor of the agent with this name in the caller's transaction. */
  static void removeOf(Sql sql, String name) throws SQLException {
    int _ = remove(sql, "(SELECT identity FROM agent WHERE name = ?)", name);
  }

  private static int remove(Sql sql, String identity, String parameter) throws SQLException {
    sql.update("DELETE FROM recovery_code WHERE agent_identity = " + identity, parameter);
    return sql.update("DELETE FROM second_factor WHERE agent_identity = " + identity, parameter);
  }
}

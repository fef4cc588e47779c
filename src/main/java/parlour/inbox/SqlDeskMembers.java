package parlour.inbox;

import java.sql.SQLException;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import parlour.Limits;
import parlour.Sid;
import parlour.conversations.Sight;
import parlour.store.Database;
import parlour.store.Sql;

/** {@link DeskMembers} in SQL that both SQLite and PostgreSQL accept. */
public final class SqlDeskMembers implements DeskMembers {
  /**
   * A condition of a query that has a row of {@code agent} and one of {@code address}: whether the
   * agent sees the conversations of the address, as {@link #sight} says.
   */
  static final String AGENT_SEES_ADDRESS = """
      (agent.agent_role <> 'agent'
        OR NOT EXISTS (SELECT 1 FROM desk_member WHERE address_sid = address.sid)
        OR EXISTS (SELECT 1 FROM desk_member
          WHERE address_sid = address.sid AND agent_identity = agent.identity))""";

  private static final String REMOVE = """
      DELETE FROM desk_member WHERE address_sid = ?
        AND agent_identity IN (SELECT identity FROM agent WHERE name = ?)""";

  private static final String HAS_ANOTHER = """
       AND EXISTS (SELECT 1 FROM desk_member AS other WHERE other.address_sid = ?
          AND other.agent_identity NOT IN (SELECT identity FROM agent WHERE name = ?))""";

  private final Database database;

  /**
   * @param database the orchestrator's database, with {@link parlour.accounts.SqlAccounts#SCHEMA}
   */
  public SqlDeskMembers(Database database) {
    this.database = database;
  }

  @Override
  public List<Agents.Agent> of(Sid.Address desk) {
    return database.read(sql -> sql.list(
        "SELECT " + SqlAgents.COLUMNS + """
             FROM desk_member JOIN agent ON agent.identity = desk_member.agent_identity
            WHERE address_sid = ? ORDER BY agent.name LIMIT ?""", SqlAgents::agent, desk.text(), Limits.DESK_MEMBERS));
  }

  @Override
  public Optional<Obstacle> add(Sid.Address desk, String agent) {
    return database.write(sql -> {
      Optional<String> identity =
          sql.first("""
          SELECT identity FROM agent JOIN address ON address.account_sid = agent.account_sid
          WHERE agent.name = ? AND address.sid = ?
          """, row -> Sql.text(row, "identity"), agent, desk.text());
      if (identity.isEmpty()) {
        return Optional.of(Obstacle.NO_SUCH_AGENT);
      }
      long members =
          count(sql, "SELECT count(*) AS counted FROM desk_member WHERE address_sid = ?", desk);
      if (members >= Limits.DESK_MEMBERS) {
        return Optional.of(Obstacle.FULL);
      }
      if (members == 0 && count(sql, """
              SELECT count(DISTINCT address_sid) AS counted FROM desk_member
              WHERE account_sid = (SELECT account_sid FROM address WHERE sid = ?)
              """, desk) >= Limits.DESKS_WITH_MEMBERS) {
        return Optional.of(Obstacle.TOO_MANY_DESKS);
      }
      sql.update("""
          INSERT INTO desk_member (address_sid, agent_identity, account_sid)
          SELECT sid, ?, account_sid FROM address WHERE sid = ?
          ON CONFLICT (address_sid, agent_identity) DO NOTHING
          """, identity.get(), desk.text());
      return Optional.empty();
    });
  }

  private static long count(Sql sql, String query, Sid.Address desk) throws SQLException {
    return sql.first(query, row -> row.getLong("counted"), desk.text()).orElse(0L);
  }

  @Override
  public boolean remove(Sid.Address desk, String agent) {
    return database.write(sql -> {
          lockAccount(sql, desk);
          return sql.update(REMOVE, desk.text(), agent);
        })
        == 1;
  }

  @Override
  public Removal removeUnlessLast(Sid.Address desk, String agent) {
    return database.write(sql -> {
      lockAccount(sql, desk);
      if (sql.update(REMOVE + HAS_ANOTHER, desk.text(), agent, desk.text(), agent) == 1) {
        return Removal.DONE;
      }
      boolean isMember = sql.first("""
              SELECT 1 AS found FROM desk_member JOIN agent ON agent.identity = agent_identity
              WHERE address_sid = ? AND agent.name = ?
              """, _ -> true, desk.text(), agent).isPresent();
      return isMember ? Removal.LAST_MEMBER : Removal.NO_SUCH_MEMBER;
    });
  }

  /** A removal of an agent locks the same row: {@link SqlAgents#remove}. So each removal sees the members that the one before has left. */
  private static void lockAccount(Sql sql, Sid.Address desk) throws SQLException {
    sql.update("""
        UPDATE account SET name = name WHERE sid = (SELECT account_sid FROM address WHERE sid = ?)
        """, desk.text());
  }

  @Override
  public Sight sight(Agents.Agent agent) {
    return switch (agent.role()) {
      case ADMIN, AUDITOR -> Sight.ALL;
      case AGENT -> database.read(sql -> sightOfMember(sql, agent));
    };
  }

  private static Sight sightOfMember(Sql sql, Agents.Agent agent) throws SQLException {
    List<Sid.Address> hidden = sql.list(
        """
        SELECT DISTINCT address_sid FROM desk_member AS any_member
        WHERE account_sid = ? AND NOT EXISTS (
          SELECT 1 FROM desk_member AS own
          WHERE own.address_sid = any_member.address_sid AND own.agent_identity = ?)
        ORDER BY address_sid
        """,
        row -> new Sid.Address(Sql.text(row, "address_sid")),
        agent.account().text(),
        agent.identity().text());
    if (hidden.isEmpty()) {
      return Sight.ALL;
    }
    Set<Sid.Address> all = new HashSet<>(hidden);
    List<Sid.Address> others = sql.list(
        "SELECT sid FROM address WHERE account_sid = ? ORDER BY sid LIMIT ?",
        row -> new Sid.Address(Sql.text(row, "sid")),
        agent.account().text(),
        Limits.DESKS_JOINED + Limits.DESKS_WITH_MEMBERS + 1);
    return new Sight(hidden, others.stream().filter(one -> !all.contains(one)).toList());
  }

  @Override
  public List<Desk> seenBy(Agents.Agent agent) {
    return database.read(sql -> sql.list(
        """
        SELECT address.sid, address.name FROM agent
        JOIN address ON address.account_sid = agent.account_sid
        WHERE agent.identity = ? AND %s
        ORDER BY address.name, address.sid LIMIT ?
        """.formatted(AGENT_SEES_ADDRESS),
        row -> new Desk(new Sid.Address(Sql.text(row, "sid")), Sql.text(row, "name")),
        agent.identity().text(),
        Limits.DESKS_LISTED));
  }

  @Override
  public List<Sid.Address> onlyMemberOf(String agent) {
    return database.read(sql -> onlyMemberOf(sql, agent));
  }

  static List<Sid.Address> onlyMemberOf(Sql sql, String agent) throws SQLException {
    return sql.list("""
        SELECT address_sid FROM desk_member AS own
        WHERE agent_identity = (SELECT identity FROM agent WHERE name = ?) AND NOT EXISTS (
          SELECT 1 FROM desk_member AS other JOIN agent ON agent.identity = other.agent_identity
          WHERE other.address_sid = own.address_sid
            AND other.agent_identity <> own.agent_identity)
        ORDER BY address_sid
        """, row -> new Sid.Address(Sql.text(row, "address_sid")), agent);
  }
}

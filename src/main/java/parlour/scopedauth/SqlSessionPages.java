package parlour.scopedauth;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import parlour.Limits;
import parlour.Sid;
import parlour.store.Database;
import parlour.store.SearchTurns;
import parlour.store.Sql;

/**
 * Lists sessions for operators, in SQL that SQLite and PostgreSQL both accept. Reads a bounded stretch of one index, and takes turns, so
 * that no list makes the calls of guests wait.
 */
public final class SqlSessionPages {
  private static final String STRETCH =
      " FROM guest_session WHERE deployment_key = ? AND (created_at, sid) < (?, ?)";

  private static final String NEWEST_FIRST = " ORDER BY created_at DESC, sid DESC LIMIT ?";

  static final String END_OF_STRETCH =
      "SELECT created_at, sid" + STRETCH + NEWEST_FIRST + " OFFSET ?";

  /** Comes before the newest session. */
  private static final Instant NOW_OR_LATER = Instant.ofEpochMilli(Long.MAX_VALUE);

  private final SearchTurns turns;

  public SqlSessionPages(Database database) {
    this(database, Limits.LEDGER_READ_WAIT);
  }

  /**
   * @param wait how long a search waits for others
   */
  SqlSessionPages(Database database, Duration wait) {
    turns = new SearchTurns(database, "the searches of sessions", wait);
  }

  SessionPage page(SessionQuery query, Instant now) {
    return turns.search(query.reader(), sql -> page(sql, query, now));
  }

  private static SessionPage page(Sql sql, SessionQuery query, Instant now) throws SQLException {
    Optional<SessionQuery.Place> end = sql.first(
        END_OF_STRETCH,
        row -> new SessionQuery.Place(
            Sql.instant(row, "created_at"), new Sid.Session(Sql.text(row, "sid"))),
        query.deployment().text(),
        createdBefore(query),
        sidBefore(query),
        1,
        Limits.SESSIONS_LOOKED_AT - 1);
    List<@Nullable Object> arguments =
        new ArrayList<>(List.of(query.deployment().text(), createdBefore(query), sidBefore(query)));
    arguments.add(end.map(SessionQuery.Place::created).orElse(Instant.EPOCH));
    arguments.add(end.map(place -> place.session().text()).orElse(""));
    if (query.state() == SessionQuery.State.LIVE) {
      arguments.add(now);
    }
    arguments.add(query.limit() + 1);
    List<Session> found = sql.list(
        statement(query.state(), query.binding()), SqlSessions::session, arguments.toArray());
    if (found.size() <= query.limit()) {
      return new SessionPage(found, end);
    }
    List<Session> shown = List.copyOf(found.subList(0, query.limit()));
    return new SessionPage(
        shown,
        Optional.of(
            new SessionQuery.Place(shown.getLast().created(), shown.getLast().sid())));
  }

  private static Instant createdBefore(SessionQuery query) {
    return query.before().map(SessionQuery.Place::created).orElse(NOW_OR_LATER);
  }

  private static String sidBefore(SessionQuery query) {
    return query.before().map(place -> place.session().text()).orElse("");
  }

  /**
   * The statement that reads a page. Its conditions are written so that the database cannot use an index of live or revoked
   * sessions: it would read and sort all of them.
   */
  static String statement(SessionQuery.State state, SessionQuery.Binding binding) {
    return "SELECT " + SqlSessions.COLUMNS + STRETCH + " AND (created_at, sid) >= (?, ?)"
        + switch (state) {
          case ALL -> "";
          case LIVE -> " AND COALESCE(revoked_at, 0) = 0 AND expires_at + 0 > ?";
          case REVOKED -> " AND COALESCE(revoked_at, 0) <> 0";
          case REFUSED -> " AND refusals > 0";
        }
        + switch (binding) {
          case ANY -> "";
          case BOUND -> " AND idle_ttl IS NOT NULL";
          case UNBOUND -> " AND idle_ttl IS NULL";
        }
        + NEWEST_FIRST;
  }
}

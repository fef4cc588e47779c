package parlour.ledger;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import parlour.Limits;
import parlour.Sid;
import parlour.store.Database;
import parlour.store.SearchTurns;
import parlour.store.Sql;

/**
 * The ledger in SQL that SQLite and PostgreSQL both speak, in the store of ScopedAuthService.
 *
 * <p>{@code ledger_day} has the number of rows of each day, because counting millions of them would
 * take longer than a read may.
 */
public final class SqlLedger implements LedgerStore {
  private static final String COLUMNS = """
      at, id, trace_id, event, code, cause, signals, session_sid, deployment_key, page, actor, \
      object, left_out""";

  static final String OF_TRACE =
      "SELECT " + COLUMNS + " FROM ledger_entry WHERE trace_id >= ? AND trace_id < ?"
          + " ORDER BY trace_id, at, id LIMIT ?";

  /** The events that anybody can cause, in the words of their index. */
  private static final String OF_STRANGERS =
      "(code > 0 OR event IN ('difference-observed', 'replay-proven', 'guest-ended'))";

  static final String DELETE_OLDEST = deleteOldest("at < ?");

  static final String DELETE_OLDEST_OF_STRANGERS = deleteOldest("at < ? AND " + OF_STRANGERS);

  private static final String LATEST = " ORDER BY at DESC, id DESC LIMIT ?";

  /** Fills up a statement of several deployments, so that there is one such statement. */
  private static final String NO_DEPLOYMENT = "";

  private static final Comparator<LedgerEntry> NEWEST_FIRST =
      Comparator.comparing(LedgerEntry::at).thenComparingLong(LedgerEntry::id).reversed();

  private final Database database;

  private final SearchTurns turns;

  public SqlLedger(Database database) {
    this(database, Limits.LEDGER_READ_WAIT);
  }

  /**
   * @param wait how long a search waits for others
   */
  SqlLedger(Database database, Duration wait) {
    this.database = database;
    turns = new SearchTurns(database, "the searches of the ledger", wait);
  }

  private static String deleteOldest(String which) {
    return """
        DELETE FROM ledger_entry WHERE (at, id) IN
          (SELECT at, id FROM ledger_entry WHERE %s ORDER BY at, id LIMIT ?)
        RETURNING at
        """.formatted(which);
  }

  @Override
  public void store(List<LedgerEntry> entries) {
    if (entries.size() > Limits.LEDGER_GROUP) {
      throw new IllegalArgumentException("too many entries at once");
    }
    database.write(sql -> {
      Map<Long, Integer> rows = new TreeMap<>(); // every node locks the days in this order
      for (LedgerEntry entry : entries) {
        rows.merge(day(entry.at()), insert(sql, entry), Integer::sum);
      }
      for (Map.Entry<Long, Integer> day : rows.entrySet()) {
        sql.update("""
            INSERT INTO ledger_day (day, entries) VALUES (?, ?)
            ON CONFLICT (day) DO UPDATE SET entries = ledger_day.entries + excluded.entries
            """, day.getKey(), day.getValue());
      }
      return rows.size();
    });
  }

  private static int insert(Sql sql, LedgerEntry entry) throws SQLException {
    LedgerNote note = entry.note();
    return sql.update(
        """
        INSERT INTO ledger_entry (at, id, trace_id, event, code, cause, signals, session_sid,
          deployment_key, page, actor, object, left_out)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (at, id) DO NOTHING
        """,
        entry.at(),
        entry.id(),
        entry.trace().isEmpty() ? null : entry.trace(),
        note.event(),
        note.code(),
        note.cause(),
        String.join(",", note.signals()),
        note.session().map(Sid::text).orElse(null),
        note.deployment().map(Sid::text).orElse(null),
        note.page().orElse(null),
        note.actor(),
        note.object(),
        entry.leftOut());
  }

  @Override
  public List<LedgerEntry> newest(LedgerQuery query) {
    return turns.search(query.reader(), sql -> newest(sql, query));
  }

  private static List<LedgerEntry> newest(Sql sql, LedgerQuery query) throws SQLException {
    return query.deployments().isPresent()
        ? ofDeployments(
            sql,
            query,
            query.deployments().get().stream().distinct().map(Sid::text).toList())
        : list(sql, query, query.since(), List.of());
  }

  /**
   * Reads the newest of each deployment, a few deployments at a time: one condition for all of them
   * would read and sort all that they have.
   */
  private static List<LedgerEntry> ofDeployments(Sql sql, LedgerQuery query, List<String> keys)
      throws SQLException {
    List<LedgerEntry> newest = new ArrayList<>();
    Instant since = query.since();
    int step = keys.size() == 1 ? 1 : Limits.LEDGER_DEPLOYMENTS_AT_ONCE;
    for (int from = 0; from < keys.size(); from += step) {
      List<String> some = new ArrayList<>(keys.subList(from, Math.min(from + step, keys.size())));
      some.addAll(Collections.nCopies(step - some.size(), NO_DEPLOYMENT));
      newest.addAll(list(sql, query, since, some));
      newest.sort(NEWEST_FIRST);
      if (newest.size() >= query.limit()) {
        newest = new ArrayList<>(newest.subList(0, query.limit()));
        since = newest.getLast().at();
      }
    }
    return newest;
  }

  private static List<LedgerEntry> list(
      Sql sql, LedgerQuery query, Instant since, List<String> keys) throws SQLException {
    List<@Nullable Object> arguments = new ArrayList<>();
    for (int part = 0; part < Math.max(1, keys.size()); part++) {
      if (!keys.isEmpty()) {
        arguments.add(keys.get(part));
      }
      query.cause().ifPresent(arguments::add);
      arguments.add(since);
      if (query.cause().isPresent() || !keys.isEmpty()) {
        arguments.add(query.cause().isPresent() ? query.cause().get() : keys.get(part));
      }
      arguments.add(query.limit());
    }
    if (keys.size() > 1) {
      arguments.add(query.limit());
    }
    return sql.list(statement(query), SqlLedger::entry, arguments.toArray());
  }

  /**
   * The condition that only refusals meet.
   *
   * @param hasCause whether the query names a cause; then no index of refusals fits the condition, so that the database uses an
   *     index of causes, which finds fewer entries
   */
  private static String refusals(boolean hasCause) {
    return (hasCause ? " AND code + 0 > 0" : " AND code > 0") + " AND event <> '"
        + LedgerNote.OUTAGE + "'";
  }

  /**
   * The statement that reads everything, one deployment, or a few of them. The condition of the cause, or else of the deployment, and
   * the order begin with that column, so that only an index that begins in the same way has the order. Otherwise PostgreSQL can
   * pass over all entries in the order of time, because it expects entries that do not exist.
   */
  static String statement(LedgerQuery query) {
    boolean hasCause = query.cause().isPresent();
    boolean isOfDeployment = query.deployments().isPresent();
    String first = hasCause ? "cause" : "deployment_key";
    String some = "SELECT " + COLUMNS + " FROM ledger_entry WHERE "
        + (hasCause && isOfDeployment ? "deployment_key = ? AND " : "")
        + (hasCause || isOfDeployment
            ? "(%1$s, at) >= (?, ?) AND %1$s <= ?".formatted(first)
            : "at >= ?")
        + (query.refusalsOnly() ? refusals(hasCause) : "")
        + (hasCause || isOfDeployment
            ? " ORDER BY " + first + " DESC, at DESC, id DESC LIMIT ?"
            : LATEST);
    if (query.deployments().map(List::size).orElse(1) == 1) {
      return some;
    }
    String part = "SELECT * FROM (" + some + ") AS of_one";
    return String.join(" UNION ALL ", Collections.nCopies(Limits.LEDGER_DEPLOYMENTS_AT_ONCE, part))
        + LATEST;
  }

  /** Waits for no search: it reads a few entries by an index, and is what operators do first. */
  @Override
  public List<LedgerEntry> ofTrace(String digits) {
    return database.readOne(sql -> sql.list(
        OF_TRACE,
        SqlLedger::entry,
        digits,
        digits + "g", // follows every hex digit in any collation
        Limits.LEDGER_OF_TRACE));
  }

  /** The number of entries. */
  public long size() {
    return database.read(SqlLedger::size);
  }

  private static long size(Sql sql) throws SQLException {
    return sql.first(
            "SELECT COALESCE(SUM(entries), 0) AS entries FROM ledger_day",
            row -> row.getLong("entries"))
        .orElse(0L);
  }

  /**
   * Deletes the oldest entries: those from before an instant, and those above a number. Of the
   * latter, events that strangers caused go first, so that these never replace the others.
   *
   * @param limit deletes at most this many
   * @return how many it deleted; fewer than {@code limit} if no more have to be deleted
   */
  public int prune(Instant before, long max, int limit) {
    return database.write(sql -> {
      Instant end = Instant.ofEpochMilli(Long.MAX_VALUE);
      List<Instant> deleted = new ArrayList<>(delete(sql, DELETE_OLDEST, before, limit));
      int excess = (int) Math.clamp(size(sql) - max - deleted.size(), 0L, limit - deleted.size());
      List<Instant> ofStrangers = delete(sql, DELETE_OLDEST_OF_STRANGERS, end, excess);
      deleted.addAll(ofStrangers);
      deleted.addAll(delete(sql, DELETE_OLDEST, end, excess - ofStrangers.size()));
      Map<Long, Integer> days = new TreeMap<>();
      deleted.forEach(at -> days.merge(day(at), 1, Integer::sum));
      for (Map.Entry<Long, Integer> day : days.entrySet()) {
        sql.update(
            "UPDATE ledger_day SET entries = entries - ? WHERE day = ?",
            day.getValue(),
            day.getKey());
      }
      sql.update("DELETE FROM ledger_day WHERE entries <= 0 AND day < ?", day(before));
      return deleted.size();
    });
  }

  private static List<Instant> delete(Sql sql, String statement, Instant before, int limit)
      throws SQLException {
    return limit == 0
        ? List.of()
        : sql.list(statement, row -> Sql.instant(row, "at"), before, limit);
  }

  private static long day(Instant at) {
    return TimeUnit.MILLISECONDS.toDays(at.toEpochMilli());
  }

  private static LedgerEntry entry(ResultSet row) throws SQLException {
    String signals = Sql.text(row, "signals");
    return new LedgerEntry(
        Sql.instant(row, "at"),
        row.getLong("id"),
        Optional.ofNullable(Sql.textOrNull(row, "trace_id")).orElse(""),
        new LedgerNote(
            Sql.text(row, "event"),
            row.getInt("code"),
            Sql.text(row, "cause"),
            signals.isEmpty() ? List.of() : Arrays.asList(signals.split(",")),
            Optional.ofNullable(Sql.textOrNull(row, "session_sid")).map(Sid.Session::new),
            Optional.ofNullable(Sql.textOrNull(row, "deployment_key")).map(Sid.Deployment::new),
            Optional.ofNullable(Sql.textOrNull(row, "page")),
            Sql.text(row, "actor"),
            Sql.text(row, "object")),
        row.getLong("left_out"));
  }
}

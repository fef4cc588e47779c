package parlour.push;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import parlour.Limits;
import parlour.store.Database;
import parlour.store.Sql;

/**
 * {@link WaitingPushes} in a table of push subscriptions, in SQL that SQLite and PostgreSQL both
 * accept.
 */
public abstract class SqlWaitingPushes<O> implements WaitingPushes<O> {
  protected final Database database;
  private final String table;
  private final String key;
  private final String ownerColumns;

  /**
   * @param key the column that identifies a subscription
   * @param ownerColumns the other columns that {@link #owner} reads
   */
  protected SqlWaitingPushes(Database database, String table, String key, String ownerColumns) {
    this.database = database;
    this.table = table;
    this.key = key;
    this.ownerColumns = ownerColumns;
  }

  /**
   * The owner of a subscription.
   *
   * @param now when it was claimed
   */
  protected abstract O owner(ResultSet row, Instant now) throws SQLException;

  /** The value of the column that identifies the subscription of an owner. */
  protected abstract String keyOf(O owner);

  /** A statement about the table, whose name and key it has as {@code TABLE} and {@code KEY}. */
  private String ofTable(String statement) {
    return statement.replace("TABLE", table).replace("KEY", key);
  }

  /**
   * The host of an endpoint below a group, if it has accepted a push; otherwise the service itself.
   */
  protected final String known(Sql sql, String endpoint, String service) throws SQLException {
    if (!PushServices.isGroup(service)) {
      return service;
    }
    String host = PushServices.host(endpoint);
    return hasAccepted(sql, host) ? host : service;
  }

  @Override
  public boolean hasAccepted(String host) {
    return database.readOne(sql -> hasAccepted(sql, host));
  }

  final boolean hasAccepted(Sql sql, String host) throws SQLException {
    return sql.first(
            ofTable("SELECT 1 FROM TABLE WHERE service = ? ORDER BY KEY LIMIT 1"), _ -> true, host)
        .isPresent();
  }

  @Override
  public List<String> due(Instant now) {
    return database.read(
        sql -> sql.list(ofTable("""
            SELECT DISTINCT service FROM TABLE
            WHERE due_at IS NOT NULL AND (due_at <= ? OR due_at > ?)
            """), row -> row.getString("service"), now, latestPossible(now)));
  }

  @Override
  public List<Claim<O>> claim(String service, String lease, Instant now, Instant until, int limit) {
    // The outer condition repeats the inner one, because another node may claim in between. A row
    // that a message has locked is claimed a second later: to wait for it could be a deadlock with
    // that message.
    return database.write(sql -> sql.list(
        ofTable("""
        WITH found AS (SELECT KEY FROM TABLE
          WHERE service = ? AND due_at IS NOT NULL AND (due_at <= ? OR due_at > ?)
          ORDER BY due_at LIMIT ? %s)
        UPDATE TABLE SET lease = ?, due_at = ?
        WHERE KEY IN (SELECT KEY FROM found) AND (due_at <= ? OR due_at > ?)
        RETURNING KEY, %s, endpoint, browser_key, auth, title, body, lease, wanted, failures,
          unanswered, failing_since
        """).formatted(sql.skippingLocked(), ownerColumns),
        row -> claim(row, now),
        service,
        now,
        latestPossible(now),
        limit,
        lease,
        until,
        now,
        latestPossible(now)));
  }

  private Claim<O> claim(ResultSet row, Instant now) throws SQLException {
    return new Claim<>(
        owner(row, now),
        new PushSubscription(
            row.getString("endpoint"),
            row.getString("browser_key"),
            row.getString("auth"),
            row.getString("title"),
            row.getString("body")),
        row.getString("lease"),
        row.getLong("wanted"),
        row.getLong("failures"),
        row.getLong("unanswered"),
        Optional.ofNullable(Sql.instantOrNull(row, "failing_since")));
  }

  /** No push waits longer than until this, so a wrong clock has set a later due time. */
  private static Instant latestPossible(Instant now) {
    return now.plus(Limits.MAX_PUSH_RETRY_AFTER).plus(Limits.CLOCK_SKEW);
  }

  @Override
  public void done(Claim<O> claim, String service, Instant quietUntil) {
    database.write(sql -> done(sql, claim, service, quietUntil));
  }

  /** The same, in a transaction that changes more. */
  protected final int done(Sql sql, Claim<O> claim, String service, Instant quietUntil)
      throws SQLException {
    return sql.update(
        ofTable("""
        UPDATE TABLE
        SET service = ?, due_at = CASE WHEN wanted = ? THEN NULL ELSE ? END, quiet_until = ?,
          failures = 0, unanswered = 0, failing_since = NULL, lease = NULL
        WHERE KEY = ? AND lease = ?
        """),
        service,
        claim.wanted(),
        quietUntil,
        quietUntil,
        keyOf(claim.owner()),
        claim.lease());
  }

  @Override
  public void failed(Claim<O> claim, long unanswered, Instant now, Instant next) {
    database.write(sql ->
        sql.update(ofTable("""
        UPDATE TABLE
        SET failures = failures + 1, unanswered = ?, failing_since = COALESCE(failing_since, ?),
          due_at = ?, lease = NULL
        WHERE KEY = ? AND lease = ?
        """), unanswered, now, next, keyOf(claim.owner()), claim.lease()));
  }

  @Override
  public void release(Claim<O> claim, Instant next) {
    database.write(sql -> sql.update(
        ofTable("UPDATE TABLE SET due_at = ?, lease = NULL WHERE KEY = ? AND lease = ?"),
        next,
        keyOf(claim.owner()),
        claim.lease()));
  }

  @Override
  public void delete(Claim<O> claim) {
    database.write(sql -> sql.update(
        ofTable("DELETE FROM TABLE WHERE KEY = ? AND lease = ?"),
        keyOf(claim.owner()),
        claim.lease()));
  }

  @Override
  public long waiting() {
    return database.read(sql -> sql.first(
            ofTable("SELECT COUNT(*) AS waiting FROM TABLE WHERE due_at IS NOT NULL"),
            row -> row.getLong("waiting"))
        .orElseThrow());
  }
}

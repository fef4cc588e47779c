package parlour.webhooks;

import java.net.URI;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import parlour.Limits;
import parlour.Sid;
import parlour.accounts.Responder;
import parlour.accounts.SqlAccounts;
import parlour.accounts.SqlResponder;
import parlour.conversations.MessageIndex;
import parlour.conversations.Revision;
import parlour.store.Database;
import parlour.store.Sql;

/** {@link WebhookStore} in SQL that both SQLite and PostgreSQL accept. */
public final class SqlWebhookStore implements WebhookStore {
  private final Database database;

  /**
   * @param database the orchestrator's database, with {@link SqlAccounts#SCHEMA}
   */
  public SqlWebhookStore(Database database) {
    this.database = database;
  }

  @Override
  public List<Target> targets() {
    return database.read(sql -> sql.list(
        """
        SELECT sid, account_sid, COALESCE(webhook_since, created_at) AS since
        FROM address WHERE webhook_url IS NOT NULL
        """,
        row -> new Target(
            new Sid.Address(row.getString("sid")),
            new Sid.Account(row.getString("account_sid")),
            Sql.instant(row, "since"))));
  }

  @Override
  public Optional<Instant> recordedUntil(Sid.Account account) {
    return database.read(sql -> sql.first(
        "SELECT since FROM webhook_watch WHERE account_sid = ?",
        row -> Sql.instant(row, "since"),
        account.text()));
  }

  @Override
  public boolean hasRecord(Sid.Conversation conversation) {
    return database.read(sql -> sql.first(
            "SELECT 1 FROM webhook_delivery WHERE conversation_sid = ?",
            row -> true,
            conversation.text())
        .isPresent());
  }

  @Override
  public void record(Sid.Account account, Instant until, List<PendingChange> changes, Instant now) {
    database.write(sql -> {
      for (PendingChange one : changes) {
        sql.update(
            """
            INSERT INTO webhook_delivery (conversation_sid, account_sid, address_sid,
              known_revision, told_revision, told_index, failures, due_at, waiting_since)
            SELECT ?, account_sid, sid, ?, ?, ?, 0, ?, ?
            FROM address WHERE sid = ? AND account_sid = ? AND webhook_url IS NOT NULL
            ON CONFLICT (conversation_sid) DO UPDATE
            SET known_revision = excluded.known_revision,
              waiting_since = CASE
                WHEN webhook_delivery.told_revision < webhook_delivery.known_revision
                THEN webhook_delivery.waiting_since ELSE excluded.waiting_since END
            WHERE webhook_delivery.known_revision < excluded.known_revision
            """,
            one.conversation().text(),
            one.revision().number(),
            one.start().revision().number(),
            one.start().index().number(),
            now,
            now,
            one.address().text(),
            account.text());
      }
      return sql.update("""
          INSERT INTO webhook_watch (account_sid, since) VALUES (?, ?)
          ON CONFLICT (account_sid) DO UPDATE SET since = excluded.since
          WHERE webhook_watch.since < excluded.since
          """, account.text(), until);
    });
  }

  @Override
  public List<Sid.Address> due(Instant now) {
    return database.read(sql ->
        sql.list("""
            SELECT sid FROM address
            WHERE webhook_url IS NOT NULL AND EXISTS (SELECT 1 FROM webhook_delivery
              WHERE address_sid = address.sid AND told_revision < known_revision
                AND (due_at <= ? OR due_at > ?))
            """, row -> new Sid.Address(row.getString("sid")), now, latestPossible(now)));
  }

  @Override
  public List<Claim> claim(
      Sid.Address address, String lease, Instant now, Instant until, int limit) {
    return database.write(sql -> {
      Optional<Responder> responder = sql.first(
          "SELECT webhook_url, webhook_secret FROM address WHERE sid = ?",
          SqlResponder::of,
          address.text());
      if (!(responder.orElse(null) instanceof Responder.Webhook webhook)) {
        return List.of();
      }
      // The outer conditions repeat the inner ones, because another node may claim in between.
      return sql.list(
          """
          UPDATE webhook_delivery SET lease = ?, due_at = ?
          WHERE conversation_sid IN (SELECT conversation_sid FROM webhook_delivery
              WHERE address_sid = ? AND told_revision < known_revision
                AND (due_at <= ? OR due_at > ?)
              ORDER BY due_at LIMIT ?)
            AND told_revision < known_revision AND (due_at <= ? OR due_at > ?)
          RETURNING conversation_sid, account_sid, told_revision, told_index, failures,
            failing_since
          """,
          row -> new Claim(
              new Sid.Conversation(row.getString("conversation_sid")),
              new Sid.Account(row.getString("account_sid")),
              address,
              webhook,
              lease,
              new DeliveryCursor(
                  new Revision(row.getLong("told_revision")),
                  new MessageIndex(row.getLong("told_index"))),
              row.getLong("failures"),
              Optional.ofNullable(Sql.instantOrNull(row, "failing_since"))),
          lease,
          until,
          address.text(),
          now,
          latestPossible(now),
          limit,
          now,
          latestPossible(now));
    });
  }

  /** No event waits longer than until this, so a wrong clock has set a later due time. */
  private static Instant latestPossible(Instant now) {
    return now.plus(Limits.MAX_RETRY_AFTER).plus(Limits.CLOCK_SKEW);
  }

  @Override
  public boolean advance(Claim claim, DeliveryCursor cursor, Instant until) {
    return database.write(sql -> advance(sql, claim, cursor, until));
  }

  private static boolean advance(Sql sql, Claim claim, DeliveryCursor cursor, Instant until)
      throws SQLException {
    return sql.update(
            """
            UPDATE webhook_delivery
            SET told_revision = ?, told_index = ?, failures = 0, failing_since = NULL,
              last_error = NULL, due_at = ?
            WHERE conversation_sid = ? AND lease = ?
            """,
            cursor.revision().number(),
            cursor.index().number(),
            until,
            claim.conversation().text(),
            claim.lease())
        == 1;
  }

  @Override
  public boolean giveUp(Claim claim, GivingUp event, Instant until) {
    return database.write(sql -> {
      noteFailure(sql, claim.address(), event.why(), event.at());
      if (!advance(sql, claim, event.after(), until)) {
        return false;
      }
      SqlGivenUpEvents.keep(sql, claim, event);
      return true;
    });
  }

  @Override
  public void accepted(Sid.Address address, Instant now) {
    database.write(sql -> sql.update(
        "UPDATE address SET webhook_accepted_at = ? WHERE sid = ? AND webhook_url IS NOT NULL",
        now,
        address.text()));
  }

  /** Before the change of the delivery: a change of the address locks its rows in this order, too. */
  private static void noteFailure(Sql sql, Sid.Address address, String error, Instant now)
      throws SQLException {
    sql.update("""
        UPDATE address SET webhook_failed_at = ?, webhook_error = ?
        WHERE sid = ? AND webhook_url IS NOT NULL
          AND (webhook_failed_at IS NULL OR webhook_failed_at < ? OR webhook_error <> ?)
        """, now, error, address.text(), now.minus(Limits.WEBHOOK_STATUS_STEP), error);
  }

  @Override
  public void done(Claim claim, DeliveryCursor cursor, Instant now) {
    database.write(sql -> sql.update(
        """
        UPDATE webhook_delivery
        SET told_revision = ?, told_index = ?,
          known_revision = CASE WHEN known_revision < ? THEN ? ELSE known_revision END,
          waiting_since = CASE WHEN ? < known_revision THEN ? ELSE NULL END,
          failures = 0, failing_since = NULL, last_error = NULL, due_at = ?, lease = NULL
        WHERE conversation_sid = ? AND lease = ?
        """,
        cursor.revision().number(),
        cursor.index().number(),
        cursor.revision().number(),
        cursor.revision().number(),
        cursor.revision().number(),
        now,
        now,
        claim.conversation().text(),
        claim.lease()));
  }

  @Override
  public void failed(Claim claim, String error, Instant now, Instant next) {
    database.write(sql -> {
      noteFailure(sql, claim.address(), error, now);
      return sql.update("""
          UPDATE webhook_delivery
          SET failures = failures + 1, failing_since = COALESCE(failing_since, ?),
            last_error = ?, due_at = ?, lease = NULL
          WHERE conversation_sid = ? AND lease = ?
          """, now, error, next, claim.conversation().text(), claim.lease());
    });
  }

  @Override
  public void release(Claim claim, Instant next) {
    database.write(sql -> sql.update("""
        UPDATE webhook_delivery SET due_at = ?, lease = NULL
        WHERE conversation_sid = ? AND lease = ?
        """, next, claim.conversation().text(), claim.lease()));
  }

  @Override
  public void delete(Claim claim) {
    database.write(sql -> sql.update(
        "DELETE FROM webhook_delivery WHERE conversation_sid = ? AND lease = ?",
        claim.conversation().text(),
        claim.lease()));
  }

  @Override
  public int sweep(Instant before, int limit) {
    return database.write(sql -> sql.update("""
        DELETE FROM webhook_delivery WHERE conversation_sid IN (
          SELECT conversation_sid FROM webhook_delivery
          WHERE due_at < ? AND told_revision >= known_revision LIMIT ?)
          AND told_revision >= known_revision
        """, before, limit));
  }

  @Override
  public List<WebhookStatus> webhooks(Sid.Account account, int limit) {
    return database.read(sql -> {
      List<WebhookStatus> statuses = new ArrayList<>();
      for (WebhookStatus one : withoutCounts(sql, account, limit)) {
        statuses.add(counted(sql, one));
      }
      return List.copyOf(statuses);
    });
  }

  private static List<WebhookStatus> withoutCounts(Sql sql, Sid.Account account, int limit)
      throws SQLException {
    return sql.list(
        """
        SELECT sid, name, webhook_url, webhook_accepted_at, webhook_failed_at, webhook_error
        FROM address WHERE account_sid = ? AND webhook_url IS NOT NULL
        ORDER BY name, sid LIMIT ?
        """,
        row -> new WebhookStatus(
            new Sid.Address(row.getString("sid")),
            row.getString("name"),
            URI.create(row.getString("webhook_url")),
            0,
            Optional.empty(),
            Optional.empty(),
            Optional.ofNullable(Sql.instantOrNull(row, "webhook_accepted_at")),
            failure(row),
            0),
        account.text(),
        limit);
  }

  private static Optional<Failure> failure(ResultSet row) throws SQLException {
    Instant at = Sql.instantOrNull(row, "webhook_failed_at");
    String why = row.getString("webhook_error");
    return at == null || why == null ? Optional.empty() : Optional.of(new Failure(at, why));
  }

  /** Counts no further than a bound, so that a long backlog does not occupy a reader. */
  private static WebhookStatus counted(Sql sql, WebhookStatus one) throws SQLException {
    long givenUp = sql.first(
            """
            SELECT count(*) AS number FROM (SELECT 1 FROM webhook_given_up
              WHERE address_sid = ? LIMIT ?) AS kept
            """, row -> row.getLong("number"), one.address().text(), Limits.WEBHOOK_COUNTED)
        .orElse(0L);
    return sql.first(
            """
            SELECT count(*) AS waiting, min(COALESCE(waiting_since, failing_since)) AS waiting_since,
              min(failing_since) AS failing_since
            FROM (SELECT waiting_since, failing_since FROM webhook_delivery
              WHERE address_sid = ? AND told_revision < known_revision LIMIT ?) AS pending
            """,
            row -> new WebhookStatus(
                one.address(),
                one.name(),
                one.url(),
                row.getLong("waiting"),
                Optional.ofNullable(Sql.instantOrNull(row, "waiting_since")),
                Optional.ofNullable(Sql.instantOrNull(row, "failing_since")),
                one.accepted(),
                one.failure(),
                givenUp),
            one.address().text(),
            Limits.WEBHOOK_COUNTED)
        .orElse(one);
  }

  @Override
  public int deliverNow(Sid.Address address, Instant now, int limit) {
    return database.write(sql -> sql.update("""
        UPDATE webhook_delivery SET due_at = ?
        WHERE conversation_sid IN (SELECT conversation_sid FROM webhook_delivery
            WHERE address_sid = ? AND told_revision < known_revision AND lease IS NULL
              AND due_at > ? ORDER BY due_at LIMIT ?)
          AND told_revision < known_revision AND lease IS NULL AND due_at > ?
        """, now, address.text(), now, limit, now));
  }

  @Override
  public List<DeliveryStatus> statuses() {
    return database.read(sql -> {
      List<DeliveryStatus> waiting = sql.list(
          """
          SELECT address_sid, count(*) AS waiting, min(failing_since) AS failing_since
          FROM webhook_delivery WHERE told_revision < known_revision GROUP BY address_sid
          """,
          row -> new DeliveryStatus(
              new Sid.Address(row.getString("address_sid")),
              row.getLong("waiting"),
              Sql.instantOrNull(row, "failing_since"),
              null));
      List<DeliveryStatus> statuses = new ArrayList<>();
      for (DeliveryStatus one : waiting) {
        Optional<String> error =
            sql.first("""
                SELECT last_error FROM webhook_delivery
                WHERE address_sid = ? AND told_revision < known_revision AND last_error IS NOT NULL
                ORDER BY due_at DESC LIMIT 1
                """, row -> row.getString("last_error"), one.address().text());
        statuses.add(new DeliveryStatus(
            one.address(), one.waiting(), one.failingSince(), error.orElse(null)));
      }
      return List.copyOf(statuses);
    });
  }

  @Override
  public Backlog backlog() {
    return database
        .readOne(sql -> sql.first(
            """
            SELECT count(*) AS waiting, min(failing_since) AS failing_since
            FROM webhook_delivery WHERE told_revision < known_revision
            """,
            row -> new Backlog(
                row.getLong("waiting"),
                Optional.ofNullable(Sql.instantOrNull(row, "failing_since")))))
        .orElse(Backlog.NOTHING);
  }
}

package parlour.webhooks;

import java.sql.SQLException;
import java.time.Instant;
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
import parlour.webhooks.WebhookStore.Claim;
import parlour.webhooks.WebhookStore.DeliveryCursor;
import parlour.webhooks.WebhookStore.GivingUp;

/** {@link GivenUpEvents} in SQL that both SQLite and PostgreSQL accept. */
public final class SqlGivenUpEvents implements GivenUpEvents {
  private final Database database;

  /**
   * @param database the orchestrator's database, with {@link SqlAccounts#SCHEMA}
   */
  public SqlGivenUpEvents(Database database) {
    this.database = database;
  }

  /**
   * Keeps an event, in the transaction that gives it up; unless its conversation has too many of them.
   */
  static void keep(Sql sql, Claim claim, GivingUp event) throws SQLException {
    sql.update(
        """
        INSERT INTO webhook_given_up (event_id, account_sid, address_sid, conversation_sid,
          event_type, after_revision, after_index, given_up_at, reason)
        SELECT ?, account_sid, sid, ?, ?, ?, ?, ?, ?
        FROM address
        WHERE sid = ? AND (SELECT count(*) FROM (SELECT 1 FROM webhook_given_up
            WHERE conversation_sid = ? LIMIT ?) AS kept) < ?
        ON CONFLICT (event_id) DO NOTHING
        """,
        event.eventId(),
        claim.conversation().text(),
        event.type(),
        event.before().revision().number(),
        event.before().index().number(),
        event.at(),
        event.why(),
        claim.address().text(),
        claim.conversation().text(),
        Limits.WEBHOOK_GIVEN_UP_OF_CONVERSATION,
        Limits.WEBHOOK_GIVEN_UP_OF_CONVERSATION);
  }

  @Override
  public List<GivenUp> newest(Sid.Address address, int limit) {
    return database.read(sql -> sql.list(
        """
        SELECT event_id, event_type, conversation_sid, given_up_at, reason, due_at
        FROM webhook_given_up WHERE address_sid = ?
        ORDER BY given_up_at DESC, event_id DESC LIMIT ?
        """,
        row -> new GivenUp(
            row.getString("event_id"),
            row.getString("event_type"),
            address,
            new Sid.Conversation(row.getString("conversation_sid")),
            Sql.instant(row, "given_up_at"),
            row.getString("reason"),
            Sql.longOrNull(row, "due_at") != null),
        address.text(),
        limit));
  }

  @Override
  public int deliverAgain(Sid.Address address, Optional<String> eventId, Instant now, int limit) {
    return database.write(sql -> eventId.isPresent()
        ? sql.update("""
            UPDATE webhook_given_up SET due_at = ?
            WHERE event_id = ? AND address_sid = ? AND due_at IS NULL
            """, now, eventId.get(), address.text())
        : sql.update("""
            UPDATE webhook_given_up SET due_at = ?
            WHERE event_id IN (SELECT event_id FROM webhook_given_up
                WHERE address_sid = ? AND due_at IS NULL ORDER BY given_up_at LIMIT ?)
              AND due_at IS NULL
            """, now, address.text(), limit));
  }

  @Override
  public List<Sid.Address> due(Instant now) {
    return database.read(sql ->
        sql.list("""
        SELECT sid FROM address
        WHERE webhook_url IS NOT NULL AND EXISTS (SELECT 1 FROM webhook_given_up
          WHERE address_sid = address.sid AND due_at IS NOT NULL AND (due_at <= ? OR due_at > ?))
        """, row -> new Sid.Address(row.getString("sid")), now, latestPossible(now)));
  }

  @Override
  public Optional<Redelivery> claim(Sid.Address address, String lease, Instant now, Instant until) {
    return database.write(sql -> {
      Optional<Responder> responder = sql.first(
          "SELECT webhook_url, webhook_secret FROM address WHERE sid = ?",
          SqlResponder::of,
          address.text());
      if (!(responder.orElse(null) instanceof Responder.Webhook webhook)) {
        return Optional.empty();
      }
      return sql
          .list(
              """
              UPDATE webhook_given_up SET lease = ?, due_at = ?
              WHERE event_id IN (SELECT event_id FROM webhook_given_up
                  WHERE address_sid = ? AND due_at IS NOT NULL AND (due_at <= ? OR due_at > ?)
                  ORDER BY given_up_at, after_revision LIMIT 1)
                AND due_at IS NOT NULL AND (due_at <= ? OR due_at > ?)
              RETURNING event_id, account_sid, conversation_sid, after_revision, after_index
              """,
              row -> new Redelivery(
                  row.getString("event_id"),
                  new Claim(
                      new Sid.Conversation(row.getString("conversation_sid")),
                      new Sid.Account(row.getString("account_sid")),
                      address,
                      webhook,
                      lease,
                      new DeliveryCursor(
                          new Revision(row.getLong("after_revision")),
                          new MessageIndex(row.getLong("after_index"))),
                      0,
                      Optional.empty())),
              lease,
              until,
              address.text(),
              now,
              latestPossible(now),
              now,
              latestPossible(now))
          .stream()
          .findFirst();
    });
  }

  /** No event waits longer than until this, so a wrong clock has set a later due time. */
  private static Instant latestPossible(Instant now) {
    return now.plus(Limits.WEBHOOK_LEASE).plus(Limits.CLOCK_SKEW);
  }

  @Override
  public void delete(Redelivery event) {
    database.write(sql -> sql.update(
        "DELETE FROM webhook_given_up WHERE event_id = ? AND lease = ?",
        event.eventId(),
        event.claim().lease()));
  }

  @Override
  public boolean failed(Redelivery event, String why) {
    return database.write(
            sql -> sql.update("""
        UPDATE webhook_given_up SET reason = ?, due_at = NULL, lease = NULL
        WHERE event_id = ? AND lease = ?
        """, why, event.eventId(), event.claim().lease()))
        == 1;
  }

  @Override
  public void release(Redelivery event, Instant next) {
    database.write(sql -> sql.update("""
        UPDATE webhook_given_up SET due_at = ?, lease = NULL WHERE event_id = ? AND lease = ?
        """, next, event.eventId(), event.claim().lease()));
  }

  @Override
  public void cancel(Sid.Address address) {
    database.write(sql -> sql.update("""
        UPDATE webhook_given_up SET due_at = NULL
        WHERE address_sid = ? AND due_at IS NOT NULL AND lease IS NULL
        """, address.text()));
  }

  @Override
  public int sweep(Instant before, int limit) {
    return database.write(sql -> sql.update("""
        DELETE FROM webhook_given_up WHERE event_id IN (
          SELECT event_id FROM webhook_given_up WHERE given_up_at < ? LIMIT ?)
        """, before, limit));
  }

  @Override
  public int trim(int max, int limit) {
    List<String> addresses = database.read(sql -> sql.list(
        "SELECT sid FROM address WHERE webhook_url IS NOT NULL", row -> row.getString("sid")));
    int deleted = 0;
    for (String address : addresses) {
      deleted += trim(address, max, limit);
    }
    return deleted;
  }

  private int trim(String address, int max, int limit) {
    return database.write(sql -> sql.update("""
        DELETE FROM webhook_given_up WHERE event_id IN (
          SELECT event_id FROM webhook_given_up WHERE address_sid = ?
          ORDER BY given_up_at DESC, event_id DESC LIMIT ? OFFSET ?)
        """, address, limit, max));
  }
}

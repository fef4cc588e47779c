package parlour.accounts;

import java.net.URI;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import parlour.store.Sql;

/** Reads the responder of an address from a row, and applies its changes to the deliveries. */
public final class SqlResponder {
  private SqlResponder() {}

  /** Deletes the deliveries of an address whose responder is now the inbox; in its transaction. */
  static void delete(Sql sql, Accounts.Address address) throws SQLException {
    sql.update(
        "DELETE FROM webhook_delivery WHERE address_sid = ?", address.sid().text());
    sql.update(
        "DELETE FROM webhook_given_up WHERE address_sid = ?", address.sid().text());
    sql.update("""
            UPDATE address
            SET webhook_accepted_at = NULL, webhook_failed_at = NULL, webhook_error = NULL
            WHERE sid = ?
            """, address.sid().text());
    sql.update("""
            DELETE FROM webhook_watch WHERE account_sid = ? AND NOT EXISTS (SELECT 1 FROM address
              WHERE address.account_sid = webhook_watch.account_sid AND webhook_url IS NOT NULL)
            """, address.account().text());
  }

  /** Whether the address has the same webhook as its row has, with the same secret. */
  static boolean isUnchanged(Sql sql, Accounts.Address address) throws SQLException {
    return sql.first(
            "SELECT webhook_url, webhook_secret FROM address WHERE sid = ?",
            SqlResponder::of,
            address.sid().text())
        .equals(Optional.of(address.answering()));
  }

  /**
   * Makes the deliveries to a changed webhook due at once, and those that were requested again. It must be called in the
   * transaction that changes the address: a delivery that is running still calls the old URL, so it loses its lease.
   */
  static void tryAgain(Sql sql, Accounts.Address address, Instant now) throws SQLException {
    sql.update("""
            UPDATE webhook_delivery SET due_at = ?, lease = NULL
            WHERE address_sid = ? AND told_revision < known_revision
            """, now, address.sid().text());
    sql.update("""
            UPDATE webhook_given_up SET due_at = ?, lease = NULL
            WHERE address_sid = ? AND due_at IS NOT NULL
            """, now, address.sid().text());
  }

  public static Responder of(ResultSet row) throws SQLException {
    String url = row.getString("webhook_url");
    return url == null
        ? new Responder.Inbox()
        : new Responder.Webhook(
            URI.create(url),
            new WebhookSecret(Objects.requireNonNull(row.getString("webhook_secret"))));
  }
}

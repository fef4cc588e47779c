package parlour.push;

import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import parlour.Identity;
import parlour.RandomHex;
import parlour.Sid;
import parlour.push.PushQueue.Owner;
import parlour.spec.PushBrowser;
import parlour.store.Database;

/**
 * Guests in a store of Conversations, each with a message of an agent that the guest has not read.
 */
final class StoredGuests {
  private static final SecureRandom random = new SecureRandom();
  private static final PushBrowser browser = new PushBrowser();

  private final Database database;

  StoredGuests(Database database) {
    this.database = database;
  }

  Owner guestOf(Sid.Account account) {
    Sid.Conversation conversation = Sid.Conversation.random(random);
    Identity identity = new Identity("guest_1");
    database.write(sql -> {
      sql.update(
          """
          INSERT INTO conversation (sid, account_sid, address_sid, state, pre_engagement_data,
            created_at)
          VALUES (?, ?, ?, 'active', '{}', 0)
          """, conversation.text(), account.text(), Sid.Address.random(random).text());
      sql.update("""
          INSERT INTO participant (sid, conversation_sid, identity, friendly_name, joined_at)
          VALUES (?, ?, ?, 'Ada', 0)
          """, "MB" + RandomHex.next(random, 32), conversation.text(), identity.text());
      return sql.update("""
          INSERT INTO message (sid, conversation_sid, message_index, author, author_kind,
            author_name, body, attributes, created_at, updated_at, added_revision, revision, removed)
          VALUES (?, ?, 0, 'agent_1', 'agent', 'Ann', 'Hello', '{}', 0, 0, 2, 2, FALSE)
          """, "IM" + RandomHex.next(random, 32), conversation.text());
    });
    return new Owner(Sid.Session.random(random), account, conversation, identity);
  }

  /** A message asks for a push to each of these guests. */
  void wrote(List<Owner> guests, Instant now) {
    database.write(sql -> {
      SqlPushQueue.messagesAdded(sql, guests.stream().map(Owner::conversation).toList(), now);
      return guests.size();
    });
  }

  long failures(Owner guest) {
    return database.read(sql -> sql.first(
            "SELECT failures FROM push_subscription WHERE session_sid = ?",
            row -> row.getLong("failures"),
            guest.session().text())
        .orElseThrow());
  }

  static PushSubscription subscription(String endpoint) {
    return new PushSubscription(
        endpoint, browser.p256dh(), browser.auth(), "Ask us", "New message");
  }
}

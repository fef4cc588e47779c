package parlour.conversations;

import java.time.Instant;
import java.util.List;
import parlour.Sid;
import parlour.store.Database;

/** {@link ConversationStore} in SQL that SQLite and PostgreSQL both speak. */
public final class SqlConversationStore implements ConversationStore {
  /** The files of parlour/conversations on the class path, in order. */
  public static final List<String> MIGRATIONS = List.of("001-conversations.sql");

  private final Database database;

  public SqlConversationStore(Database database) {
    this.database = database;
  }

  @Override
  public boolean create(
      Conversations.NewConversation conversation, Sid.Participant participant, Instant now) {
    return database.write(sql -> {
      int created = sql.update(
          """
                  INSERT INTO conversation (sid, account_sid, address_sid, state,
                    pre_engagement_data, created_at)
                  VALUES (?, ?, ?, 'active', ?, ?)
                  ON CONFLICT (sid) DO NOTHING
                  """,
          conversation.sid().text(),
          conversation.account().text(),
          conversation.address().text(),
          conversation.preEngagementData(),
          now);
      if (created == 0) {
        return false;
      }
      sql.update(
          """
              INSERT INTO participant (sid, conversation_sid, identity, friendly_name, joined_at)
              VALUES (?, ?, ?, ?, ?)
              """,
          participant.text(),
          conversation.sid().text(),
          conversation.identity(),
          conversation.customerFriendlyName(),
          now);
      return true;
    });
  }
}

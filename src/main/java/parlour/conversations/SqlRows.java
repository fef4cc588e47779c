package parlour.conversations;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import parlour.Identity;
import parlour.Sid;
import parlour.store.Sql;

/** The columns of each table, and how a row is read. */
final class SqlRows {
  static final String CONVERSATION = """
      sid, account_sid, address_sid, state, pre_engagement_data, attributes, revision, \
      state_revision, next_index, inbox_read_index, guest_spoke, created_at, updated_at, \
      last_activity_at""";

  static final String MESSAGE = """
      sid, conversation_sid, message_index, author, author_kind, author_name, body, attributes, \
      client_id, created_at, updated_at, added_revision, revision, removed""";

  static final String PARTICIPANT = """
      sid, conversation_sid, identity, kind, friendly_name, read_index, joined_revision, revision, \
      joined_at, left_at""";

  /** A condition on rows of messages or participants; its argument is the account's sid. */
  static final String OF_ACCOUNT = " AND EXISTS (SELECT 1 FROM conversation"
      + " WHERE conversation.sid = conversation_sid AND account_sid = ?)";

  private SqlRows() {}

  static Conversation conversation(ResultSet row) throws SQLException {
    return new Conversation(
        new Sid.Conversation(row.getString("sid")),
        new Sid.Account(row.getString("account_sid")),
        new Sid.Address(row.getString("address_sid")),
        Conversation.State.of(row.getString("state")),
        row.getString("pre_engagement_data"),
        row.getString("attributes"),
        new Revision(row.getLong("revision")),
        new Revision(row.getLong("state_revision")),
        new MessageIndex(row.getLong("next_index")),
        new MessageIndex(row.getLong("inbox_read_index")),
        row.getBoolean("guest_spoke"),
        Sql.instant(row, "created_at"),
        Sql.instant(row, "updated_at"),
        Sql.instant(row, "last_activity_at"));
  }

  static Message message(ResultSet row) throws SQLException {
    return new Message(
        new Sid.Message(row.getString("sid")),
        new Sid.Conversation(row.getString("conversation_sid")),
        new MessageIndex(row.getLong("message_index")),
        new Identity(row.getString("author")),
        ParticipantKind.of(row.getString("author_kind")),
        row.getString("author_name"),
        row.getString("body"),
        row.getString("attributes"),
        Optional.ofNullable(row.getString("client_id")),
        Sql.instant(row, "created_at"),
        Sql.instant(row, "updated_at"),
        new Revision(row.getLong("added_revision")),
        new Revision(row.getLong("revision")),
        row.getBoolean("removed"));
  }

  static Participant participant(ResultSet row) throws SQLException {
    return new Participant(
        new Sid.Participant(row.getString("sid")),
        new Sid.Conversation(row.getString("conversation_sid")),
        new Identity(row.getString("identity")),
        ParticipantKind.of(row.getString("kind")),
        row.getString("friendly_name"),
        new MessageIndex(row.getLong("read_index")),
        new Revision(row.getLong("joined_revision")),
        new Revision(row.getLong("revision")),
        Sql.instant(row, "joined_at"),
        Sql.instantOrNull(row, "left_at") == null);
  }
}

package parlour.conversations;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import parlour.Identity;
import parlour.Sid;
import parlour.http.json.JsonText;
import parlour.media.Attachment;
import parlour.store.Sql;

/** The columns of each table, and how a row is read. */
final class SqlRows {
  static final String CONVERSATION = """
      sid, account_sid, address_sid, deployment_key, pre_engagement_data, attributes, \
      inbox_read_index, details_revision, state, state_revision, state_at, next_index, message_count, guest_spoke, \
      last_activity_at, created_at, revision, updated_at""";

  static final String MESSAGE = """
      sid, conversation_sid, message_index, author, author_kind, author_name, body, attributes, \
      files, client_id, created_at, updated_at, added_revision, revision, removed""";

  static final String PARTICIPANT = """
      sid, conversation_sid, identity, kind, friendly_name, attributes, joined_at, \
      joined_revision, left_at, read_index, read_at, revision, updated_at""";

  /** A condition on rows of messages or participants; its argument is the account's sid. */
  static final String OF_ACCOUNT = " AND ? = (SELECT account_sid FROM conversation"
      + " WHERE conversation.sid = conversation_sid)";

  private SqlRows() {}

  static Conversation conversation(ResultSet row) throws SQLException {
    return new Conversation(
        new Sid.Conversation(Sql.text(row, "sid")),
        new Sid.Account(Sql.text(row, "account_sid")),
        new Sid.Address(Sql.text(row, "address_sid")),
        Optional.ofNullable(Sql.textOrNull(row, "deployment_key")).map(Sid.Deployment::new),
        new Conversation.Details(
            json(row, "pre_engagement_data"),
            json(row, "attributes"),
            new MessageIndex(row.getLong("inbox_read_index")),
            new Revision(row.getLong("details_revision"))),
        new Conversation.Status(
            Conversation.State.of(Sql.text(row, "state")),
            version(row, "state_revision", "state_at")),
        new Conversation.Activity(
            new MessageIndex(row.getLong("next_index")),
            row.getInt("message_count"),
            row.getBoolean("guest_spoke"),
            Sql.instant(row, "last_activity_at")),
        Sql.instant(row, "created_at"),
        version(row, "revision", "updated_at"));
  }

  static Message message(ResultSet row) throws SQLException {
    return new Message(
        new Sid.Message(Sql.text(row, "sid")),
        new Sid.Conversation(Sql.text(row, "conversation_sid")),
        new MessageIndex(row.getLong("message_index")),
        author(row),
        row.getBoolean("removed")
            ? Optional.empty()
            : Optional.of(
                new Message.Content(Sql.text(row, "body"), json(row, "attributes"), files(row))),
        Optional.ofNullable(Sql.textOrNull(row, "client_id")),
        version(row, "added_revision", "created_at"),
        version(row, "revision", "updated_at"));
  }

  static Message.Author author(ResultSet row) throws SQLException {
    return new Message.Author(
        new Identity(Sql.text(row, "author")),
        ParticipantKind.of(Sql.text(row, "author_kind")),
        Sql.text(row, "author_name"));
  }

  private static List<Attachment> files(ResultSet row) throws SQLException {
    String files = Sql.textOrNull(row, "files");
    return files == null ? List.of() : Attachment.parse(files);
  }

  static Participant participant(ResultSet row) throws SQLException {
    return new Participant(
        new Sid.Participant(Sql.text(row, "sid")),
        new Sid.Conversation(Sql.text(row, "conversation_sid")),
        new Identity(Sql.text(row, "identity")),
        ParticipantKind.of(Sql.text(row, "kind")),
        new Participant.Profile(Sql.text(row, "friendly_name"), json(row, "attributes")),
        new Participant.Membership(
            Sql.instant(row, "joined_at"),
            new Revision(row.getLong("joined_revision")),
            Sql.instantOrNull(row, "left_at") == null),
        new Participant.ReadMark(
            new MessageIndex(row.getLong("read_index")),
            Optional.ofNullable(Sql.instantOrNull(row, "read_at"))),
        version(row, "revision", "updated_at"));
  }

  private static JsonText json(ResultSet row, String column) throws SQLException {
    return JsonText.stored(Sql.text(row, column));
  }

  private static Version version(ResultSet row, String revision, String at) throws SQLException {
    return new Version(new Revision(row.getLong(revision)), Sql.instant(row, at));
  }
}

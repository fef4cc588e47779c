package parlour.conversations;

import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import parlour.Limits;
import parlour.Sid;
import parlour.media.Attachment;
import parlour.media.MediaFile;
import parlour.media.SqlMedia;
import parlour.store.RowChange;
import parlour.store.RowInsert;
import parlour.store.Sql;

/** Adds messages. */
final class SqlSending {
  /** The time of the first message of its guest that nobody has answered, as {@link #send} keeps it. */
  static final String WAITING_SINCE = """
      (SELECT created_at FROM message
        WHERE conversation_sid = conversation.sid AND author_kind = 'guest'
          AND message_index > COALESCE(
            (SELECT message_index FROM message AS answer
              WHERE answer.conversation_sid = conversation.sid AND answer.author_kind <> 'guest'
                AND answer.author <> 'greeter'
              ORDER BY message_index DESC LIMIT 1), -1)
        ORDER BY message_index LIMIT 1)""";

  /** Locks the conversation's row, so that no other transaction assigns numbers. */
  private static final RowChange TAKE_NUMBERS =
      new RowChange("""
          UPDATE conversation
          SET revision = revision + 1, next_index = next_index + 1,
            message_count = message_count + 1, updated_at = ?, last_activity_at = ?,
            guest_spoke = (guest_spoke OR ?),
            waiting_since = CASE WHEN ? THEN COALESCE(waiting_since, ?)
              WHEN ? THEN NULL ELSE waiting_since END,
            message_bytes = message_bytes + ?
          WHERE sid = ? AND account_sid = ? AND state = 'active' AND next_index < ?
            AND message_bytes <= ?
            AND NOT EXISTS (
              SELECT 1 FROM participant
              WHERE conversation_sid = ? AND identity = ? AND left_at IS NOT NULL
                AND ? = 'guest')
            AND NOT EXISTS (
              SELECT 1 FROM message
              WHERE conversation_sid = ? AND author = ? AND client_id = ?)
          """, "conversation", "sid", "revision, next_index - 1 AS message_index");

  private static final RowInsert ADD = new RowInsert(
      "message",
      """
          SELECT COALESCE(p.friendly_name, ?) AS author_name
          FROM conversation c LEFT JOIN participant p
            ON p.conversation_sid = c.sid AND p.identity = ? AND p.left_at IS NULL AND ?
          WHERE c.sid = ? AND (p.sid IS NOT NULL OR NOT ?)
          """,
      "author_name",
      "sid",
      "conversation_sid",
      "message_index",
      "author",
      "author_kind",
      "body",
      "attributes",
      "files",
      "client_id",
      "created_at",
      "updated_at",
      "added_revision",
      "revision",
      "removed");

  private SqlSending() {}

  /**
   * Adds a message in two changes, each a round trip if the store is a server: the first assigns the
   * numbers, the second adds the message.
   */
  static Sent send(
      Sql sql, Sid.Account account, Sid.Message sid, Conversations.NewMessage message, Instant now)
      throws SQLException {
    long bytes = utf8(message.content().body()) + utf8(message.content().attributes());
    boolean isGuest = message.author().kind() == ParticipantKind.GUEST;
    Optional<Numbers> taken = sql.change(
        TAKE_NUMBERS,
        message.conversation().text(),
        row -> new Numbers(
            new Revision(row.getLong("revision")), new MessageIndex(row.getLong("message_index"))),
        now,
        now,
        isGuest,
        isGuest,
        now,
        isAnswer(message.author()),
        bytes,
        message.conversation().text(),
        account.text(),
        Limits.CONVERSATION_MESSAGES,
        Limits.CONVERSATION_BYTES - bytes,
        message.conversation().text(),
        message.author().identity().text(),
        message.author().kind().word(),
        message.conversation().text(),
        message.author().identity().text(),
        message.clientId().orElse(null));
    if (taken.isEmpty()) {
      return notTaken(sql, account, message);
    }
    Numbers numbers = taken.get();
    List<Attachment> files = files(sql, account, sid, message);
    if (files.size() < message.files().sids().size()) {
      giveBack(sql, sid, message, bytes, now);
      // The first statement may have waited for the same message, which has taken the files.
      return sentBefore(sql, message).orElseGet(Sent.NoSuchFile::new);
    }
    Optional<String> authorName = add(sql, sid, message, files, numbers, now);
    if (authorName.isEmpty()) {
      giveBack(sql, sid, message, bytes, now);
      return notAdded(sql, account, message);
    }
    Version added = new Version(numbers.revision(), now);
    return new Sent.Added(new Message(
        sid,
        message.conversation(),
        numbers.index(),
        new Message.Author(message.author().identity(), message.author().kind(), authorName.get()),
        Optional.of(
            new Message.Content(message.content().body(), message.content().attributes(), files)),
        message.clientId(),
        added,
        added));
  }

  /** Whether a guest who waits has got an answer. A greeting is none: it comes by itself. */
  private static boolean isAnswer(Message.Author author) {
    return author.kind() != ParticipantKind.GUEST
        && !author.identity().equals(Conversations.Greeting.AUTHOR);
  }

  /** Takes the files that its author uploaded; fewer than it names if one of them cannot be sent. */
  private static List<Attachment> files(
      Sql sql, Sid.Account account, Sid.Message sid, Conversations.NewMessage message)
      throws SQLException {
    if (message.files().sids().isEmpty()) {
      return List.of();
    }
    MediaFile.Owner owner = new MediaFile.Owner(
        account, Optional.of(message.conversation()), message.files().uploader());
    return SqlMedia.take(sql, owner, sid, message.files().sids()).stream()
        .map(Attachment::of)
        .toList();
  }

  /**
   * Adds the message, a guest's under the name of their participant. If the previous statement
   * waited for the row, it saw the participants and messages from before the wait; this one sees
   * the current ones.
   *
   * @return the author's name; empty if the message exists already, or its guest is not in it
   */
  private static Optional<String> add(
      Sql sql,
      Sid.Message sid,
      Conversations.NewMessage message,
      List<Attachment> files,
      Numbers numbers,
      Instant now)
      throws SQLException {
    boolean isGuest = message.author().kind() == ParticipantKind.GUEST;
    String conversation = message.conversation().text();
    String author = message.author().identity().text();
    return sql.insert(
        ADD,
        List.of(message.author().name(), author, isGuest, conversation, isGuest),
        sid.text(),
        conversation,
        numbers.index().number(),
        author,
        message.author().kind().word(),
        message.content().body(),
        message.content().attributes(),
        files.isEmpty() ? null : Attachment.text(files),
        message.clientId().orElse(null),
        now,
        now,
        numbers.revision().number(),
        numbers.revision().number(),
        false);
  }

  private static Sent notAdded(Sql sql, Sid.Account account, Conversations.NewMessage message)
      throws SQLException {
    Optional<Sent> known = sentBefore(sql, message);
    if (known.isPresent()) {
      return known.get();
    }
    Optional<Participant> guest = message.author().kind() == ParticipantKind.GUEST
        ? SqlParticipants.find(
            sql, account, message.conversation(), message.author().identity())
        : Optional.empty();
    if (message.author().kind() != ParticipantKind.GUEST
        || guest.filter(Participant::joined).isPresent()) {
      throw new SQLException("a message was neither added nor there before");
    }
    return guest.isPresent()
        ? new Sent.Closed() // its guest was removed
        : new Sent.NotFound();
  }

  private record Numbers(Revision revision, MessageIndex index) {}

  private static Sent notTaken(Sql sql, Sid.Account account, Conversations.NewMessage message)
      throws SQLException {
    Optional<Conversation> found = SqlConversations.find(sql, account, message.conversation());
    if (found.isEmpty()) { // first: what another account sent before is not shown
      return new Sent.NotFound();
    }
    Optional<Sent> known = sentBefore(sql, message);
    if (known.isPresent()) {
      return known.get();
    }
    return found.get().state() == Conversation.State.CLOSED || isRemovedGuest(sql, account, message)
        ? new Sent.Closed()
        : new Sent.Full();
  }

  private static boolean isRemovedGuest(
      Sql sql, Sid.Account account, Conversations.NewMessage message) throws SQLException {
    return message.author().kind() == ParticipantKind.GUEST
        && SqlParticipants.find(
                sql, account, message.conversation(), message.author().identity())
            .filter(author -> !author.joined())
            .isPresent();
  }

  /** Returns unused numbers and files. Nobody has seen them: this transaction locks the row until it ends. */
  private static void giveBack(
      Sql sql, Sid.Message sid, Conversations.NewMessage message, long bytes, Instant now)
      throws SQLException {
    if (!message.files().sids().isEmpty()) {
      SqlMedia.giveBack(sql, sid);
    }
    sql.update("""
              UPDATE conversation
              SET revision = revision - 1, next_index = next_index - 1,
                message_count = message_count - 1, message_bytes = message_bytes - ?,
                guest_spoke = EXISTS (
                  SELECT 1 FROM message
                  WHERE conversation_sid = conversation.sid AND author_kind = 'guest'),
                last_activity_at = COALESCE(
                  (SELECT created_at FROM message
                   WHERE conversation_sid = conversation.sid
                     AND message_index = conversation.next_index - 2),
                  created_at),
                waiting_since = CASE WHEN waiting_since < ? THEN waiting_since
                  ELSE %s END
              WHERE sid = ?
              """.formatted(WAITING_SINCE), bytes, now, message.conversation().text());
  }

  static long utf8(String text) {
    long bytes = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      bytes += c < 0x80 ? 1 : c < 0x800 || Character.isSurrogate(c) ? 2 : 3;
    }
    return bytes;
  }

  private static Optional<Sent> sentBefore(Sql sql, Conversations.NewMessage message)
      throws SQLException {
    return sql.first(
        "SELECT " + SqlRows.MESSAGE
            + " FROM message WHERE conversation_sid = ? AND author = ? AND client_id = ?",
        row -> new Sent.Duplicate(SqlRows.message(row)),
        message.conversation().text(),
        message.author().identity().text(),
        message.clientId().orElse(null));
  }
}

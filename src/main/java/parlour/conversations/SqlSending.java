package parlour.conversations;

import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import parlour.Limits;
import parlour.Sid;
import parlour.media.Attachment;
import parlour.media.MediaFile;
import parlour.media.SqlMedia;
import parlour.push.SqlPushQueue;
import parlour.store.RowChange;
import parlour.store.RowInsert;
import parlour.store.SharedChange;
import parlour.store.Sql;

/** Adds messages. */
final class SqlSending implements SharedChange<SqlSending.Sending, Sent> {
  /** The time of the first message of its guest that nobody has answered, as {@link #SEND} keeps it. */
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
  private static final RowChange<Numbers> TAKE_NUMBERS = new RowChange<>(
      """
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
          """,
      "conversation",
      "sid",
      "revision, next_index - 1 AS message_index",
      row -> new Numbers(
          new Revision(row.getLong("revision")), new MessageIndex(row.getLong("message_index"))));

  /**
   * A guest's name is that of their participant. This is not a LEFT JOIN, because SQLite would compile the
   * statement again for each message, which takes longer than to run it.
   */
  private static final RowInsert ADD = new RowInsert(
      "message",
      """
          SELECT friendly_name AS author_name FROM participant
          WHERE ? AND conversation_sid = ? AND identity = ? AND left_at IS NULL
          UNION ALL SELECT ? WHERE NOT ?
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

  /**
   * Adds messages to different conversations in two changes, each a round trip if the store is a server: the
   * first assigns the numbers, the second adds the messages. A message with files, and one that is not
   * added, take some statements more.
   */
  static final SharedChange<Sending, Sent> SEND = new SqlSending(false);

  /** Sends, and asks for pushes to guests whom somebody else has written. */
  static final SharedChange<Sending, Sent> SEND_AND_PUSH = new SqlSending(true);

  private final boolean pushes;

  private SqlSending(boolean pushes) {
    this.pushes = pushes;
  }

  /** A message to add; the account must have its conversation. */
  record Sending(
      Sid.Account account, Sid.Message sid, Conversations.NewMessage message, Instant now) {

    long bytes() {
      return utf8(message.content().body())
          + utf8(message.content().attributes().text());
    }

    boolean isOfGuest() {
      return message.author().kind() == ParticipantKind.GUEST;
    }
  }

  /** A message that has its numbers and its files. */
  private record Numbered(Sending sending, Numbers numbers, List<Attachment> files) {}

  @Override
  public String key(Sending sending) {
    return sending.message().conversation().text();
  }

  @Override
  public List<Sent> of(Sql sql, List<Sending> all) throws SQLException {
    List<Optional<Numbers>> numbers =
        sql.changeEach(TAKE_NUMBERS, all.stream().map(SqlSending::takingNumbers).toList());
    IdentityHashMap<Sending, Sent> sent = new IdentityHashMap<>();
    List<Numbered> numbered = new ArrayList<>();
    for (int i = 0; i < all.size(); i++) {
      Sending one = all.get(i);
      if (numbers.get(i).isEmpty()) {
        sent.put(one, notTaken(sql, one));
        continue;
      }
      List<Attachment> files = files(sql, one);
      if (files.size() < one.message().files().sids().size()) {
        giveBack(sql, one);
        // The first statement may have waited for the same message, which has taken the files.
        sent.put(one, sentBefore(sql, one.message()).orElseGet(Sent.NoSuchFile::new));
        continue;
      }
      numbered.add(new Numbered(one, numbers.get(i).get(), files));
    }
    List<Optional<String>> names =
        sql.insertEach(ADD, numbered.stream().map(SqlSending::adding).toList());
    List<Sid.Conversation> pushed = new ArrayList<>();
    for (int i = 0; i < numbered.size(); i++) {
      Numbered one = numbered.get(i);
      if (names.get(i).isPresent()) {
        if (pushes && !one.sending().isOfGuest()) {
          pushed.add(one.sending().message().conversation());
        }
        sent.put(one.sending(), new Sent.Added(message(one, names.get(i).get())));
      } else {
        giveBack(sql, one.sending());
        sent.put(one.sending(), notAdded(sql, one.sending()));
      }
    }
    if (!pushed.isEmpty()) {
      SqlPushQueue.messagesAdded(sql, pushed, all.getFirst().now());
    }
    return all.stream().map(one -> Objects.requireNonNull(sent.get(one))).toList();
  }

  private static RowChange.Call takingNumbers(Sending sending) {
    Conversations.NewMessage message = sending.message();
    return new RowChange.Call(
        message.conversation().text(),
        sending.now(),
        sending.now(),
        sending.isOfGuest(),
        sending.isOfGuest(),
        sending.now(),
        isAnswer(message.author()),
        sending.bytes(),
        message.conversation().text(),
        sending.account().text(),
        Limits.CONVERSATION_MESSAGES,
        Limits.CONVERSATION_BYTES - sending.bytes(),
        message.conversation().text(),
        message.author().identity().text(),
        message.author().kind().word(),
        message.conversation().text(),
        message.author().identity().text(),
        message.clientId().orElse(null));
  }

  private static Message message(Numbered added, String authorName) {
    Conversations.NewMessage message = added.sending().message();
    Version version = new Version(added.numbers().revision(), added.sending().now());
    return new Message(
        added.sending().sid(),
        message.conversation(),
        added.numbers().index(),
        new Message.Author(message.author().identity(), message.author().kind(), authorName),
        Optional.of(new Message.Content(
            message.content().body(), message.content().attributes(), added.files())),
        message.clientId(),
        version,
        version);
  }

  /** Whether a guest who waits has got an answer. A greeting is none: it comes by itself. */
  private static boolean isAnswer(Message.Author author) {
    return author.kind() != ParticipantKind.GUEST
        && !author.identity().equals(Conversations.Greeting.AUTHOR);
  }

  /** Takes the files that its author uploaded; fewer than it names if one of them cannot be sent. */
  private static List<Attachment> files(Sql sql, Sending sending) throws SQLException {
    Conversations.NewMessage message = sending.message();
    if (message.files().sids().isEmpty()) {
      return List.of();
    }
    MediaFile.Owner owner = new MediaFile.Owner(
        sending.account(), Optional.of(message.conversation()), message.files().uploader());
    return SqlMedia.take(sql, owner, sending.sid(), message.files().sids()).stream()
        .map(Attachment::of)
        .toList();
  }

  /**
   * Adds the message, a guest's under the name of their participant. If the statement before
   * waited for the row, it saw the participants and messages from before the wait; this one sees
   * the current ones. It finds the author's name, and nothing if the message exists already, or its guest is not
   * in the conversation.
   */
  private static RowInsert.Call adding(Numbered numbered) {
    Conversations.NewMessage message = numbered.sending().message();
    boolean isGuest = numbered.sending().isOfGuest();
    String conversation = message.conversation().text();
    String author = message.author().identity().text();
    List<Attachment> files = numbered.files();
    Instant now = numbered.sending().now();
    long revision = numbered.numbers().revision().number();
    return new RowInsert.Call(
        List.of(isGuest, conversation, author, message.author().name(), isGuest),
        numbered.sending().sid().text(),
        conversation,
        numbered.numbers().index().number(),
        author,
        message.author().kind().word(),
        message.content().body(),
        message.content().attributes().text(),
        files.isEmpty() ? null : Attachment.text(files),
        message.clientId().orElse(null),
        now,
        now,
        revision,
        revision,
        false);
  }

  private static Sent notAdded(Sql sql, Sending sending) throws SQLException {
    Conversations.NewMessage message = sending.message();
    Optional<Sent> known = sentBefore(sql, message);
    if (known.isPresent()) {
      return known.get();
    }
    Optional<Participant> guest = sending.isOfGuest()
        ? SqlParticipants.find(
            sql, sending.account(), message.conversation(), message.author().identity())
        : Optional.empty();
    if (!sending.isOfGuest() || guest.filter(Participant::joined).isPresent()) {
      throw new SQLException("a message was neither added nor there before");
    }
    return guest.isPresent()
        ? new Sent.Closed() // its guest was removed
        : new Sent.NotFound();
  }

  private record Numbers(Revision revision, MessageIndex index) {}

  private static Sent notTaken(Sql sql, Sending sending) throws SQLException {
    Conversations.NewMessage message = sending.message();
    Optional<Conversation> found =
        SqlConversationRows.find(sql, sending.account(), message.conversation());
    if (found.isEmpty()) { // first: what another account sent before is not shown
      return new Sent.NotFound();
    }
    Optional<Sent> known = sentBefore(sql, message);
    if (known.isPresent()) {
      return known.get();
    }
    return found.get().state() == Conversation.State.CLOSED || isRemovedGuest(sql, sending)
        ? new Sent.Closed()
        : new Sent.Full();
  }

  private static boolean isRemovedGuest(Sql sql, Sending sending) throws SQLException {
    return sending.isOfGuest()
        && SqlParticipants.find(
                sql,
                sending.account(),
                sending.message().conversation(),
                sending.message().author().identity())
            .filter(author -> !author.joined())
            .isPresent();
  }

  /** Returns unused numbers and files. Nobody has seen them: this transaction locks the row until it ends. */
  private static void giveBack(Sql sql, Sending sending) throws SQLException {
    if (!sending.message().files().sids().isEmpty()) {
      SqlMedia.giveBack(sql, sending.sid());
    }
    sql.update(
        """
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
              """.formatted(WAITING_SINCE),
        sending.bytes(),
        sending.now(),
        sending.message().conversation().text());
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

package parlour.conversations;

import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import parlour.Identity;
import parlour.Limits;
import parlour.Sid;
import parlour.store.Database;
import parlour.store.Sql;

/** {@link ConversationStore} in SQL that SQLite and PostgreSQL both speak. */
public final class SqlConversationStore implements ConversationStore {
  /** The files of parlour/conversations on the class path, in order. */
  public static final List<String> MIGRATIONS = List.of(
      "001-conversations.sql",
      "002-messages.sql",
      "003-erased-conversations.sql",
      "004-inbox-order.sql",
      "005-installation.sql",
      "006-bounds.sql");

  private final Database database;

  public SqlConversationStore(Database database) {
    this.database = database;
  }

  @Override
  public boolean create(
      Conversations.NewConversation conversation,
      Sid.Participant participant,
      Sid.Message firstMessage,
      Sid.Message greeting,
      Instant now) {
    return database.write(sql -> {
      int created = sql.update(
          """
                  INSERT INTO conversation (sid, account_sid, address_sid, deployment_key, state,
                    pre_engagement_data, created_at, updated_at, last_activity_at, guest_spoke)
                  SELECT ?, ?, ?, ?, 'active', ?, ?, ?, ?, ?
                  WHERE NOT EXISTS (SELECT 1 FROM erased_conversation WHERE sid = ?)
                  ON CONFLICT (sid) DO NOTHING
                  """,
          conversation.sid().text(),
          conversation.account().text(),
          conversation.address().text(),
          conversation.deployment().text(),
          conversation.preEngagementData(),
          now,
          now,
          now,
          false,
          conversation.sid().text());
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
          conversation.identity().text(),
          conversation.customerFriendlyName(),
          now);
      if (conversation.firstMessage().isPresent()) {
        Conversations.FirstMessage said = conversation.firstMessage().get();
        SqlSending.send(
            sql,
            firstMessage,
            new Conversations.NewMessage(
                conversation.sid(),
                conversation.identity(),
                ParticipantKind.GUEST,
                conversation.customerFriendlyName(),
                said.body(),
                "{}",
                said.clientId()),
            now);
      }
      if (conversation.greeting().isPresent()) {
        Conversations.Greeting said = conversation.greeting().get();
        SqlSending.send(
            sql,
            greeting,
            new Conversations.NewMessage(
                conversation.sid(),
                Conversations.Greeting.AUTHOR,
                ParticipantKind.SYSTEM,
                said.authorName(),
                said.body(),
                "{}",
                Optional.empty()),
            now);
      }
      return true;
    });
  }

  @Override
  public Page<Conversations.Overview> list(
      Sid.Account account,
      Optional<Conversation.State> state,
      Optional<Conversations.Place> after,
      int limit) {
    return database.read(sql -> SqlOverviews.list(sql, account, state, after, limit));
  }

  @Override
  public Page<Conversations.Overview> inbox(
      Sid.Account account,
      Conversation.State state,
      Optional<Conversations.Place> after,
      int limit) {
    return database.read(sql -> SqlOverviews.inbox(sql, account, state, after, limit));
  }

  @Override
  public Optional<Conversations.Overview> overview(Sid.Conversation sid) {
    return database.read(sql -> {
      Optional<Conversation> found = find(sql, sid);
      return found.isEmpty() ? Optional.empty() : Optional.of(SqlOverviews.of(sql, found.get()));
    });
  }

  @Override
  public List<Changed> changed(
      Sid.Account account, Conversations.Place after, Instant until, int limit) {
    return database.read(sql -> sql.list(
        """
            SELECT sid, revision, updated_at, FALSE AS erased FROM conversation
            WHERE account_sid = ? AND (updated_at, sid) > (?, ?) AND updated_at <= ?
            UNION ALL
            SELECT sid, revision, erased_at AS updated_at, TRUE AS erased FROM erased_conversation
            WHERE account_sid = ? AND (erased_at, sid) > (?, ?) AND erased_at <= ?
            ORDER BY updated_at, sid LIMIT ?
            """,
        row -> new Changed(
            new Sid.Conversation(row.getString("sid")),
            new Revision(row.getLong("revision")),
            Sql.instant(row, "updated_at"),
            row.getBoolean("erased")),
        account.text(),
        after.at(),
        after.sid().text(),
        until,
        account.text(),
        after.at(),
        after.sid().text(),
        until,
        limit));
  }

  @Override
  public Optional<Conversation> find(Sid.Conversation sid) {
    return database.readOne(sql -> find(sql, sid));
  }

  @Override
  public Sent send(Sid.Message sid, Conversations.NewMessage message, Instant now) {
    return database.write(sql -> SqlSending.send(sql, sid, message, now));
  }

  @Override
  public Optional<Message> edit(
      Sid.Conversation conversation,
      Sid.Message message,
      Optional<String> body,
      Optional<String> attributes,
      Instant now) {
    return scrubbed(sql -> {
      long revision = nextRevision(sql, conversation);
      Optional<Message> edited = sql.first(
          """
              UPDATE message
              SET body = COALESCE(?, body), attributes = COALESCE(?, attributes), updated_at = ?,
                revision = ?
              WHERE sid = ? AND conversation_sid = ? AND NOT removed
              RETURNING
              """ + SqlRows.MESSAGE,
          SqlRows::message,
          body.orElse(null),
          attributes.orElse(null),
          now,
          revision,
          message.text(),
          conversation.text());
      changed(edited.isPresent(), sql, conversation, now);
      return edited;
    });
  }

  @Override
  public Optional<Message> remove(Sid.Conversation conversation, Sid.Message message, Instant now) {
    return scrubbed(sql -> {
      long revision = nextRevision(sql, conversation);
      Optional<Message> removed = sql.first(
          """
              UPDATE message
              SET body = '', attributes = '{}', removed = ?, updated_at = ?, revision = ?
              WHERE sid = ? AND conversation_sid = ? AND NOT removed
              RETURNING
              """ + SqlRows.MESSAGE,
          SqlRows::message,
          true,
          now,
          revision,
          message.text(),
          conversation.text());
      changed(removed.isPresent(), sql, conversation, now);
      return removed;
    });
  }

  @Override
  public Optional<Message> message(Sid.Conversation conversation, Sid.Message message) {
    return database.read(sql -> sql.first(
        "SELECT " + SqlRows.MESSAGE + " FROM message WHERE sid = ? AND conversation_sid = ?",
        SqlRows::message,
        message.text(),
        conversation.text()));
  }

  @Override
  public List<Message> before(Sid.Conversation conversation, MessageIndex index, int limit) {
    Room room = Amount.PAGE.room();
    List<Message> newestFirst = database.read(sql -> sql.listWhile(
        "SELECT " + SqlRows.MESSAGE
            + " FROM message WHERE conversation_sid = ? AND message_index < ?"
            + " ORDER BY message_index DESC LIMIT ?",
        SqlRows::message,
        room::takes,
        conversation.text(),
        index.number(),
        limit));
    List<Message> page = new ArrayList<>(newestFirst);
    Collections.reverse(page);
    return List.copyOf(page);
  }

  @Override
  public List<Message> after(Sid.Conversation conversation, MessageIndex index, int limit) {
    Room room = Amount.PAGE.room();
    return database.read(sql -> sql.listWhile(
        "SELECT " + SqlRows.MESSAGE
            + " FROM message WHERE conversation_sid = ? AND message_index > ?"
            + " ORDER BY message_index LIMIT ?",
        SqlRows::message,
        room::takes,
        conversation.text(),
        index.number(),
        limit));
  }

  @Override
  public MessageIndex nextIndex(Sid.Conversation conversation, Revision revision) {
    return database.read(sql -> sql.first(
            "SELECT message_index FROM message WHERE conversation_sid = ? AND added_revision <= ?"
                + " ORDER BY message_index DESC LIMIT 1",
            row -> new MessageIndex(row.getLong("message_index") + 1),
            conversation.text(),
            revision.number())
        .orElse(MessageIndex.FIRST));
  }

  @Override
  public JoinOutcome join(
      Sid.Conversation conversation,
      Sid.Participant sid,
      Identity identity,
      ParticipantKind kind,
      Optional<String> name,
      Instant now) {
    return database.write(sql -> {
      long revision = nextRevision(sql, conversation);
      if (revision == NO_CONVERSATION) {
        return new JoinOutcome.NotFound();
      }
      Optional<Participant> joined = sql.first(
          """
              INSERT INTO participant (sid, conversation_sid, identity, kind, friendly_name,
                joined_at, joined_revision, revision)
              SELECT ?, sid, ?, ?, ?, ?, ?, ? FROM conversation
              WHERE sid = ?
                AND (EXISTS (
                    SELECT 1 FROM participant WHERE conversation_sid = ? AND identity = ?)
                  OR (SELECT count(*) FROM participant WHERE conversation_sid = ?) < ?)
              ON CONFLICT (conversation_sid, identity) DO UPDATE
              SET left_at = NULL, friendly_name = COALESCE(?, participant.friendly_name),
                joined_revision = excluded.joined_revision, revision = excluded.revision
              WHERE participant.left_at IS NOT NULL
              RETURNING
              """ + SqlRows.PARTICIPANT,
          SqlRows::participant,
          sid.text(),
          identity.text(),
          kind.word(),
          name.orElse(identity.text()),
          now,
          revision,
          revision,
          conversation.text(),
          conversation.text(),
          identity.text(),
          conversation.text(),
          Limits.CONVERSATION_PARTICIPANTS,
          name.orElse(null));
      changed(joined.isPresent(), sql, conversation, now);
      return joined.isPresent()
          ? new JoinOutcome.Joined(joined.get())
          : participant(sql, conversation, identity)
              .<JoinOutcome>map(JoinOutcome.AlreadyThere::new)
              .orElseGet(JoinOutcome.Full::new);
    });
  }

  @Override
  public boolean leave(Sid.Conversation conversation, Sid.Participant participant, Instant now) {
    return database.write(sql -> {
      long revision = nextRevision(sql, conversation);
      int left = sql.update("""
              UPDATE participant SET left_at = ?, revision = ?
              WHERE sid = ? AND conversation_sid = ? AND left_at IS NULL
              """, now, revision, participant.text(), conversation.text());
      changed(left == 1, sql, conversation, now);
      return left == 1;
    });
  }

  @Override
  public List<Participant> participants(Sid.Conversation conversation) {
    return database.read(sql -> sql.list(
        "SELECT " + SqlRows.PARTICIPANT
            + " FROM participant WHERE conversation_sid = ? ORDER BY joined_at, sid",
        SqlRows::participant,
        conversation.text()));
  }

  @Override
  public Optional<Participant> read(
      Sid.Conversation conversation, Identity identity, MessageIndex index, Instant now) {
    return database.write(sql -> {
      long revision = nextRevision(sql, conversation);
      Optional<Participant> read = sql.first(
          """
              UPDATE participant
              SET read_index = (SELECT CASE WHEN next_index <= ? THEN next_index - 1 ELSE ? END
                  FROM conversation WHERE sid = ?),
                revision = ?
              WHERE conversation_sid = ? AND identity = ? AND left_at IS NULL AND read_index <
                (SELECT CASE WHEN next_index <= ? THEN next_index - 1 ELSE ? END
                  FROM conversation WHERE sid = ?)
              RETURNING
              """ + SqlRows.PARTICIPANT,
          SqlRows::participant,
          index.number(),
          index.number(),
          conversation.text(),
          revision,
          conversation.text(),
          identity.text(),
          index.number(),
          index.number(),
          conversation.text());
      changed(read.isPresent(), sql, conversation, now);
      return read.isPresent() ? read : participant(sql, conversation, identity);
    });
  }

  @Override
  public boolean readByInbox(Sid.Conversation conversation, MessageIndex index, Instant now) {
    long to = index.number();
    return database.write(sql -> {
      sql.update("""
              UPDATE conversation
              SET inbox_read_index = CASE WHEN next_index <= ? THEN next_index - 1 ELSE ? END,
                revision = revision + 1, updated_at = ?
              WHERE sid = ?
                AND inbox_read_index < CASE WHEN next_index <= ? THEN next_index - 1 ELSE ? END
              """, to, to, now, conversation.text(), to, to);
      return find(sql, conversation).isPresent();
    });
  }

  @Override
  public UpdateOutcome update(
      Sid.Conversation conversation, Conversations.Update update, boolean reopens, Instant now) {
    String state = update.state().map(Conversation.State::word).orElse(null);
    String attributes = update.attributes().orElse(null);
    return database.write(sql -> {
      Optional<Conversation> updated = sql.first(
          """
              UPDATE conversation
              SET attributes = COALESCE(?, attributes),
                state = COALESCE(?, state),
                revision = revision + 1,
                state_revision = CASE WHEN state = COALESCE(?, state) THEN state_revision
                  ELSE revision + 1 END,
                last_activity_at = CASE WHEN state = COALESCE(?, state) THEN last_activity_at
                  ELSE ? END,
                updated_at = ?
              WHERE sid = ?
                AND (? OR state = 'active' OR COALESCE(?, state) = 'closed')
                AND (? OR state <> COALESCE(?, state))
              RETURNING
              """ + SqlRows.CONVERSATION,
          SqlRows::conversation,
          attributes,
          state,
          state,
          state,
          now,
          now,
          conversation.text(),
          reopens,
          state,
          attributes != null,
          state);
      if (updated.isPresent()) {
        return new UpdateOutcome.Updated(updated.get());
      }
      Optional<Conversation> found = find(sql, conversation);
      if (found.isEmpty()) {
        return new UpdateOutcome.NotFound();
      }
      Optional<Conversation.State> wanted = update.state();
      return wanted.isEmpty() || wanted.get() == found.get().state()
          ? new UpdateOutcome.Updated(found.get()) // unchanged
          : new UpdateOutcome.NotReopened();
    });
  }

  @Override
  public Page<Conversations.Overview> othersOf(
      Sid.Account account, Sid.Conversation conversation, int limit) {
    return database.read(sql -> SqlOverviews.othersOf(sql, account, conversation, limit));
  }

  @Override
  public boolean erase(Sid.Conversation conversation, Instant now) {
    return scrubbed(sql -> SqlErasing.erase(sql, conversation, now));
  }

  @Override
  public boolean eraseQuiet(Sid.Conversation conversation, Instant since, Instant now) {
    return scrubbed(sql -> SqlErasing.eraseQuiet(sql, conversation, since, now));
  }

  /** Makes a change after which earlier words must not remain anywhere on the disk. */
  private <T extends @Nullable Object> T scrubbed(Database.Work<T> work) {
    T done = database.write(work);
    database.scrubSoon();
    return done;
  }

  @Override
  public boolean wasErased(Sid.Account account, Sid.Conversation conversation) {
    return database
        .read(sql -> sql.first(
            "SELECT sid FROM erased_conversation WHERE sid = ? AND account_sid = ?",
            row -> row.getString("sid"),
            conversation.text(),
            account.text()))
        .isPresent();
  }

  @Override
  public int forgetErased(Instant before) {
    return database.write(
        sql -> sql.update("DELETE FROM erased_conversation WHERE erased_at < ?", before));
  }

  @Override
  public List<Sid.Conversation> quiet(
      Sid.Account account, Sid.Deployment deployment, Instant since, int limit) {
    return database.read(sql -> SqlErasing.quiet(sql, account, deployment, since, limit));
  }

  @Override
  public boolean close(Sid.Conversation conversation, Identity identity, Instant now) {
    return database.write(sql -> {
      // First the row that a leave takes too: whether they are in it is asked when it is ours.
      nextRevision(sql, conversation);
      boolean isIn =
          participant(sql, conversation, identity).filter(Participant::joined).isPresent();
      boolean closed = isIn && sql.update("""
              UPDATE conversation
              SET state = 'closed', state_revision = revision, last_activity_at = ?
              WHERE sid = ? AND state = 'active'
              """, now, conversation.text()) == 1;
      changed(closed, sql, conversation, now);
      return closed;
    });
  }

  @Override
  public Optional<Changes> changes(
      Sid.Conversation conversation, Revision after, int limit, Amount amount) {
    return database.read(sql -> {
      Optional<Conversation> found = find(sql, conversation);
      if (found.isEmpty()) {
        return Optional.empty();
      }
      Conversation now = found.get();
      if (!now.revision().isAfter(after)) { // the usual result of a poll without an event
        return Optional.of(new Changes(List.of(), now.revision(), false));
      }
      Room room = amount.room();
      List<Message> messages = new ArrayList<>();
      boolean[] more = {false};
      sql.listWhile(
          "SELECT " + SqlRows.MESSAGE + " FROM message WHERE conversation_sid = ? AND revision > ?"
              + " ORDER BY revision LIMIT ?",
          SqlRows::message,
          message -> {
            if (messages.size() == limit || !room.takes(message)) {
              more[0] = true;
              return false;
            }
            messages.add(message);
            return true;
          },
          conversation.text(),
          after.number(),
          limit + 1);
      Revision read = messages.isEmpty() ? after : messages.getLast().revision();
      Revision upTo = more[0] ? read : now.revision();
      List<Changes.Change> changes = new ArrayList<>();
      messages.forEach(message -> changes.add(new Changes.Change.OfMessage(message)));
      sql.list(
              "SELECT " + SqlRows.PARTICIPANT
                  + " FROM participant WHERE conversation_sid = ? AND revision > ?",
              SqlRows::participant,
              conversation.text(),
              after.number())
          .forEach(participant -> changes.add(new Changes.Change.OfParticipant(participant)));
      if (now.stateRevision().isAfter(after)) {
        changes.add(new Changes.Change.OfState(now.state(), now.stateRevision()));
      }
      changes.removeIf(change -> change.revision().isAfter(upTo));
      changes.sort(Comparator.comparing(Changes.Change::revision));
      return Optional.of(new Changes(List.copyOf(changes), upTo, more[0]));
    });
  }

  private static final long NO_CONVERSATION = -1;

  private static long nextRevision(Sql sql, Sid.Conversation conversation) throws SQLException {
    return sql.first(
            "UPDATE conversation SET revision = revision + 1 WHERE sid = ? RETURNING revision",
            row -> row.getLong("revision"),
            conversation.text())
        .orElse(NO_CONVERSATION);
  }

  /** Dates the change; or it was none, and is as if its revision had never been taken. */
  private static void changed(boolean really, Sql sql, Sid.Conversation conversation, Instant now)
      throws SQLException {
    if (really) {
      sql.update("UPDATE conversation SET updated_at = ? WHERE sid = ?", now, conversation.text());
    } else { // the row is ours until the transaction ends
      sql.update(
          "UPDATE conversation SET revision = revision - 1 WHERE sid = ?", conversation.text());
    }
  }

  static Optional<Conversation> find(Sql sql, Sid.Conversation sid) throws SQLException {
    return sql.first(
        "SELECT " + SqlRows.CONVERSATION + " FROM conversation WHERE sid = ?",
        SqlRows::conversation,
        sid.text());
  }

  @Override
  public Optional<Participant> participant(Sid.Conversation conversation, Identity identity) {
    return database.readOne(sql -> participant(sql, conversation, identity));
  }

  static Optional<Participant> participant(
      Sql sql, Sid.Conversation conversation, Identity identity) throws SQLException {
    return sql.first(
        "SELECT " + SqlRows.PARTICIPANT
            + " FROM participant WHERE conversation_sid = ? AND identity = ?",
        SqlRows::participant,
        conversation.text(),
        identity.text());
  }
}

package parlour.conversations;

import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import parlour.Identity;
import parlour.Sid;
import parlour.http.json.JsonText;
import parlour.store.Sql;

/** Creates, reads, changes and closes conversations. {@link SqlErasing} erases them. */
final class SqlConversationRows {
  private SqlConversationRows() {}

  /** See {@link ConversationStore#create}. */
  static boolean create(
      Sql sql,
      Conversations.NewConversation conversation,
      Sid.Participant participant,
      Sid.Message firstMessage,
      Sid.Message greeting,
      Instant now)
      throws SQLException {
    if (!insert(sql, conversation, now)) {
      return false;
    }
    sql.update(
        """
            INSERT INTO participant (sid, conversation_sid, identity, friendly_name, joined_at,
              updated_at)
            VALUES (?, ?, ?, ?, ?, ?)
            """,
        participant.text(),
        conversation.sid().text(),
        conversation.identity().text(),
        conversation.customerFriendlyName(),
        now,
        now);
    if (conversation.firstMessage().isPresent()) {
      Conversations.FirstMessage message = conversation.firstMessage().get();
      send(
          sql,
          conversation.account(),
          firstMessage,
          new Conversations.NewMessage(
              conversation.sid(),
              new Message.Author(
                  conversation.identity(),
                  ParticipantKind.GUEST,
                  conversation.customerFriendlyName()),
              Message.Content.of(message.body()),
              message.clientId()),
          now);
    }
    if (conversation.greeting().isPresent()) {
      Conversations.Greeting message = conversation.greeting().get();
      send(
          sql,
          conversation.account(),
          greeting,
          new Conversations.NewMessage(
              conversation.sid(),
              new Message.Author(
                  Conversations.Greeting.AUTHOR, ParticipantKind.SYSTEM, message.authorName()),
              Message.Content.of(message.body()),
              Optional.empty()),
          now);
    }
    return true;
  }

  private static void send(
      Sql sql, Sid.Account account, Sid.Message sid, Conversations.NewMessage message, Instant now)
      throws SQLException {
    SqlSending.SEND.of(sql, List.of(new SqlSending.Sending(account, sid, message, now)));
  }

  private static boolean insert(Sql sql, Conversations.NewConversation conversation, Instant now)
      throws SQLException {
    int created = sql.update(
        """
            INSERT INTO conversation (sid, account_sid, address_sid, deployment_key, state,
              pre_engagement_data, attributes, created_at, updated_at, state_at, last_activity_at,
              guest_spoke)
            SELECT ?, ?, ?, ?, 'active', ?, ?, ?, ?, ?, ?, ?
            WHERE NOT EXISTS (SELECT 1 FROM erased_conversation WHERE sid = ?)
            ON CONFLICT (sid) DO NOTHING
            """,
        conversation.sid().text(),
        conversation.account().text(),
        conversation.address().text(),
        conversation.deployment().text(),
        conversation.preEngagementData().text(),
        conversation.attributes().text(),
        now,
        now,
        now,
        now,
        false,
        conversation.sid().text());
    return created == 1;
  }

  /** See {@link ConversationStore#find}. */
  static Optional<Conversation> find(Sql sql, Sid.Account account, Sid.Conversation conversation)
      throws SQLException {
    return sql.first(
        "SELECT " + SqlRows.CONVERSATION + " FROM conversation WHERE sid = ? AND account_sid = ?",
        SqlRows::conversation,
        conversation.text(),
        account.text());
  }

  /** The last change of a conversation; empty if the account has no such conversation. */
  static Optional<Version> version(Sql sql, Sid.Account account, Sid.Conversation conversation)
      throws SQLException {
    return sql.first(
        "SELECT revision, updated_at FROM conversation WHERE sid = ? AND account_sid = ?",
        row -> new Version(new Revision(row.getLong(1)), Instant.ofEpochMilli(row.getLong(2))),
        conversation.text(),
        account.text());
  }

  /** See {@link ConversationStore#update}. */
  static UpdateOutcome update(
      Sql sql,
      Sid.Account account,
      Sid.Conversation conversation,
      Conversations.Update update,
      Optional<Instant> closedAfter,
      Instant now)
      throws SQLException {
    @Nullable String state = update.state().map(Conversation.State::word).orElse(null);
    @Nullable String attributes = update.attributes().map(JsonText::text).orElse(null);
    Optional<Conversation> updated = sql.first(
        """
            UPDATE conversation
            SET attributes = COALESCE(?, attributes),
              state = COALESCE(?, state),
              revision = revision + 1,
              details_revision = CASE WHEN ? THEN revision + 1 ELSE details_revision END,
              state_revision = CASE WHEN state = COALESCE(?, state) THEN state_revision
                ELSE revision + 1 END,
              state_at = CASE WHEN state = COALESCE(?, state) THEN state_at ELSE ? END,
              last_activity_at = CASE WHEN state = COALESCE(?, state) THEN last_activity_at
                ELSE ? END,
              waiting_since = CASE WHEN COALESCE(?, state) = 'closed' THEN NULL
                WHEN state = 'active' THEN waiting_since ELSE %s END,
              updated_at = ?
            WHERE sid = ? AND account_sid = ?
              AND ((? AND state_at > ?) OR state = 'active' OR COALESCE(?, state) = 'closed')
              AND (? OR state <> COALESCE(?, state))
            RETURNING
            """.formatted(SqlSending.WAITING_SINCE) + SqlRows.CONVERSATION,
        SqlRows::conversation,
        attributes,
        state,
        attributes != null,
        state,
        state,
        now,
        state,
        now,
        state,
        now,
        conversation.text(),
        account.text(),
        closedAfter.isPresent(),
        closedAfter.orElse(now),
        state,
        attributes != null,
        state);
    if (updated.isPresent()) {
      if (update.state().isPresent() && hasNewState(updated.get())) {
        SqlHistory.add(
            sql, conversation, kindOf(update.state().get()), update.by(), Optional.empty(), now);
      }
      return new UpdateOutcome.Updated(updated.get());
    }
    Optional<Conversation> found = find(sql, account, conversation);
    if (found.isEmpty()) {
      return new UpdateOutcome.NotFound();
    }
    Optional<Conversation.State> wanted = update.state();
    return wanted.isEmpty() || wanted.get() == found.get().state()
        ? new UpdateOutcome.Updated(found.get()) // unchanged
        : new UpdateOutcome.NotReopened(UpdateOutcome.Obstacle.TOO_LATE);
  }

  /** See {@link ConversationStore#close}. */
  static boolean close(
      Sql sql, Sid.Account account, Sid.Conversation conversation, Identity identity, Instant now)
      throws SQLException {
    // Locks first the row that a leave locks, so that the participant cannot leave meanwhile.
    if (SqlRevisions.take(sql, account, conversation).isEmpty()) {
      return false;
    }
    boolean closed = isIn(sql, account, conversation, identity)
        && sql.update("""
            UPDATE conversation
            SET state = 'closed', state_revision = revision, state_at = ?, last_activity_at = ?,
              waiting_since = NULL
            WHERE sid = ? AND state = 'active'
            """, now, now, conversation.text()) == 1;
    SqlRevisions.settle(closed, sql, conversation, now);
    if (closed) {
      add(sql, conversation, TeamEvent.Kind.CLOSED, identity, now);
    }
    return closed;
  }

  /** See {@link ConversationStore#reopen}. */
  static UpdateOutcome reopen(
      Sql sql,
      Sid.Account account,
      Sid.Conversation conversation,
      Identity identity,
      Optional<Instant> closedAfter,
      Instant now)
      throws SQLException {
    // Locks first the row that a leave locks, as a close does.
    if (SqlRevisions.take(sql, account, conversation).isEmpty()) {
      return new UpdateOutcome.NotFound();
    }
    boolean isIn = isIn(sql, account, conversation, identity);
    boolean reopened = isIn
        && closedAfter.isPresent()
        && sql.update(
                """
            UPDATE conversation
            SET state = 'active', state_revision = revision, state_at = ?, last_activity_at = ?,
              waiting_since = %s
            WHERE sid = ? AND state = 'closed' AND state_at > ?
            """.formatted(SqlSending.WAITING_SINCE),
                now,
                now,
                conversation.text(),
                closedAfter.get())
            == 1;
    SqlRevisions.settle(reopened, sql, conversation, now);
    if (reopened) {
      add(sql, conversation, TeamEvent.Kind.REOPENED, identity, now);
    }
    Conversation found = find(sql, account, conversation).orElseThrow();
    if (!isIn) {
      return new UpdateOutcome.NotReopened(UpdateOutcome.Obstacle.REMOVED);
    }
    return found.state() == Conversation.State.ACTIVE
        ? new UpdateOutcome.Updated(found)
        : new UpdateOutcome.NotReopened(UpdateOutcome.Obstacle.TOO_LATE);
  }

  private static boolean hasNewState(Conversation updated) {
    return updated.status().since().revision().equals(updated.revision());
  }

  private static TeamEvent.Kind kindOf(Conversation.State now) {
    return switch (now) {
      case ACTIVE -> TeamEvent.Kind.REOPENED;
      case CLOSED -> TeamEvent.Kind.CLOSED;
    };
  }

  private static void add(
      Sql sql, Sid.Conversation conversation, TeamEvent.Kind kind, Identity by, Instant now)
      throws SQLException {
    SqlHistory.add(sql, conversation, kind, Optional.of(by), Optional.empty(), now);
  }

  private static boolean isIn(
      Sql sql, Sid.Account account, Sid.Conversation conversation, Identity identity)
      throws SQLException {
    return SqlParticipants.find(sql, account, conversation, identity)
        .filter(Participant::joined)
        .isPresent();
  }
}

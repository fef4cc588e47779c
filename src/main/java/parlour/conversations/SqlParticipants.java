package parlour.conversations;

import java.sql.SQLException;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import parlour.Identity;
import parlour.Limits;
import parlour.Sid;
import parlour.http.json.JsonText;
import parlour.store.Sql;

/** Reads participants, and records who joins, leaves, changes, and has read how far. */
final class SqlParticipants {
  private static final Comparator<Participant> BY_ARRIVAL =
      Comparator.comparing(Participant::created).thenComparing(one -> one.sid().text());

  private SqlParticipants() {}

  /** See {@link ConversationStore#participant}. */
  static Optional<Participant> find(
      Sql sql, Sid.Account account, Sid.Conversation conversation, Identity identity)
      throws SQLException {
    return sql.first(
        "SELECT " + SqlRows.PARTICIPANT
            + " FROM participant WHERE conversation_sid = ? AND identity = ?"
            + SqlRows.OF_ACCOUNT,
        SqlRows::participant,
        conversation.text(),
        identity.text(),
        account.text());
  }

  /** See {@link ConversationStore#participants}. */
  static List<Participant> all(Sql sql, Sid.Account account, Sid.Conversation conversation)
      throws SQLException {
    return sql
        .list(
            "SELECT " + SqlRows.PARTICIPANT
                + " FROM participant WHERE conversation_sid = ?"
                + SqlRows.OF_ACCOUNT,
            SqlRows::participant,
            conversation.text(),
            account.text())
        .stream()
        .sorted(BY_ARRIVAL) // here, because SQLite takes longer to sort one row than to read it
        .toList();
  }

  /** See {@link ConversationStore#join}. */
  static JoinOutcome join(
      Sql sql,
      Sid.Account account,
      Sid.Conversation conversation,
      Sid.Participant sid,
      Conversations.NewParticipant participant,
      Instant now)
      throws SQLException {
    Optional<Revision> taken = SqlRevisions.take(sql, account, conversation);
    if (taken.isEmpty()) {
      return new JoinOutcome.NotFound();
    }
    long revision = taken.get().number();
    Identity identity = participant.identity();
    Optional<Participant> joined = sql.first(
        """
            INSERT INTO participant (sid, conversation_sid, identity, kind, friendly_name,
              attributes, joined_at, joined_revision, revision, updated_at)
            SELECT ?, sid, ?, ?, ?, ?, ?, ?, ?, ? FROM conversation
            WHERE sid = ?
              AND (EXISTS (
                  SELECT 1 FROM participant WHERE conversation_sid = ? AND identity = ?)
                OR (SELECT count(*) FROM participant WHERE conversation_sid = ?) < ?)
            ON CONFLICT (conversation_sid, identity) DO UPDATE
            SET left_at = NULL, friendly_name = COALESCE(?, participant.friendly_name),
              attributes = COALESCE(?, participant.attributes),
              joined_revision = excluded.joined_revision, revision = excluded.revision,
              updated_at = excluded.updated_at
            WHERE participant.left_at IS NOT NULL
            RETURNING
            """ + SqlRows.PARTICIPANT,
        SqlRows::participant,
        sid.text(),
        identity.text(),
        participant.kind().word(),
        participant.name().orElse(identity.text()),
        participant.attributes().orElse(JsonText.EMPTY).text(),
        now,
        revision,
        revision,
        now,
        conversation.text(),
        conversation.text(),
        identity.text(),
        conversation.text(),
        Limits.CONVERSATION_PARTICIPANTS,
        participant.name().orElse(null),
        participant.attributes().map(JsonText::text).orElse(null));
    SqlRevisions.settle(joined.isPresent(), sql, conversation, now);
    if (joined.isPresent()) {
      SqlHistory.add(
          sql, conversation, TeamEvent.Kind.JOINED, Optional.empty(), Optional.of(identity), now);
    }
    if (joined.isPresent()) {
      return new JoinOutcome.Joined(joined.get());
    }
    return find(sql, account, conversation, identity).isPresent()
        ? new JoinOutcome.AlreadyThere()
        : new JoinOutcome.Full();
  }

  /** See {@link ConversationStore#leave}. */
  static boolean leave(
      Sql sql,
      Sid.Account account,
      Sid.Conversation conversation,
      Sid.Participant participant,
      Instant now)
      throws SQLException {
    Optional<Revision> revision = SqlRevisions.take(sql, account, conversation);
    if (revision.isEmpty()) {
      return false;
    }
    Optional<Identity> left = sql.first(
        """
            UPDATE participant SET left_at = ?, updated_at = ?, revision = ?
            WHERE sid = ? AND conversation_sid = ? AND left_at IS NULL
            RETURNING identity
            """,
        row -> new Identity(Sql.text(row, "identity")),
        now,
        now,
        revision.get().number(),
        participant.text(),
        conversation.text());
    SqlRevisions.settle(left.isPresent(), sql, conversation, now);
    if (left.isPresent()) {
      SqlHistory.add(sql, conversation, TeamEvent.Kind.LEFT, Optional.empty(), left, now);
    }
    return left.isPresent();
  }

  /** Lets the agent leave; false if they are not in it. */
  static boolean leave(
      Sql sql, Sid.Account account, Sid.Conversation conversation, Identity agent, Instant now)
      throws SQLException {
    Optional<Participant> found = find(sql, account, conversation, agent)
        .filter(one -> one.joined() && one.kind() == ParticipantKind.AGENT);
    return found.isPresent() && leave(sql, account, conversation, found.get().sid(), now);
  }

  /**
   * See {@link TeamStore#joinedBy}. The account is in an expression, which no index has, because
   * SQLite would otherwise read all conversations of the account.
   */
  static List<Sid.Conversation> joinedBy(Sql sql, Sid.Account account, Identity agent, int limit)
      throws SQLException {
    return sql.list(
        """
            SELECT conversation_sid FROM participant
            JOIN conversation ON conversation.sid = participant.conversation_sid
            WHERE identity = ? AND kind = 'agent' AND left_at IS NULL
              AND state = 'active' AND account_sid || '' = ?
            LIMIT ?
            """,
        row -> new Sid.Conversation(Sql.text(row, "conversation_sid")),
        agent.text(),
        account.text(),
        limit);
  }

  /** See {@link ConversationStore#updateParticipant}. */
  static Optional<Participant> update(
      Sql sql,
      Sid.Account account,
      Sid.Conversation conversation,
      Identity identity,
      ParticipantUpdate update,
      Instant now)
      throws SQLException {
    Optional<Revision> revision = SqlRevisions.take(sql, account, conversation);
    if (revision.isEmpty()) {
      return Optional.empty();
    }
    @Nullable String name = update.name().orElse(null);
    @Nullable String attributes = update.attributes().map(JsonText::text).orElse(null);
    long index = update.read().orElse(MessageIndex.NONE).number();
    Optional<Participant> updated = sql.first(
        """
            UPDATE participant
            SET friendly_name = COALESCE(?, friendly_name), attributes = COALESCE(?, attributes),
              read_at = CASE WHEN participant.read_index < asked.up_to THEN ? ELSE read_at END,
              read_index = CASE WHEN participant.read_index < asked.up_to THEN asked.up_to
                ELSE participant.read_index END,
              updated_at = ?, revision = ?
            FROM (SELECT CASE WHEN next_index <= ? THEN next_index - 1 ELSE ? END AS up_to
              FROM conversation WHERE sid = ?) AS asked
            WHERE conversation_sid = ? AND identity = ? AND left_at IS NULL
              AND (friendly_name <> COALESCE(?, friendly_name)
                OR attributes <> COALESCE(?, attributes)
                OR participant.read_index < asked.up_to)
            RETURNING
            """ + SqlRows.PARTICIPANT,
        SqlRows::participant,
        name,
        attributes,
        now,
        now,
        revision.get().number(),
        index,
        index,
        conversation.text(),
        conversation.text(),
        identity.text(),
        name,
        attributes);
    SqlRevisions.settle(updated.isPresent(), sql, conversation, now);
    return updated.isPresent() ? updated : find(sql, account, conversation, identity);
  }

  /** See {@link ConversationStore#readByInbox}. */
  static boolean readByInbox(
      Sql sql,
      Sid.Account account,
      Sid.Conversation conversation,
      Identity reader,
      MessageIndex index,
      Instant now)
      throws SQLException {
    long number = index.number();
    int moved = sql.update(
        """
            UPDATE conversation
            SET inbox_read_index = CASE WHEN next_index <= ? THEN next_index - 1 ELSE ? END,
              revision = revision + 1, details_revision = revision + 1, updated_at = ?
            WHERE sid = ? AND account_sid = ? AND assignee IN ('', ?)
              AND inbox_read_index < CASE WHEN next_index <= ? THEN next_index - 1 ELSE ? END
            """,
        number,
        number,
        now,
        conversation.text(),
        account.text(),
        reader.text(),
        number,
        number);
    return moved == 1 || SqlConversationRows.find(sql, account, conversation).isPresent();
  }
}

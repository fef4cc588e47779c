package parlour.conversations;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import parlour.Sid;
import parlour.conversations.ConversationStore.Changed;
import parlour.store.Sql;

/** Reads what changed: in one conversation after a revision, and in an account after an instant. */
final class SqlChanges {
  /**
   * Its last columns say whether a message was added after a revision, and whether one that was there may have
   * changed after it.
   */
  private static final String FOUND = "SELECT " + SqlRows.CONVERSATION + """
      , EXISTS (SELECT 1 FROM message WHERE conversation_sid = conversation.sid
        AND message_index = next_index - 1 AND added_revision > ?) AS has_added
      , EXISTS (SELECT 1 FROM message WHERE conversation_sid = conversation.sid
        AND message.revision > added_revision AND message.revision > ?) AS has_changed
      FROM conversation WHERE sid = ? AND account_sid = ?""";

  /**
   * The first place whose message was added after a revision. Revisions grow with the places, so each step passes over
   * places up to one whose message was added before, and the next step is half as long. The message is read by a
   * subquery, because PostgreSQL would read the whole conversation for a join.
   */
  private static final String FIRST_ADDED = """
      WITH RECURSIVE halves (place, step) AS (
        SELECT CAST(? AS BIGINT), CAST(? AS BIGINT)
        UNION ALL
        SELECT
          CASE WHEN (SELECT added_revision FROM message
              WHERE conversation_sid = ? AND message_index = place + step - 1) <= ?
            THEN place + step ELSE place END,
          CASE step WHEN 1 THEN 0 ELSE (step + 1) / 2 END
        FROM halves WHERE step > 0)
      SELECT MAX(place) AS first_added FROM halves""";

  private static final String ADDED = "SELECT " + SqlRows.MESSAGE + """
       FROM message WHERE conversation_sid = ? AND message_index >= ?
        AND added_revision > ? AND revision = added_revision
      ORDER BY message_index LIMIT ?""";

  private static final String CHANGED = "SELECT " + SqlRows.MESSAGE + """
       FROM message WHERE conversation_sid = ? AND revision > added_revision AND revision > ?
      ORDER BY revision LIMIT ?""";

  private static final Part NOTHING = new Part(List.of(), Optional.empty());

  private SqlChanges() {}

  private record Found(Conversation conversation, boolean hasAdded, boolean hasChanged) {}

  /**
   * A place before which no message was added after a revision: each one took a revision of its own, and there are
   * so many later revisions. If these are more than a read has messages, other changes may be among them, so the
   * place is searched for.
   */
  private static long firstAdded(Sql sql, Conversation conversation, Revision after, int limit)
      throws SQLException {
    long next = conversation.nextIndex().number();
    long later = conversation.revision().number() - after.number();
    long first = Math.max(0, next - later);
    if (later <= limit) {
      return first;
    }
    return sql.first(
            FIRST_ADDED,
            row -> row.getLong("first_added"),
            first,
            next - first,
            conversation.sid().text(),
            after.number())
        .orElseThrow();
  }

  private static Found found(ResultSet row) throws SQLException {
    return new Found(
        SqlRows.conversation(row), row.getBoolean("has_added"), row.getBoolean("has_changed"));
  }

  /** See {@link ConversationStore#changes}. */
  static Optional<Changes> of(
      Sql sql,
      Sid.Account account,
      Sid.Conversation conversation,
      Revision after,
      int limit,
      Amount amount)
      throws SQLException {
    Optional<Found> found = sql.first(
        FOUND,
        SqlChanges::found,
        after.number(),
        after.number(),
        conversation.text(),
        account.text());
    if (found.isEmpty()) {
      return Optional.empty();
    }
    Conversation now = found.get().conversation();
    if (!now.revision().isAfter(after)) { // the usual result of a poll without an event
      return Optional.of(new Changes(List.of(), now.revision(), false));
    }
    Conversation.Details details = now.details();
    boolean detailsChanged = details.revision().isAfter(after.laterOf(Revision.CREATED));
    if (detailsChanged && !amount.room().takes(details)) {
      return Optional.of(new Changes(List.of(), after, true));
    }
    Part part = messages(sql, found.get(), after, limit, amount);
    Revision upTo = part.end().orElse(now.revision());
    List<Changes.Change> changes = new ArrayList<>();
    part.messages().forEach(message -> changes.add(new Changes.Change.OfMessage(message)));
    sql.list(
            "SELECT " + SqlRows.PARTICIPANT
                + " FROM participant WHERE conversation_sid = ? AND revision > ?",
            SqlRows::participant,
            conversation.text(),
            after.number())
        .forEach(participant -> changes.add(new Changes.Change.OfParticipant(participant)));
    Revision stateRevision = now.status().since().revision();
    if (stateRevision.isAfter(after)) {
      changes.add(Changes.Change.OfState.of(now, stateRevision));
    }
    if (detailsChanged) {
      changes.add(new Changes.Change.OfConversation(
          details.attributes(),
          details.inboxReadIndex(),
          new Version(details.revision(), now.updated())));
    }
    changes.removeIf(change -> change.revision().isAfter(upTo));
    changes.sort(Comparator.comparing(Changes.Change::revision));
    return Optional.of(new Changes(List.copyOf(changes), upTo, part.end().isPresent()));
  }

  /**
   * The messages of one read, in the order of their last changes.
   *
   * @param end the revision up to which these are all; empty if there are no more
   */
  private record Part(List<Message> messages, Optional<Revision> end) {}

  private static Part messages(Sql sql, Found found, Revision after, int limit, Amount amount)
      throws SQLException {
    String conversation = found.conversation().sid().text();
    Part added = !found.hasAdded()
        ? NOTHING
        : part(
            sql,
            ADDED,
            after,
            limit,
            amount,
            conversation,
            firstAdded(sql, found.conversation(), after, limit),
            after.number(),
            limit + 1);
    if (!found.hasChanged()) {
      return added;
    }
    Part changed =
        part(sql, CHANGED, after, limit, amount, conversation, after.number(), limit + 1);
    Part both = part(
        Stream.of(added, changed)
            .flatMap(one -> one.messages().stream())
            .sorted(Comparator.comparing(Message::revision))
            .toList(),
        after,
        limit,
        amount);
    Optional<Revision> end = Stream.of(added, changed, both)
        .flatMap(one -> one.end().stream())
        .min(Comparator.naturalOrder());
    return new Part(
        both.messages().stream()
            .filter(message -> end.filter(message.revision()::isAfter).isEmpty())
            .toList(),
        end);
  }

  private static Part part(
      Sql sql, String query, Revision after, int limit, Amount amount, Object... arguments)
      throws SQLException {
    Filling filling = new Filling(limit, amount.room());
    sql.listWhile(query, SqlRows::message, filling::takes, arguments);
    return filling.part(after);
  }

  private static Part part(List<Message> messages, Revision after, int limit, Amount amount) {
    Filling filling = new Filling(limit, amount.room());
    var _ = messages.stream().allMatch(filling::takes);
    return filling.part(after);
  }

  /** Takes messages up to a limit of their number and of their length. */
  private static final class Filling {
    private final int limit;
    private final Room room;
    private final List<Message> messages = new ArrayList<>();
    private boolean more;

    Filling(int limit, Room room) {
      this.limit = limit;
      this.room = room;
    }

    boolean takes(Message message) {
      more = messages.size() == limit || !room.takes(message);
      if (!more) {
        messages.add(message);
      }
      return !more;
    }

    Part part(Revision after) {
      Revision last = messages.isEmpty() ? after : messages.getLast().revision();
      return new Part(messages, more ? Optional.of(last) : Optional.empty());
    }
  }

  /** See {@link ConversationStore#changed}. */
  static List<Changed> ofAccount(
      Sql sql, Sid.Account account, Conversations.Place after, Instant until, int limit)
      throws SQLException {
    return sql.list(
        """
            SELECT sid, revision, updated_at, FALSE AS erased FROM conversation
            WHERE account_sid = ? AND (updated_at, sid) > (?, ?) AND updated_at <= ?
            UNION ALL
            SELECT sid, revision, erased_at AS updated_at, TRUE AS erased FROM erased_conversation
            WHERE account_sid = ? AND (erased_at, sid) > (?, ?) AND erased_at <= ?
            ORDER BY updated_at, sid LIMIT ?
            """,
        row -> new Changed(
            new Sid.Conversation(Sql.text(row, "sid")),
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
        limit);
  }
}

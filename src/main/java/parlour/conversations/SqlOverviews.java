package parlour.conversations;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import parlour.Identity;
import parlour.Limits;
import parlour.Sid;
import parlour.store.Sql;

/** Lists of conversations, and the overview of each in a list. */
final class SqlOverviews {
  /** Before every conversation, in a list with the oldest first. */
  private static final Conversations.Place FIRST =
      new Conversations.Place(Instant.EPOCH, new Sid.Conversation("CH" + "0".repeat(32)));

  /** After every conversation, in a list with the oldest first. */
  private static final Conversations.Place LAST = new Conversations.Place(
      Instant.ofEpochMilli(Long.MAX_VALUE), new Sid.Conversation("CH" + "f".repeat(32)));

  private static final String LISTED =
      "SELECT " + SqlRows.CONVERSATION + ", assignee, waiting_since";

  private static final String DESK_OF_LABELLED =
      "(SELECT address_sid FROM conversation AS one WHERE one.sid = labelled.conversation_sid)";

  private record Listed(
      Conversation conversation, Optional<Identity> assignee, Optional<Instant> waitingSince) {}

  private static Listed listed(ResultSet row) throws SQLException {
    return new Listed(
        SqlRows.conversation(row),
        SqlTeamStore.assignee(Sql.text(row, "assignee")),
        Optional.ofNullable(Sql.instantOrNull(row, "waiting_since")));
  }

  private SqlOverviews() {}

  /** See {@link ConversationStore#list}. */
  static Page<Conversations.Overview> list(
      Sql sql,
      Sid.Account account,
      Optional<Conversation.State> state,
      Optional<Conversations.Place> after,
      int limit)
      throws SQLException {
    List<String> arguments = new ArrayList<>(List.of(account.text()));
    state.ifPresent(one -> arguments.add(one.word()));
    return page(
        sql,
        " FROM conversation WHERE account_sid = ?"
            + (state.isPresent() ? " AND state = ?" : "")
            + " AND (created_at, sid) < (?, ?) ORDER BY created_at DESC, sid DESC LIMIT ?",
        arguments,
        after.orElse(LAST),
        limit);
  }

  /** See {@link ConversationStore#inbox}. Each list is the order of one index, or of one for each desk. */
  static Page<Conversations.Overview> inbox(
      Sql sql,
      Sid.Account account,
      Sight sight,
      InboxList list,
      Optional<Conversations.Place> after,
      int limit)
      throws SQLException {
    if (seesNothing(sight)) {
      return new Page<>(List.of(), false);
    }
    SqlDeskLists.Query query = query(account, sight, list, after, limit);
    return of(
        sql,
        sql.list(LISTED + query.sql(), SqlOverviews::listed, query.arguments().toArray()),
        limit);
  }

  /** See {@link ConversationStore#count}. */
  static int count(Sql sql, Sid.Account account, Sight sight, InboxList list, int max)
      throws SQLException {
    if (seesNothing(sight)) {
      return 0;
    }
    SqlDeskLists.Query query = query(account, sight, list, Optional.empty(), max - 1);
    return sql.first(
            "SELECT count(*) AS listed FROM (SELECT sid" + query.sql() + ") AS page",
            row -> row.getInt("listed"),
            query.arguments().toArray())
        .orElseThrow();
  }

  /** See {@link ConversationStore#unread}. */
  static int unread(Sql sql, Sid.Account account, Sight sight, InboxList list, int conversations)
      throws SQLException {
    if (seesNothing(sight)) {
      return 0;
    }
    SqlDeskLists.Query query = query(account, sight, list, Optional.empty(), conversations - 1);
    return sql.first(
            """
            SELECT coalesce(sum(unread), 0) AS unread FROM (SELECT
              (SELECT count(*) FROM (SELECT 1 FROM message
                WHERE conversation_sid = unread_sid AND message_index > read_index
                  AND author_kind = 'guest' AND NOT removed LIMIT %2$d) AS counted) AS unread
              FROM (SELECT sid AS unread_sid, inbox_read_index AS read_index,
                next_index AS end_index%1$s) AS page
              WHERE read_index < end_index - 1) AS counted""".formatted(query.sql(), Limits.UNREAD_OF_EACH),
            row -> row.getInt("unread"),
            query.arguments().toArray())
        .orElseThrow();
  }

  private static boolean seesNothing(Sight sight) {
    return !sight.isWhole() && sight.others().isEmpty();
  }

  /** The query of a page after its columns, for one conversation more than the limit. */
  private static SqlDeskLists.Query query(
      Sid.Account account,
      Sight sight,
      InboxList list,
      Optional<Conversations.Place> after,
      int limit) {
    Conversations.Place place = after.orElse(isOldestFirst(list) ? FIRST : LAST);
    return sight.isWhole()
        ? ofAccount(account, sight, list, place, limit)
        : SqlDeskLists.query(sight, list, place, limit)
            .orElseGet(() -> ofAccount(account, sight, list, place, limit));
  }

  private static SqlDeskLists.Query ofAccount(
      Sid.Account account, Sight sight, InboxList list, Conversations.Place place, int limit) {
    if (list instanceof InboxList.Filtered filtered) {
      return SqlFilteredLists.query(account, sight, filtered, place, limit);
    }
    String listed = " FROM conversation WHERE guest_spoke AND account_sid = ?"
        + isNotHidden("address_sid", sight);
    List<String> arguments = new ArrayList<>(List.of(account.text()));
    arguments.addAll(hidden(sight));
    String byActivity =
        " AND (last_activity_at, sid) < (?, ?) ORDER BY last_activity_at DESC, sid DESC LIMIT ?";
    String assigned = listed + " AND state = 'active' AND assignee = ?" + byActivity;
    String waiting = listed + " AND waiting_since IS NOT NULL AND (waiting_since, sid) ";
    String query = switch (list) {
      case InboxList.InState(Conversation.State state) -> {
        arguments.add(state.word());
        yield listed + " AND state = ?" + byActivity;
      }
      case InboxList.AssignedTo(Identity agent) -> {
        arguments.add(agent.text());
        yield assigned;
      }
      case InboxList.Unassigned() -> {
        arguments.add(SqlTeamStore.column(Optional.empty()));
        yield assigned;
      }
      case InboxList.Labelled(String label) -> {
        arguments.add(1, label);
        yield labelled(isNotHidden(DESK_OF_LABELLED, sight));
      }
      case InboxList.Waiting(InboxList.Order order) ->
        waiting
            + switch (order) {
              case OLDEST -> "> (?, ?) ORDER BY waiting_since, sid LIMIT ?";
              case NEWEST -> "< (?, ?) ORDER BY waiting_since DESC, sid DESC LIMIT ?";
            };
      case InboxList.Filtered _ -> throw new IllegalStateException("has a query of its own");
    };
    return new SqlDeskLists.Query(query, withPlace(arguments, place, limit));
  }

  private static List<Object> withPlace(
      List<String> arguments, Conversations.Place place, int limit) {
    List<Object> all = new ArrayList<>(arguments);
    all.add(place.at());
    all.add(place.sid().text());
    all.add(limit + 1);
    return all;
  }

  /**
   * The page is found in the labels, whose index has its order. The query names no account beside, because SQLite
   * would then read all conversations of the account.
   */
  private static String labelled(String isNotHidden) {
    return """
         FROM conversation WHERE sid IN (
          SELECT conversation_sid FROM conversation_label AS labelled
          WHERE labelled.account_sid = ? AND label = ?%s AND (began_at, conversation_sid) < (?, ?)
          ORDER BY began_at DESC, conversation_sid DESC LIMIT ?)
        ORDER BY created_at DESC, sid DESC""".formatted(isNotHidden);
  }

  private static boolean isOldestFirst(InboxList list) {
    return list instanceof InboxList.Waiting(InboxList.Order order)
        && order == InboxList.Order.OLDEST;
  }

  /** A condition with an argument for each hidden desk. */
  private static String isNotHidden(String desk, Sight sight) {
    int count = sight.hidden().size();
    return count == 0 ? "" : " AND " + desk + " NOT IN " + Sql.places(count);
  }

  private static List<String> hidden(Sight sight) {
    return sight.hidden().stream().map(Sid.Address::text).toList();
  }

  /**
   * @param from the query after its columns; its last arguments are the place and the limit
   */
  private static Page<Conversations.Overview> page(
      Sql sql, String from, List<String> arguments, Conversations.Place after, int limit)
      throws SQLException {
    return of(
        sql,
        sql.list(
            LISTED + from,
            SqlOverviews::listed,
            withPlace(arguments, after, limit).toArray()),
        limit);
  }

  /**
   * See {@link ConversationStore#othersOf}. The account is in an expression, which no index has, because
   * SQLite would otherwise read all conversations of the account.
   */
  static Page<Conversations.Overview> othersOf(
      Sql sql, Sid.Account account, Sid.Conversation conversation, int limit) throws SQLException {
    return of(
        sql,
        sql.list(
            LISTED + """
                 FROM conversation
                WHERE account_sid || '' = ? AND guest_spoke AND sid IN (
                  SELECT other.conversation_sid FROM participant AS one
                  JOIN participant AS other ON other.identity = one.identity
                  WHERE one.conversation_sid = ? AND one.kind = 'guest' AND other.kind = 'guest'
                    AND other.conversation_sid <> one.conversation_sid)
                ORDER BY created_at DESC, sid DESC LIMIT ?
                """, SqlOverviews::listed, account.text(), conversation.text(), limit + 1),
        limit);
  }

  /** See {@link ConversationStore#ofGuest}, and {@link #othersOf} about the account. */
  static Page<Conversations.Overview> ofGuest(
      Sql sql, Sid.Account account, Identity guest, Optional<Conversations.Place> after, int limit)
      throws SQLException {
    return page(sql, """
         FROM conversation
        WHERE account_sid || '' = ? AND sid IN (
          SELECT conversation_sid FROM participant WHERE identity = ? AND kind = 'guest')
          AND (created_at, sid) < (?, ?)
        ORDER BY created_at DESC, sid DESC LIMIT ?""", List.of(account.text(), guest.text()), after.orElse(LAST), limit);
  }

  private static Page<Conversations.Overview> of(Sql sql, List<Listed> conversations, int limit)
      throws SQLException {
    Room room = Amount.PAGE.room();
    List<Conversations.Overview> overviews = new ArrayList<>();
    int count = Math.min(conversations.size(), limit);
    for (int from = 0; from < count; from += SqlDetails.AT_ONCE) {
      List<Listed> some = conversations.subList(from, Math.min(count, from + SqlDetails.AT_ONCE));
      SqlDetails details = SqlDetails.of(sql, some);
      for (Listed listed : some) {
        Conversations.Overview overview = details.overview(listed);
        if (!room.takes(overview)) {
          return new Page<>(overviews, true);
        }
        overviews.add(overview);
      }
    }
    return new Page<>(overviews, conversations.size() > limit);
  }

  /** See {@link ConversationStore#overview}. */
  static Optional<Conversations.Overview> find(
      Sql sql, Sid.Account account, Sid.Conversation conversation) throws SQLException {
    Optional<Listed> found = sql.first(
        LISTED + " FROM conversation WHERE sid = ? AND account_sid = ?",
        SqlOverviews::listed,
        conversation.text(),
        account.text());
    return found.isEmpty()
        ? Optional.empty()
        : Optional.of(SqlDetails.of(sql, List.of(found.get())).overview(found.get()));
  }

  /** The details of some conversations that are not in their rows. */
  private record SqlDetails(
      Map<String, Participant> guests,
      Map<String, Message> lastMessages,
      Map<String, Long> unread,
      Map<String, List<String>> labels) {
    /**
     * How many conversations one statement reads. Its text is always the same, so that it is
     * prepared once. Ten of the longest messages fit into the memory that is reserved for a page.
     */
    static final int AT_ONCE = 10;

    private static final String THESE = " IN " + Sql.places(AT_ONCE);

    private static final String GUESTS = "SELECT " + SqlRows.PARTICIPANT
        + " FROM participant WHERE kind || '' = 'guest' AND conversation_sid" + THESE
        + " ORDER BY joined_at";

    private static final String LAST_MESSAGES = "SELECT " + SqlRows.MESSAGE
        + " FROM message JOIN (SELECT sid AS listed_sid, next_index - 1 AS last_index"
        + " FROM conversation WHERE sid" + THESE + ") AS listed"
        + " ON conversation_sid = listed_sid AND message_index = last_index";

    private static final String UNREAD = """
        SELECT sid, (SELECT count(*) FROM (
          SELECT 1 FROM message
          WHERE conversation_sid = conversation.sid
            AND message_index > conversation.inbox_read_index AND author_kind = 'guest'
            AND NOT removed
          LIMIT %d) AS counted) AS unread
        FROM conversation WHERE sid""".formatted(Limits.UNREAD_COUNTED) + THESE;

    private static final String LABELS =
        "SELECT conversation_sid, label FROM conversation_label WHERE conversation_sid" + THESE
            + " ORDER BY label";

    /**
     * @param listed at most {@link #AT_ONCE}
     */
    static SqlDetails of(Sql sql, List<Listed> listed) throws SQLException {
      @Nullable
      Object[] sids =
          Sql.padded(listed.stream().map(one -> one.conversation().sid()).toList(), AT_ONCE);
      Map<String, Participant> guests = new HashMap<>();
      for (Participant guest : sql.list(GUESTS, SqlRows::participant, sids)) {
        guests.putIfAbsent(guest.conversation().text(), guest);
      }
      Map<String, Message> lastMessages = new HashMap<>();
      for (Message last : sql.list(LAST_MESSAGES, SqlRows::message, sids)) {
        lastMessages.put(last.conversation().text(), last);
      }
      Map<String, Long> unread = new HashMap<>();
      sql.list(UNREAD, row -> Map.entry(Sql.text(row, "sid"), row.getLong("unread")), sids)
          .forEach(entry -> unread.put(entry.getKey(), entry.getValue()));
      Map<String, List<String>> labels = new HashMap<>();
      sql.list(
              LABELS,
              row -> Map.entry(Sql.text(row, "conversation_sid"), Sql.text(row, "label")),
              sids)
          .forEach(entry ->
              labels.computeIfAbsent(entry.getKey(), _ -> new ArrayList<>()).add(entry.getValue()));
      return new SqlDetails(guests, lastMessages, unread, labels);
    }

    Conversations.Overview overview(Listed listed) {
      String sid = listed.conversation().sid().text();
      return new Conversations.Overview(
          listed.conversation(),
          Optional.ofNullable(guests.get(sid)),
          Optional.ofNullable(lastMessages.get(sid)),
          unread.getOrDefault(sid, 0L),
          new Teamwork(
              listed.assignee(), listed.waitingSince(), labels.getOrDefault(sid, List.of())));
    }
  }
}

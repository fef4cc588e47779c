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

  /**
   * See {@link ConversationStore#inbox}. A list is read in the order of one index, or of one index for each desk; otherwise
   * the rows of an index are examined one by one.
   */
  static InboxPage inbox(
      Sql sql,
      Sid.Account account,
      Sight sight,
      InboxList list,
      Optional<Conversations.Place> after,
      int limit)
      throws SQLException {
    if (seesNothing(sight)) {
      return new InboxPage(List.of(), Optional.empty());
    }
    Conversations.Place place = after.orElse(isOldestFirst(list) ? FIRST : LAST);
    Optional<SqlDeskLists.Query> ordered = ordered(account, sight, list, place, limit);
    if (ordered.isPresent()) {
      Object[] arguments = ordered.get().arguments().toArray();
      return inboxPage(
          of(sql, sql.list(LISTED + ordered.get().sql(), SqlOverviews::listed, arguments), limit),
          list,
          Optional.empty());
    }
    SqlFilteredLists.Found found = SqlFilteredLists.page(sql, account, sight, list, place, limit);
    return inboxPage(of(sql, listed(sql, found.conversations()), limit), list, found.next());
  }

  /** Whether a page of the list examines rows that are not in it; see {@link SqlFilteredLists}. */
  static boolean isExamined(Sid.Account account, Sight sight, InboxList list) {
    return !seesNothing(sight) && ordered(account, sight, list, LAST, 1).isEmpty();
  }

  /** The query after its columns, if an index, or one for each desk, has the order of the list. */
  private static Optional<SqlDeskLists.Query> ordered(
      Sid.Account account, Sight sight, InboxList list, Conversations.Place place, int limit) {
    return sight.isWhole()
        ? ofAccount(account, sight, list, place, limit)
        : SqlDeskLists.query(sight, list, place, limit);
  }

  /** A place after all conversations of this time, which is the place of none of them. */
  static Conversations.Place afterAllOf(InboxList list, Instant time) {
    return new Conversations.Place(time, (isOldestFirst(list) ? LAST : FIRST).sid());
  }

  /**
   * @param next where the list goes on after a whole page
   */
  private static InboxPage inboxPage(
      Page<Conversations.Overview> page, InboxList list, Optional<Conversations.Place> next) {
    return new InboxPage(
        page.items(), page.more() ? Optional.of(list.place(page.items().getLast())) : next);
  }

  /** The conversations in this order. */
  private static List<Listed> listed(Sql sql, List<Sid.Conversation> conversations)
      throws SQLException {
    Map<Sid.Conversation, Listed> read = new HashMap<>();
    for (int from = 0; from < conversations.size(); from += SqlDetails.AT_ONCE) {
      int end = Math.min(conversations.size(), from + SqlDetails.AT_ONCE);
      for (Listed one : sql.list(
          LISTED + " FROM conversation WHERE sid" + SqlDetails.THESE,
          SqlOverviews::listed,
          Sql.padded(conversations.subList(from, end), SqlDetails.AT_ONCE))) {
        read.put(one.conversation().sid(), one);
      }
    }
    return conversations.stream()
        .flatMap(one -> Optional.ofNullable(read.get(one)).stream())
        .toList();
  }

  /** See {@link ConversationStore#count}. */
  static int count(Sql sql, Sid.Account account, Sight sight, InboxList list, int max)
      throws SQLException {
    if (seesNothing(sight)) {
      return 0;
    }
    SqlDeskLists.Query query = counted(account, sight, list, max - 1);
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
    SqlDeskLists.Query query = counted(account, sight, list, conversations - 1);
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

  /**
   * The query of a page after its columns, for one conversation more than the limit.
   *
   * @throws IllegalArgumentException if no index has the order of the list
   */
  private static SqlDeskLists.Query counted(
      Sid.Account account, Sight sight, InboxList list, int limit) {
    Conversations.Place first = isOldestFirst(list) ? FIRST : LAST;
    return Optional.of(sight)
        .filter(one -> !one.isWhole())
        .flatMap(one -> SqlDeskLists.query(one, list, first, limit))
        .or(() -> ofAccount(account, sight, list, first, limit))
        .orElseThrow(() -> new IllegalArgumentException("this list is not counted: " + list));
  }

  /** The query after its columns, if an index has the order of the list. */
  private static Optional<SqlDeskLists.Query> ofAccount(
      Sid.Account account, Sight sight, InboxList list, Conversations.Place place, int limit) {
    String listed = " FROM conversation WHERE guest_spoke AND account_sid = ?" + isNotHidden(sight);
    List<String> arguments = new ArrayList<>(List.of(account.text()));
    arguments.addAll(hidden(sight));
    String byActivity =
        " AND (last_activity_at, sid) < (?, ?) ORDER BY last_activity_at DESC, sid DESC LIMIT ?";
    String assigned = listed + " AND state = 'active' AND assignee = ?" + byActivity;
    String waiting = listed + " AND waiting_since IS NOT NULL AND (waiting_since, sid) ";
    Optional<String> query = switch (list) {
      case InboxList.InState(Conversation.State state) -> {
        arguments.add(state.word());
        yield Optional.of(listed + " AND state = ?" + byActivity);
      }
      case InboxList.AssignedTo(Identity agent) -> {
        arguments.add(agent.text());
        yield Optional.of(assigned);
      }
      case InboxList.Unassigned() -> {
        arguments.add(SqlTeamStore.column(Optional.empty()));
        yield Optional.of(assigned);
      }
      case InboxList.Waiting(InboxList.Order order) ->
        Optional.of(waiting
            + switch (order) {
              case OLDEST -> "> (?, ?) ORDER BY waiting_since, sid LIMIT ?";
              case NEWEST -> "< (?, ?) ORDER BY waiting_since DESC, sid DESC LIMIT ?";
            });
      case InboxList.Labelled _, InboxList.Filtered _ -> Optional.empty();
    };
    return query.map(one -> new SqlDeskLists.Query(one, withPlace(arguments, place, limit)));
  }

  private static List<Object> withPlace(
      List<String> arguments, Conversations.Place place, int limit) {
    List<Object> all = new ArrayList<>(arguments);
    all.add(place.at());
    all.add(place.sid().text());
    all.add(limit + 1);
    return all;
  }

  private static boolean isOldestFirst(InboxList list) {
    return list instanceof InboxList.Waiting(InboxList.Order order)
        && order == InboxList.Order.OLDEST;
  }

  /** A condition with an argument for each hidden desk. */
  static String isNotHidden(Sight sight) {
    int count = sight.hidden().size();
    return count == 0 ? "" : " AND address_sid NOT IN " + Sql.places(count);
  }

  static List<String> hidden(Sight sight) {
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

    static final String THESE = " IN " + Sql.places(AT_ONCE);

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
